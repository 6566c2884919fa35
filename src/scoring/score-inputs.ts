import { sql } from 'kysely';
import type { ScoredModel } from '../project/model-types.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import { happenedBy, happenedSince } from './age-bounds.ts';
import type { Card, CardRule, Expression, Relation } from './card.ts';
import { readCombine } from './combine-card.ts';
import { type DayInputs, dayInputs } from './day-inputs.ts';
import { dateLiteral, name, numberLiteral, textLiteral } from './literals.ts';
import { memberWeight } from './memberships.ts';
import { type EventScan, planScans, type ScanRule, scanReach, scanReads } from './plan-scans.ts';
import { readCard } from './read-card.ts';
import { allOf, column, linesOf, type Step, selectText, statement } from './select-text.ts';
import { daysBack, type Span } from './span.ts';
import { stepNamer } from './step-namer.ts';
import type { ScoringContext } from './types.ts';

/*
 * What a score was made of, as one number per entity, so that the next build can tell whether a score moved because
 * something happened or because the clock went on.
 *
 * The number is the sum of a checksum over every event that a rule counts or may count later (its `where` holds and it is
 * younger than the rule's window or the end of its decay), over its time and whatever SQL of the rule reads of it, and of
 * a checksum of what the card reads of the entity's row. A sum does not care for order, and counts duplicates.
 *
 * A build at T that follows one at P computes three things in one pass over the events: the sum at T, to be kept; the sum
 * that the same data give at P; and whether an event that counts at T happened after P. If the second equals what was kept
 * at P, then nothing that counted at P was added, removed or changed since, however late it was loaded; with the third,
 * nothing new came. Then decay, windows and other clocks alone moved the score. SQL that reads `as_of` is evaluated at both.
 */

export interface InputsRequest {
  readonly now: ScoringContext;
  /** The same, at the instant of the build before; null where there is none. */
  readonly before: ScoringContext | null;
  /** Of a scorecard whose builds keep the sums of days: those stand for the events. */
  readonly days?: DayInputs;
}

/**
 * One row per entity key, people without events and events without people included. Columns: `entity_key` as text, `inputs` and
 * `inputs_before` (whole numbers as text; the latter null without a build before), `has_news` (1 or 0).
 */
export function compileInputs(model: ScoredModel, { now, before, days }: InputsRequest): Fragment {
  const { dialect } = now;
  const at = (context: ScoringContext): Moment => {
    const card = cardOf(model, context);
    return { context, card, scans: planScans({ ...card, incremental: undefined }) };
  };
  const moments: Moments = { now: at(now), before: before === null ? null : at(before) };
  const { card, scans } = moments.now;
  const stepName = stepNamer(card);
  const named = (step: Step): Step => ({ ...step, name: stepName(`inputs_of_${step.name}`) });
  const steps: Step[] = [];
  const parts = [entityStep(card, moments), ...memberSteps(card, dialect)].map(named);
  if (days !== undefined) {
    const compared = days.keptByEvents ? null : before;
    const ofDays = planScans(card).map((scan) =>
      dayInputs(scan, { table: days.tableOf(scan.word), now, before: compared }),
    );
    parts.push(...ofDays.map(named));
  }
  const isOfDays = days !== undefined && (before === null || !days.keptByEvents);
  for (const [index, scan] of isOfDays ? [] : scans.entries()) {
    const [events, summed] = eventsSteps(scan, moments.before?.scans[index] ?? scan, card.key, moments);
    const marked = named(events);
    steps.push(marked);
    const part = named(summed(marked.name));
    parts.push(days === undefined ? part : asBefore(part));
  }
  steps.push(...parts);
  const all = sql.join(
    parts.map((step) => sql`select * from ${name(step.name)}`),
    sql.raw('\n  union all '),
  );
  const text = dialect.type({ kind: 'text' });
  return statement(`One row per ${card.key}: what the scorecard ${card.name} is made of, in numbers.`, steps, {
    columns: [
      name('entity_key'),
      sql`cast(sum(inputs) as ${text}) as inputs`,
      moments.before === null
        ? sql`cast(null as ${text}) as inputs_before`
        : sql`cast(sum(inputs_before) as ${text}) as inputs_before`,
      sql`max(has_news) as has_news`,
    ],
    from: sql`(${all}) as parts`,
    groupBy: [name('entity_key')],
  });
}

/** Of a combination, what it reads of the entity's row: its inputs have a history of their own. */
function cardOf(model: ScoredModel, context: ScoringContext): Card {
  if (model.kind === 'scorecard') return readCard(model, context).card;
  const { inputs: _inputs, expression: _expression, grade: _grade, ...scored } = readCombine(model, context).card;
  return { ...scored, base: 0, groups: [], rules: [] };
}

interface Moment {
  readonly context: ScoringContext;
  readonly card: Card;
  readonly scans: readonly EventScan[];
}

interface Moments {
  readonly now: Moment;
  readonly before: Moment | null;
}

/** What the card's SQL says of the entity's row; not the row itself, of which much may change that no rule reads. */
function entityStep(card: Card, { now, before }: Moments): Step {
  const sums = (moment: Moment) => checksumOf(entityExpressions(moment.card), moment.context.dialect);
  return {
    name: card.entity,
    comment: `One row per ${card.entity}: what the card reads of it.`,
    select: {
      columns: [
        column(keyText(card.key, now.context.dialect), 'entity_key'),
        column(sums(now), 'inputs'),
        column(before === null ? sql`0` : sums(before), 'inputs_before'),
        sql`0 as has_news`,
      ],
      from: card.people.fragment,
      where: [sql`${sql.id(card.key)} is not null`],
    },
  };
}

/** Who belongs to whom, of each relation that roll-ups read; what the rows say is told by the history of their model. */
function memberSteps({ rules }: Card, dialect: Dialect): readonly Step[] {
  const rollups = rules.flatMap((rule) => (rule.kind === 'rollup' ? [rule.rows] : []));
  const distinct = new Map(rollups.map((rows) => [rows.identity, rows]));
  return [...distinct.values()].map((rows): Step => {
    const sum = sql`coalesce(sum(${dialect.checksum([name('member__key'), ...weightOf(rows)])}), 0)`;
    return {
      name: rows.word,
      comment: `One row per entity: the members of ${rows.word}.`,
      select: {
        columns: [
          column(keyText('owner__key', dialect), 'entity_key'),
          column(sum, 'inputs'),
          column(sum, 'inputs_before'),
          sql`0 as has_news`,
        ],
        from: rows.fragment,
        where: [sql`owner__key is not null`],
        groupBy: [name('owner__key')],
      },
    };
  });
}

/**
 * Two steps: which rules count each event, as a number with a bit for each rule, now and at the build before; and the sums.
 * Conditions are written once for each instant, since engines compute again what stands in two branches of a CASE.
 */
function eventsSteps(
  scan: EventScan,
  scanBefore: EventScan,
  cardKey: string,
  { now, before }: Moments,
): readonly [Step, (marked: string) => Step] {
  const { dialect } = now.context;
  const key = scan.events.key ?? cardKey;
  const oldest = (before ?? now).context;
  const reach = scanReach(scan);
  const bounds = scan.instants.map(({ at }) => {
    const since = reach === null ? null : happenedSince(at.fragment, reach, oldest);
    return sql`(${allOf([...(since === null ? [] : [since]), happenedBy(at.fragment, now.context)])})`;
  });
  const isLater = (previous: ScoringContext) =>
    linesOf(
      scanReads(scan).map(
        (read) =>
          sql`(${countsAt(read, now.context)} and not coalesce(${happenedBy(read.instant.at.fragment, previous)}, false))`,
      ),
      'or',
    );
  const values = (of: EventScan, context: ScoringContext, suffix: string) =>
    valuesOf(of, context).map((value, index) => column(value, `value_${index}_${suffix}`));
  const marks = (of: EventScan, context: ScoringContext, suffix: string) =>
    marksAt(of, context).map((mark, index) => column(mark, `counted_${index}_${suffix}`));
  const marked: Step = {
    name: `${scan.word}_counted`,
    comment: `One row per event of ${scan.word} that may count: which rules count it, and what they read of it.`,
    select: {
      columns: [
        column(sql.id(key), 'entity_key'),
        ...marks(scan, now.context, 'now'),
        ...(before === null ? [] : marks(scanBefore, before.context, 'before')),
        column(before === null ? sql`0` : sql`case when ${isLater(before.context)} then 1 else 0 end`, 'is_news'),
        ...values(scan, now.context, 'now'),
        ...(before === null ? [] : values(scanBefore, before.context, 'before')),
      ],
      from: scan.events.fragment,
      where: [sql`${sql.id(key)} is not null`, sql`(${sql.join(bounds, sql.raw(' or '))})`],
    },
  };
  const sumOf = (suffix: string) => {
    const counted = marksAt(scan, now.context).map((_, index) => name(`counted_${index}_${suffix}`));
    const read = valuesOf(scan, now.context).map((_, index) => name(`value_${index}_${suffix}`));
    const checksum = dialect.checksum([textLiteral(scan.word, dialect), ...counted, ...read]);
    return sql`coalesce(sum(case when ${sql.join(counted, sql.raw(' + '))} > 0 then ${checksum} end), 0)`;
  };
  const summed = (from: string): Step => ({
    name: scan.word,
    comment: `One row per entity: the events of ${scan.word} that count now, and those that counted at the build before.`,
    select: {
      columns: [
        column(sql`cast(entity_key as ${dialect.type({ kind: 'text' })})`, 'entity_key'),
        column(sumOf('now'), 'inputs'),
        column(before === null ? sql`0` : sumOf('before'), 'inputs_before'),
        column(sql`max(is_news)`, 'has_news'),
      ],
      from: name(from),
      groupBy: [name('entity_key')],
    },
  });
  return [marked, summed];
}

/** For a build that keeps days and follows one that did not: what that wrote down is compared with what it was made of. */
function asBefore({ name: part, comment, select }: Step): Step {
  const columns = [name('entity_key'), sql`0 as inputs`, name('inputs_before'), name('has_news')];
  return { name: part, comment, select: { columns, from: sql`(\n${selectText(select, '    ')}\n  ) as events` } };
}

/** As many bits as a number holds without loss, whoever reads it. */
const bitsPerMark = 50;

/** Numbers with a bit for each rule that counts the event: an event that another rule counts is another input. */
function marksAt(scan: EventScan, context: ScoringContext): readonly Fragment[] {
  const bits = readsInOrder(scan).map(
    (read, index) =>
      sql`case when ${countsAt(read, context)} then ${numberLiteral(2 ** (index % bitsPerMark))} else 0 end`,
  );
  return Array.from({ length: Math.ceil(bits.length / bitsPerMark) }, (_, part) =>
    linesOf(bits.slice(part * bitsPerMark, (part + 1) * bitsPerMark), '+'),
  );
}

/** By the rules' ids, so that their order in the file does not matter. */
function readsInOrder(scan: EventScan): readonly ScanRule[] {
  return [...scanReads(scan)].sort((a, b) => (a.rule.id < b.rule.id ? -1 : 1));
}

/** What makes an event another one: its times, its weight, and whatever SQL of the rules that count it reads of it. */
function valuesOf(scan: EventScan, context: ScoringContext): readonly Fragment[] {
  const times = [...scan.instants].sort((a, b) => (a.at.meaning.sql < b.at.meaning.sql ? -1 : 1));
  return [
    ...times.map(({ at }) => at.fragment),
    ...weightOf(scan.events),
    ...readsInOrder(scan).flatMap((read) =>
      eventExpressions(read, scan).map((value) => sql`case when ${countsAt(read, context)} then ${value} end`),
    ),
  ];
}

/** Whether a rule counts an event, or will when it is older (`between`): it happened, fits, and is not too old. */
function countsAt({ where, instant, windows, fadedAt }: ScanRule, context: ScoringContext): Fragment {
  const { dialect, asOf } = context;
  const at = instant.at.fragment;
  const age = (unit: Span['unit']) =>
    unit === 'days'
      ? dialect.daysBetween(at, dateLiteral(asOf.day))
      : dialect.secondsBetween(at, dialect.bind({ kind: 'timestamp' }, asOf.instant));
  const conditions = [happenedBy(at, context)];
  if (where !== undefined) conditions.push(where.fragment);
  for (const { unit, length } of windows) conditions.push(sql`${age(unit)} < ${numberLiteral(length)}`);
  // What has faded still takes its place among the events of its day.
  if (fadedAt !== undefined) conditions.push(sql`${age('days')} < ${numberLiteral(daysBack(fadedAt))}`);
  return sql`coalesce(${allOf(conditions) ?? sql`true`}, false)`;
}

/** SQL over the event's row, which stands in event rules alone, and there beside other relations that they read. */
function eventExpressions({ rule }: ScanRule, scan: EventScan): readonly Fragment[] {
  if (rule.kind !== 'event' || rule.events.identity !== scan.events.identity) return [];
  const { at: _at, where: _where, events: _events, link: _link, ...rest } = rule;
  return expressionsIn(rest);
}

/** SQL over the entity's row: of rules other than those on events, and of the card itself. */
function entityExpressions(card: Card): readonly Fragment[] {
  const { people: _people, overrides: _overrides, rules, ...rest } = card;
  const ofRules = rules
    .filter((rule: CardRule) => rule.kind !== 'event')
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((rule) => (rule.kind === 'rollup' ? expressionsIn([rule.points, rule.per]) : expressionsIn(rule)));
  return [...ofRules, ...expressionsIn(rest)];
}

/** Parts that read a relation of their own are left out: their SQL is not over the same row. */
function expressionsIn(data: unknown): readonly Fragment[] {
  if (typeof data !== 'object' || data === null) return [];
  if (isExpression(data)) return [data.fragment];
  const values: readonly unknown[] = Object.values(data);
  if (values.some((value) => typeof value === 'object' && value !== null && 'identity' in value)) return [];
  return values.flatMap(expressionsIn);
}

function isExpression(data: object): data is Expression {
  return 'fragment' in data && 'meaning' in data && !('identity' in data);
}

/** How much of a row is the entity's, where it is shared with others. */
function weightOf({ isWeighted }: Relation): readonly Fragment[] {
  return isWeighted === true ? [name(memberWeight)] : [];
}

/** Relations may have the key in different types. */
function keyText(key: string, dialect: Dialect): Fragment {
  return sql`cast(${sql.id(key)} as ${dialect.type({ kind: 'text' })})`;
}

function checksumOf(values: readonly Fragment[], dialect: Dialect): Fragment {
  return values.length === 0 ? sql`0` : dialect.checksum(values);
}
