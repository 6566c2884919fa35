import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import { bandsOf, type CardEventRule, type CardRule, countsForWords, sqlPointsOf } from './card.ts';
import { weightAt } from './decay.ts';
import { ageColumn, inWindow, rowPoints, rowWeight } from './event-columns.ts';
import { countsWhen } from './event-marks.ts';
import { name, numberLiteral } from './literals.ts';
import { type EventScan, fitsGrain, type ScanRule } from './plan-scans.ts';
import { allOf, onlyWhen } from './select-text.ts';
import { asksHowLong } from './silence.ts';

/*
 * What the sums hold of a rule: sum__ (its points before rounding and limit), or what its points are made of later:
 * events__ (how many events count) and newest__ (the age of the newest one that does).
 */

export function sumColumn({ id }: CardRule): string {
  return `sum__${id}`;
}

export function eventsColumn({ id }: CardRule): string {
  return `events__${id}`;
}

export function newestColumn({ id }: CardRule): string {
  return `newest__${id}`;
}

/** An aggregate over events. All four can be put together from those of parts, so that an inner grain may stand between. */
export interface Aggregate {
  readonly function: 'count' | 'sum' | 'min' | 'max';
  /** Per event, null for those that do not count; null itself: every event counts. */
  readonly of: Fragment | null;
}

/** How a column of the sums comes from aggregates; null is nothing. */
export interface Tally {
  readonly as: string;
  readonly aggregates: readonly Aggregate[];
  /** @param sqlOf the SQL of an aggregate's value */
  value(sqlOf: (aggregate: Aggregate) => Fragment): Fragment;
  /** What makes one of the values of a rule's groups, where it has such: those of each distinct value. */
  readonly across: 'sum' | 'min';
}

export function aggregateText({ function: called, of }: Aggregate): Fragment {
  return sql`${name(called)}(${of ?? sql`*`})`;
}

/** The aggregate of a whole from a column with those of its parts. */
export function mergeText({ function: called }: Aggregate, part: Fragment): Fragment {
  return called === 'count' ? sql`sum(${part})` : sql`${name(called)}(${part})`;
}

export function countOf(condition: Fragment | null): Aggregate {
  return { function: 'count', of: condition === null ? null : onlyWhen(condition, sql`1`) };
}

/** From the events themselves; of `distinct` values in their own grain, for one value. */
export function talliesOf(scanRule: ScanRule, scan: EventScan, dialect: Dialect): readonly Tally[] {
  const { rule } = scanRule;
  const counts = countsWhen(scanRule, scan, 'sums');
  if (rule.kind === 'absence') {
    if (!asksHowLong(rule)) return [plain(eventsColumn(rule), countOf(counts))];
    // The newest event of all, in the window or not.
    const fits = allOf(inWindow({ ...scanRule, windows: [] }, scan));
    const age = ageColumn(scanRule.instant, rule.within.unit);
    return [plain(newestColumn(rule), { function: 'min', of: onlyWhen(fits, age) })];
  }
  const isOfValue = rule.count.kind === 'distinct' && fitsGrain(scanRule, scan.grain);
  if (bandsOf(rule) !== null) return bandTallies(scanRule, rule, { counts, isOfValue, dialect });
  const sums = sumTallies(scanRule, rule, { counts, isOfValue, dialect });
  return countsForWords(rule) ? [...sums, countTally(rule, { counts, isOfValue, dialect })] : sums;
}

function sumTallies(scanRule: ScanRule, rule: CardEventRule, counting: Counting): readonly Tally[] {
  const { counts, isOfValue, dialect } = counting;
  if (rule.count.kind === 'once' || isOfValue) return [bestTally(scanRule, rule, counting)];
  const as = sumColumn(rule);
  if (sqlPointsOf(rule) !== null)
    return [plain(as, { function: 'sum', of: onlyWhen(counts, rowPoints(scanRule, dialect)) })];
  const each = numberLiteral(Number(rule.points));
  const weight = rowWeight(scanRule, dialect);
  const total: Aggregate = weight === null ? countOf(counts) : { function: 'sum', of: onlyWhen(counts, weight) };
  return [{ as, aggregates: [total], value: (sqlOf) => sql`${each} * ${sqlOf(total)}`, across: 'sum' }];
}

function plain(as: string, aggregate: Aggregate): Tally {
  const across = aggregate.function === 'min' ? 'min' : 'sum';
  return { as, aggregates: [aggregate], value: (sqlOf) => sqlOf(aggregate), across };
}

interface Counting {
  readonly counts: Fragment | null;
  /** Whether the aggregates are of one distinct value, which counts once however many events have it. */
  readonly isOfValue: boolean;
  readonly dialect: Dialect;
}

function countTally(rule: CardEventRule, { counts, isOfValue }: Counting): Tally {
  const count = countOf(counts);
  const tally = plain(eventsColumn(rule), count);
  return isOfValue ? { ...tally, value: (sqlOf) => sql`case when ${sqlOf(count)} > 0 then 1 end` } : tally;
}

function bandTallies(scanRule: ScanRule, rule: CardEventRule, counting: Counting): readonly Tally[] {
  const { counts } = counting;
  const events = countTally(rule, counting);
  if (rule.decay === undefined) return [events];
  const age = ageColumn(scanRule.instant, rule.decay.span.unit);
  return [events, plain(newestColumn(rule), { function: 'min', of: onlyWhen(counts, age) })];
}

/** The event worth most after decay, whether it gives or takes points. */
function bestTally(scanRule: ScanRule, rule: CardEventRule, { counts, dialect }: Counting): Tally {
  const as = sumColumn(rule);
  const across = 'sum';
  if (sqlPointsOf(rule) !== null) {
    const of = onlyWhen(counts, rowPoints(scanRule, dialect));
    const high: Aggregate = { function: 'max', of };
    const low: Aggregate = { function: 'min', of };
    const value: Tally['value'] = (sqlOf) =>
      sql`case when ${sqlOf(high)} >= -${sqlOf(low)} then ${sqlOf(high)} else ${sqlOf(low)} end`;
    return { as, aggregates: [high, low], value, across };
  }
  const { decay } = rule;
  const each = numberLiteral(Number(rule.points));
  if (decay === undefined) {
    const count = countOf(counts);
    const value: Tally['value'] = (sqlOf) => sql`case when ${sqlOf(count)} > 0 then ${each} end`;
    return { as, aggregates: [count], value, across };
  }
  const newest: Aggregate = { function: 'min', of: onlyWhen(counts, ageColumn(scanRule.instant, decay.span.unit)) };
  const value: Tally['value'] = (sqlOf) => sql`${each} * ${weightAt(decay, () => sqlOf(newest), dialect)}`;
  return { as, aggregates: [newest], value, across };
}
