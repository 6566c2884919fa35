import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import type { CardEventRule } from './card.ts';
import { weightAt } from './decay.ts';
import { ageColumn, rowPoints, rowWeight } from './event-columns.ts';
import { countsWhen } from './event-marks.ts';
import { name, numberLiteral } from './literals.ts';
import { type EventScan, fitsGrain, type ScanRule } from './plan-scans.ts';
import { onlyWhen } from './select-text.ts';

/** An aggregate over events. All four can be put together from those of parts, so that an inner grain may stand between. */
export interface Aggregate {
  readonly function: 'count' | 'sum' | 'min' | 'max';
  /** Per event, null for those that do not count; null itself: every event counts. */
  readonly of: Fragment | null;
}

/** How a rule's points before its limit come from aggregates; null points are none. */
export interface Tally {
  readonly aggregates: readonly Aggregate[];
  /** @param value the SQL of an aggregate's value */
  points(value: (aggregate: Aggregate) => Fragment): Fragment;
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
export function tallyOf(scanRule: ScanRule, scan: EventScan): Tally {
  const { rule } = scanRule;
  const counts = countsWhen(scanRule, scan, 'sums');
  const count = countOf(counts);
  if (rule.kind === 'absence') return { aggregates: [count], points: (value) => value(count) };
  if (rule.count.kind === 'once' || (rule.count.kind === 'distinct' && fitsGrain(scanRule, scan.grain))) {
    return bestTally(scanRule, rule, counts);
  }
  if (typeof rule.points !== 'number') {
    const sum: Aggregate = { function: 'sum', of: onlyWhen(counts, rowPoints(scanRule)) };
    return { aggregates: [sum], points: (value) => value(sum) };
  }
  const each = numberLiteral(rule.points);
  const weight = rowWeight(scanRule);
  const total: Aggregate = weight === null ? count : { function: 'sum', of: onlyWhen(counts, weight) };
  return { aggregates: [total], points: (value) => sql`${each} * ${value(total)}` };
}

/** The event worth most after decay, whether it gives or takes points. */
function bestTally(scanRule: ScanRule, { points, decay }: CardEventRule, counts: Fragment | null): Tally {
  if (typeof points !== 'number') {
    const of = onlyWhen(counts, rowPoints(scanRule));
    const high: Aggregate = { function: 'max', of };
    const low: Aggregate = { function: 'min', of };
    return {
      aggregates: [high, low],
      points: (value) => sql`case when ${value(high)} >= -${value(low)} then ${value(high)} else ${value(low)} end`,
    };
  }
  const each = numberLiteral(points);
  if (decay === undefined) {
    const count = countOf(counts);
    return { aggregates: [count], points: (value) => sql`case when ${value(count)} > 0 then ${each} end` };
  }
  const newest: Aggregate = { function: 'min', of: onlyWhen(counts, ageColumn(scanRule.instant, decay.span.unit)) };
  return { aggregates: [newest], points: (value) => sql`${each} * ${weightAt(decay, () => value(newest))}` };
}
