import { sql } from 'kysely';
import { rulePointsColumn } from '../project/scorecard-columns.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import { type Card, type CardRule, signOf } from './card.ts';
import { name, numberLiteral } from './literals.ts';
import { wordedText } from './reason-words.ts';
import type { StepOptions } from './score-steps.ts';
import { inSegment } from './segments.ts';
import { column, linesOf, type Step } from './select-text.ts';

/** More would be a list of all rules. */
const maxReasons = 5;

/**
 * The strongest rules in words, such as `Viewed pricing 3 times in 90 days (+30); Silent 30 days (-10)`. Two steps prepare
 * it: each rule's place among the others by absolute points, and its words where they are shown. Comparing each pair of
 * rules looks clumsy, but takes DuckDB half the time of sorting a list in each row.
 */
export function reasonSteps(card: Card, from: string, { dialect, stepName }: StepOptions): readonly Step[] {
  const places = card.rules.map((rule) => column(place(card.rules, rule), `place__${rule.id}`));
  const words = card.rules.map((rule) => column(wordsOf(card.rules, rule, dialect), `words__${rule.id}`));
  const placed: Step = {
    name: stepName('placed_rules'),
    comment: 'The place of each rule by absolute points: from 1 for what gives points, from -1 for what takes them.',
    select: { columns: [sql`*`, ...places], from: name(from) },
  };
  const worded: Step = {
    name: stepName('worded_rules'),
    comment: `The strongest rules in words, at most ${maxReasons}.`,
    select: { columns: [sql`*`, ...words], from: name(placed.name) },
  };
  return [placed, worded];
}

/**
 * What speaks for a score, then what speaks against it, each with the strongest first; the empty text where nothing does.
 * @param words texts in front of them, or null
 */
export function reasonsText({ rules, maxReasonsLength }: Card, dialect: Dialect, words: readonly Fragment[]): Fragment {
  const ofRules = (['positive', 'negative'] as const).flatMap((direction) => {
    const among = rules.filter((rule) => signOf(rule) === direction || signOf(rule) === 'either');
    const last = Math.min(maxReasons, ...among.map((rule) => rivalsOf(rules, rule).length));
    const places = Array.from({ length: last }, (_, index) => (direction === 'positive' ? index + 1 : -index - 1));
    return among.length === 0 ? [] : places.map((at) => wordsAt(among, at));
  });
  const slots = [...words, ...ofRules];
  // Each on a line of its own.
  const text = dialect.joinText(
    slots.map((slot, index) => (index === slots.length - 1 ? slot : sql`${slot}\n   `)),
    '; ',
  );
  return maxReasonsLength === undefined ? text : cutAt(maxReasonsLength, text);
}

/** Cut text ends with a mark. */
function cutAt(length: number, text: Fragment): Fragment {
  const cut = sql`concat(substring(${text}, 1, ${numberLiteral(length - 1)}), '…')`;
  return sql`case when length(${text}) > ${numberLiteral(length)} then ${cut} else ${text} end`;
}

function wordsAt(rules: readonly CardRule[], at: number): Fragment {
  const whens = rules.map(({ id }) => sql`when ${name(`place__${id}`)} then ${name(`words__${id}`)}`);
  return sql`case ${numberLiteral(at)} ${sql.join(whens, sql.raw(' '))} end`;
}

/** Whether there are more rules than reasons, so that those which give and those which take compete for them. */
function isCrowded(rules: readonly CardRule[]): boolean {
  return rules.length > maxReasons;
}

/**
 * The rules that a rule's place is among, itself included; as many for each rule of its direction. Where all are shown and
 * each one's direction is known, those of the other direction do not matter.
 */
function rivalsOf(rules: readonly CardRule[], rule: CardRule): readonly CardRule[] {
  const isMixed = isCrowded(rules) || rules.some((other) => signOf(other) === 'either');
  return isMixed ? rules : rules.filter((other) => signOf(other) === signOf(rule));
}

/** Of equals, the rule that comes first in the card has the better place. */
function place(rules: readonly CardRule[], rule: CardRule): Fragment {
  const sign = signOf(rule);
  const own = name(rulePointsColumn(rule.id));
  const stronger = rivalsOf(rules, rule).flatMap((rival): readonly Fragment[] => {
    if (rival === rule) return [];
    const beats = sql.raw(rules.indexOf(rival) < rules.indexOf(rule) ? '>=' : '>');
    return [sql`case when abs(${name(rulePointsColumn(rival.id))}) ${beats} abs(${own}) then 1 else 0 end`];
  });
  const rank = linesOf([sql`1`, ...stronger], '+');
  switch (sign) {
    case 'positive':
      return rank;
    case 'negative':
      return sql`-(${rank})`;
    case 'either':
      return sql`case when ${own} < 0 then -1 else 1 end * (${rank})`;
    default:
      return sign satisfies never;
  }
}

/** Points become whole by a cast, which rounds. Less than half a point would read as none, and is left out. */
function wordsOf(rules: readonly CardRule[], rule: CardRule, dialect: Dialect): Fragment {
  const points = name(rulePointsColumn(rule.id));
  const whole = sql`cast(cast(${points} as ${dialect.type({ kind: 'integer' })}) as ${dialect.type({ kind: 'text' })})`;
  const text = (sign: '' | '+') => {
    const ending = [` (${sign}`, whole, ')'];
    if (rule.words === undefined) return wordedText(rule, ending, dialect);
    return inSegment(rule, dialect, (variant) => wordedText(variant, ending, dialect));
  };
  const [gain, loss] = [text('+'), text('')];
  const { words, isFelt } = {
    positive: { words: gain, isFelt: sql`${points} >= 0.5` },
    negative: { words: loss, isFelt: sql`${points} <= -0.5` },
    either: { words: sql`case when ${points} > 0 then ${gain} else ${loss} end`, isFelt: sql`abs(${points}) >= 0.5` },
  }[signOf(rule)];
  const isShown = isCrowded(rules)
    ? sql`${isFelt} and abs(${name(`place__${rule.id}`)}) <= ${numberLiteral(maxReasons)}`
    : isFelt;
  return sql`case when ${isShown} then ${words} end`;
}
