import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import { dailyCountColumn, dailyTotals } from './daily-sums.ts';
import { ageColumn } from './event-columns.ts';
import { type Aggregate, aggregateText, mergeText, type Tally, talliesOf } from './event-tally.ts';
import { name } from './literals.ts';
import { type EventScan, fitsGrain, type InnerGrain, type ScanRule } from './plan-scans.ts';
import type { StepOptions } from './score-steps.ts';
import { column, type Step } from './select-text.ts';

/** The steps that sum up a scan's events, the last with one row per entity that has some. */
export function sumSteps(scan: EventScan, events: string, { dialect, stepName }: StepOptions): readonly Step[] {
  const sums = {
    name: stepName(`${scan.word}_sums`),
    comment: `One row per entity with events of ${scan.word}: points before rounding and limits.`,
  };
  const key = name('entity_key');
  const { grain } = scan;
  if (grain === null) {
    const tallies = scan.rules.flatMap((rule) => talliesOf(rule, scan, dialect));
    const columns = tallies.map((tally) => column(tally.value(aggregateText), tally.as));
    return [{ ...sums, select: { columns: [key, ...columns], from: name(events), groupBy: [key] } }];
  }
  const part = grain.kind === 'day' ? ageColumn(grain.instant, 'days') : name(grain.column);
  const totals = scan.rules.map((rule) => groupedTotals(rule, scan, grain, dialect));
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
  const columns = totals.flatMap((total) => total.columns);
  return [grouped, { ...sums, select: { columns: [key, ...columns], from: name(grouped.name), groupBy: [key] } }];
}

/** A rule's columns of the sums, from the groups of an inner grain. */
interface GroupedTotals {
  /** Columns of the groups; rules may share one. */
  readonly partials: ReadonlyMap<string, Aggregate>;
  readonly columns: readonly Fragment[];
}

function groupedTotals(scanRule: ScanRule, scan: EventScan, grain: InnerGrain, dialect: Dialect): GroupedTotals {
  const fits = fitsGrain(scanRule, grain);
  if (fits && grain.kind === 'day') {
    const { as, count } = dailyCountColumn(scanRule, scan);
    return { partials: new Map([[as, count]]), columns: dailyTotals(scanRule, scan, dialect) };
  }
  const columnOf = (aggregate: Aggregate) => `${aggregate.function}__${scanRule.rule.id}`;
  const tallies = talliesOf(scanRule, scan, dialect);
  const total = ({ value, across }: Tally) =>
    fits
      ? sql`${name(across)}(${value((aggregate) => name(columnOf(aggregate)))})`
      : value((aggregate) => mergeText(aggregate, name(columnOf(aggregate))));
  return {
    partials: new Map(tallies.flatMap(({ aggregates }) => aggregates.map((each) => [columnOf(each), each]))),
    columns: tallies.map((tally) => column(total(tally), tally.as)),
  };
}
