import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { dailyCountColumn, dailyPoints } from './daily-sums.ts';
import { ageColumn } from './event-columns.ts';
import { type Aggregate, aggregateText, mergeText, type Tally, tallyOf } from './event-tally.ts';
import { name } from './literals.ts';
import { type EventScan, fitsGrain, type InnerGrain, type ScanRule } from './plan-scans.ts';
import { column, type Step } from './select-text.ts';

/** The column of the sums that belongs to a rule: its points before rounding and limit, or how many events there are. */
export function sumColumn({ id, kind }: ScanRule['rule']): string {
  return kind === 'absence' ? `events__${id}` : `sum__${id}`;
}

/** The steps that sum up a scan's events, the last with one row per entity that has some. */
export function sumSteps(scan: EventScan, events: string, stepName: (wanted: string) => string): readonly Step[] {
  const sums = {
    name: stepName(`${scan.word}_sums`),
    comment: `One row per entity with events of ${scan.word}: points before rounding and limits.`,
  };
  const key = name('entity_key');
  const { grain } = scan;
  if (grain === null) {
    const columns = scan.rules.map((rule) => column(tallyOf(rule, scan).points(aggregateText), sumColumn(rule.rule)));
    return [{ ...sums, select: { columns: [key, ...columns], from: name(events), groupBy: [key] } }];
  }
  const part = grain.kind === 'day' ? ageColumn(grain.instant, 'days') : name(grain.column);
  const totals = scan.rules.map((rule) => groupedTotal(rule, scan, grain));
  const partials = new Map(totals.flatMap((total) => [...total.partials]));
  const grouped: Step = {
    name: stepName(`${scan.word}_by_${grain.kind}`),
    comment: `One row per entity and ${grain.kind}, for ${grain.kind === 'day' ? 'max_per_day' : 'distinct values'}.`,
    select: {
      columns: [key, part, ...[...partials].map(([as, aggregate]) => column(aggregateText(aggregate), as))],
      from: name(events),
      groupBy: [key, part],
    },
  };
  const columns = totals.map(({ scanRule, points }) => column(points, sumColumn(scanRule.rule)));
  return [grouped, { ...sums, select: { columns: [key, ...columns], from: name(grouped.name), groupBy: [key] } }];
}

/** A rule's points from the groups of an inner grain. */
interface GroupedTotal {
  readonly scanRule: ScanRule;
  /** Columns of the groups; rules may share one. */
  readonly partials: ReadonlyMap<string, Aggregate>;
  readonly points: Fragment;
}

function groupedTotal(scanRule: ScanRule, scan: EventScan, grain: InnerGrain): GroupedTotal {
  const fits = fitsGrain(scanRule, grain);
  if (fits && grain.kind === 'day') {
    const { as, count } = dailyCountColumn(scanRule, scan);
    return { scanRule, partials: new Map([[as, count]]), points: dailyPoints(scanRule, scan) };
  }
  const tally: Tally = tallyOf(scanRule, scan);
  const columnOf = (aggregate: Aggregate) => `${aggregate.function}__${scanRule.rule.id}`;
  const partials = new Map(tally.aggregates.map((aggregate) => [columnOf(aggregate), aggregate]));
  const points = fits
    ? sql`sum(${tally.points((aggregate) => name(columnOf(aggregate)))})`
    : tally.points((aggregate) => mergeText(aggregate, name(columnOf(aggregate))));
  return { scanRule, partials, points };
}
