import { sql } from 'kysely';
import type { ReasonSettings } from '../project/model-types.ts';
import type { EventRule, ReasonTemplate, Rule } from '../project/rule-types.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import { type CardRule, type CardWords, countsForWords, type WordPart } from './card.ts';
import { eventsColumn } from './event-tally.ts';
import { name, textLiteral } from './literals.ts';
import type { Span } from './span.ts';

/** What reasons say where nobody says something else. */
const english = {
  events: { one: '{label} once[ in {window}]', many: '{label} {count} times[ in {window}]' },
  // How often would be wrong here, and the words for what is counted are the label's.
  distinct: { one: '{label}: {count}[ in {window}]', many: '{label}: {count}[ in {window}]' },
  units: {
    day: { one: 'day', many: 'days' },
    hour: { one: 'hour', many: 'hours' },
    minute: { one: 'minute', many: 'minutes' },
  },
} as const satisfies ReasonSettings;

/** The rule and its variants with their words, where they are more than its label. */
export function withWords(rule: CardRule, written: Rule, reasons: ReasonSettings): CardRule {
  const template = written.reason ?? generalTemplate(written, reasons);
  if (template === null) return rule;
  const worded = (one: CardRule): CardRule => {
    const window = windowOf(one);
    const inWords = window === undefined ? null : windowInWords(window, reasons.units ?? english.units);
    return { ...one, words: wordsOf(template, written.label, inWords) };
  };
  const variants = rule.variants?.map((variant) => ({ ...variant, rule: worded(variant.rule) }));
  return variants === undefined ? worded(rule) : { ...worded(rule), variants };
}

/** Null for rules that hold or do not: their label says all of it, even the number that `at_least` asks for. */
function generalTemplate(rule: Rule, { events, distinct }: ReasonSettings): ReasonTemplate | null {
  if (rule.kind !== 'event' || givesOnce(rule)) return null;
  return rule.count.kind === 'distinct' ? (distinct ?? english.distinct) : (events ?? english.events);
}

function givesOnce({ count, atLeast, session }: EventRule): boolean {
  return count.kind === 'once' || atLeast !== undefined || session?.least?.measure === 'count';
}

/** The window up to now that a reason can name. */
function windowOf(rule: CardRule): Span | undefined {
  if (rule.kind === 'absence') return rule.within;
  return rule.kind === 'event' && rule.from === undefined ? rule.within : undefined;
}

/** @param window in words, null for none: a template that cannot do without it gives way to the label */
function wordsOf({ one, many }: ReasonTemplate, label: string, window: string | null): CardWords {
  const optional = /\[([^[\]]*\{window\}[^[\]]*)\]/g;
  const texts = [one, many].map((text) => text.replaceAll(optional, window === null ? '' : '$1'));
  const lacksWindow = window === null && texts.some((text) => text.includes('{window}'));
  const [forOne = '', forMany = ''] = lacksWindow ? ['{label}', '{label}'] : texts;
  const partsOf = (template: string) =>
    template.split(/(\{(?:count|label|window)\})/).flatMap((part): readonly WordPart[] => {
      if (part === '{count}') return [{ kind: 'count' }];
      const filled = part === '{label}' ? label : part === '{window}' ? (window ?? '') : part;
      return filled === '' ? [] : [{ kind: 'text', text: filled }];
    });
  return { one: partsOf(forOne), many: partsOf(forMany) };
}

/** `90 days`, `36 hours`, `1 day` */
function windowInWords({ unit, length }: Span, units: NonNullable<ReasonSettings['units']>): string {
  const counted = (amount: number, words: ReasonTemplate) => `${amount} ${amount === 1 ? words.one : words.many}`;
  if (unit === 'days') return counted(length, units.day);
  return length % 3600 === 0 ? counted(length / 3600, units.hour) : counted(length / 60, units.minute);
}

/** What a reason calls a rule, and what follows it: all in one concat, so that no row's text is put together twice. */
export function wordedText(rule: CardRule, ending: readonly (string | Fragment)[], dialect: Dialect): Fragment {
  const { words } = rule;
  if (words === undefined) return concatenated([rule.label, ...ending], dialect);
  const [integer, text] = [dialect.type({ kind: 'integer' }), dialect.type({ kind: 'text' })];
  // Never null where the reason is shown: what gives points has events that count.
  const events = name(eventsColumn(rule));
  const count = sql`cast(cast(${events} as ${integer}) as ${text})`;
  const textOf = (parts: readonly WordPart[]) =>
    concatenated([...parts.map((part) => (part.kind === 'text' ? part.text : count)), ...ending], dialect);
  const many = textOf(words.many);
  if (!countsForWords(rule)) return many;
  return sql`case when ${events} = 1 then ${textOf(words.one)}\n      else ${many} end`;
}

/** Neighbouring texts become one. */
function concatenated(parts: readonly (string | Fragment)[], dialect: Dialect): Fragment {
  const joined: (string | Fragment)[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = `${last}${part}`;
    else joined.push(part);
  }
  return sql`concat(${sql.join(joined.map((part) => (typeof part === 'string' ? textLiteral(part, dialect) : part)))})`;
}
