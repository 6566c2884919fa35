import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import { bandsOf, countsForWords } from './card.ts';
import { weightAt } from './decay.ts';
import { ageColumn, eventConditions, rowWeight } from './event-columns.ts';
import { type Aggregate, countOf, eventsColumn, newestColumn, sumColumn } from './event-tally.ts';
import { name, numberLiteral } from './literals.ts';
import { type EventScan, fitsGrain, type ScanRule } from './plan-scans.ts';
import { allOf, column, onlyWhen } from './select-text.ts';
import { asksHowLong } from './silence.ts';
import type { Span } from './span.ts';

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

function meaningOf({ rule, where, instant, windows, from }: ScanRule): string {
  // What ends a penalty, and where sessions begin, belongs to the rule alone.
  const isOwn = rule.kind === 'event' && (rule.recover !== undefined || rule.session !== undefined);
  const inSeconds = (ages: readonly (Span | undefined)[]) => ages.filter((age) => age?.unit === 'seconds');
  return JSON.stringify([
    where?.meaning,
    instant.suffix,
    inSeconds(windows),
    inSeconds([from]),
    isOwn ? rule.id : null,
  ]);
}

/** What the sums hold of a rule, from its days: the same columns as those of `talliesOf`. */
export function dailyTotals(scanRule: ScanRule, scan: EventScan, dialect: Dialect): readonly Fragment[] {
  const { rule, instant } = scanRule;
  const fitting = name(countColumn(scanRule, scan));
  const { onDay } = eventConditions(scanRule, scan);
  const total = (value: Fragment) => sql`sum(${onlyWhen(allOf(onDay), value)})`;
  if (rule.kind === 'absence') {
    if (!asksHowLong(rule)) return [column(total(fitting), eventsColumn(rule))];
    const anyDay = sql`case when ${fitting} > 0 then ${ageColumn(instant, 'days')} end`;
    return [column(sql`min(${anyDay})`, newestColumn(rule))];
  }
  const { count, decay, maxPerDay } = rule;
  const day = ageColumn(instant, 'days');
  const newest = sql`min(${onlyWhen(allOf([sql`${fitting} > 0`, ...onDay]), day)})`;
  const counted = maxPerDay === undefined ? fitting : sql`least(${fitting}, ${numberLiteral(maxPerDay)})`;
  if (bandsOf(rule) !== null) {
    const events = column(total(counted), eventsColumn(rule));
    return decay === undefined ? [events] : [events, column(newest, newestColumn(rule))];
  }
  const points = numberLiteral(Number(rule.points));
  const sum = sumColumn(rule);
  const events = countsForWords(rule) ? [column(total(counted), eventsColumn(rule))] : [];
  if (count.kind === 'once') {
    const best =
      decay === undefined
        ? sql`case when ${newest} >= 0 then ${points} end`
        : sql`${points} * ${weightAt(decay, () => newest, dialect)}`;
    return [column(best, sum), ...events];
  }
  const weight = rowWeight(scanRule, dialect);
  return [column(sql`${points} * ${total(weight === null ? counted : sql`${counted} * ${weight}`)}`, sum), ...events];
}
