import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { sqlPointsOf } from './card.ts';
import { ageColumn, atColumn, inWindow, rowPoints } from './event-columns.ts';
import { name, numberLiteral } from './literals.ts';
import { type EventScan, fitsGrain, type ScanRule } from './plan-scans.ts';
import { allOf, column, onlyWhen, upToHere } from './select-text.ts';
import type { ScoringContext } from './types.ts';

/** What events are read for: to be summed up, or to be shown one by one with what each of them counts. */
export type Purpose = 'sums' | 'events';

/** `nth`: which event of its day this is. `best`: 1 for the event that counts, of the entity or of each value. */
export type Mark = 'nth' | 'best';

/** Sessions are marked before anything else, whatever for and however they are summed up. */
export function needsSessions({ inSession }: ScanRule): boolean {
  return inSession !== undefined;
}

/** Whether a window function has to mark the events that a rule counts. */
export function needsMark(scanRule: ScanRule, scan: EventScan, purpose: Purpose, mark: Mark): boolean {
  const { rule } = scanRule;
  if (rule.kind === 'absence' || (purpose === 'sums' && fitsGrain(scanRule, scan.grain))) return false;
  switch (mark) {
    case 'nth':
      return rule.maxPerDay !== undefined;
    case 'best':
      // A sum finds the best event of all by an aggregate.
      return rule.count.kind === 'distinct' || (rule.count.kind === 'once' && purpose === 'events');
    default:
      return mark satisfies never;
  }
}

/** The condition under which an event counts; null where every one does. */
export function countsWhen(scanRule: ScanRule, scan: EventScan, purpose: Purpose): Fragment | null {
  const conditions = [...beforeBest(scanRule, scan, purpose)];
  if (needsMark(scanRule, scan, purpose, 'best')) conditions.push(sql`${name(`best__${scanRule.rule.id}`)} = 1`);
  return allOf(conditions);
}

function beforeBest(scanRule: ScanRule, scan: EventScan, purpose: Purpose): readonly Fragment[] {
  const { rule, instant, fadedAt } = scanRule;
  const conditions = [...inWindow(scanRule, scan)];
  if (rule.kind === 'event' && rule.maxPerDay !== undefined && needsMark(scanRule, scan, purpose, 'nth')) {
    conditions.push(sql`${name(`nth__${rule.id}`)} <= ${numberLiteral(rule.maxPerDay)}`);
  }
  if (fadedAt !== undefined)
    conditions.push(sql`${ageColumn(instant, fadedAt.unit)} < ${numberLiteral(fadedAt.length)}`);
  return conditions;
}

/** Of events at the same moment, the one worth most comes first; what is left equal then is equal in effect. */
export function nthColumn(scanRule: ScanRule, scan: EventScan): Fragment {
  const { rule, instant } = scanRule;
  const order = [atColumn(instant)];
  if (sqlPointsOf(rule) !== null) order.push(sql`${name(`worth__${rule.id}`)} desc`);
  if (rule.kind === 'event' && rule.count.kind === 'distinct') order.push(name(`value__${rule.id}`));
  const hits = sql`sum(${onlyWhen(allOf(inWindow(scanRule, scan)), sql`1`)})`;
  const day = sql`partition by entity_key, ${ageColumn(instant, 'days')}`;
  return column(sql`${hits} over (${day} order by ${sql.join(order)} ${upToHere})`, `nth__${rule.id}`);
}

/** The best event is the one worth most after decay, whether it gives or takes points; then the newest. */
export function bestColumn(
  scanRule: ScanRule,
  scan: EventScan,
  { purpose, context: { dialect } }: { readonly purpose: Purpose; readonly context: Pick<ScoringContext, 'dialect'> },
): Fragment {
  const { rule, instant } = scanRule;
  const among = [name('entity_key')];
  if (rule.kind === 'event' && rule.count.kind === 'distinct') among.push(name(`value__${rule.id}`));
  const counts = allOf(beforeBest(scanRule, scan, purpose));
  if (counts !== null) among.push(onlyWhen(counts, sql`1`));
  // Points that are the same for all fade with age alone, so that the newest event is the best one.
  const order = [sql`${atColumn(instant)} desc`];
  if (sqlPointsOf(rule) !== null) {
    const points = rowPoints(scanRule, dialect);
    order.unshift(sql`abs(${points}) desc`, sql`${points} desc`);
  }
  return column(
    sql`row_number() over (partition by ${sql.join(among)} order by ${sql.join(order)})`,
    `best__${rule.id}`,
  );
}
