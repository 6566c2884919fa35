import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { weightAt } from './decay.ts';
import { ageColumn, eventConditions, rowWeight } from './event-columns.ts';
import { type Aggregate, countOf } from './event-tally.ts';
import { name, numberLiteral } from './literals.ts';
import { type EventScan, fitsGrain, type ScanRule } from './plan-scans.ts';
import { allOf, onlyWhen } from './select-text.ts';

/*
 * Rules for which events of one day are alike need no more of a day than how many of its events fit. Windows and decays in
 * days are applied to the days afterwards, so that rules with the same predicate share one count.
 */

/** The number of a day's events that fit a rule, as a column of the days. */
export function dailyCountColumn(
  scanRule: ScanRule,
  scan: EventScan,
): { readonly as: string; readonly count: Aggregate } {
  const { onEvent } = eventConditions(scanRule, scan);
  return { as: countColumn(scanRule, scan), count: countOf(allOf(onEvent)) };
}

/** Called after the first rule that counts so. */
function countColumn(scanRule: ScanRule, scan: EventScan): string {
  const alike = scan.rules.filter((other) => fitsGrain(other, scan.grain));
  const first = alike.find((other) => meaningOf(other) === meaningOf(scanRule)) ?? scanRule;
  return `daily__${first.rule.id}`;
}

function meaningOf({ where, instant, windows }: ScanRule): string {
  return JSON.stringify([where?.meaning, instant.suffix, windows.filter(({ unit }) => unit === 'seconds')]);
}

/** A rule's points (of absence rules: the number of events) from its days. */
export function dailyPoints(scanRule: ScanRule, scan: EventScan): Fragment {
  const { rule, instant } = scanRule;
  const fitting = name(countColumn(scanRule, scan));
  const { onDay } = eventConditions(scanRule, scan);
  if (rule.kind === 'absence') return sql`sum(${onlyWhen(allOf(onDay), fitting)})`;
  const { count, decay, maxPerDay } = rule;
  const points = numberLiteral(Number(rule.points));
  if (count.kind === 'once') {
    const day = ageColumn(instant, 'days');
    const newest = sql`min(${onlyWhen(allOf([sql`${fitting} > 0`, ...onDay]), day)})`;
    return decay === undefined
      ? sql`case when ${newest} >= 0 then ${points} end`
      : sql`${points} * ${weightAt(decay, () => newest)}`;
  }
  const counted = maxPerDay === undefined ? fitting : sql`least(${fitting}, ${numberLiteral(maxPerDay)})`;
  const weight = rowWeight(scanRule);
  return sql`${points} * sum(${onlyWhen(allOf(onDay), weight === null ? counted : sql`${counted} * ${weight}`)})`;
}
