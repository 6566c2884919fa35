import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { weightAt } from './decay.ts';
import { name, numberLiteral } from './literals.ts';
import type { EventScan, Instant, ScanRule } from './plan-scans.ts';
import type { Span } from './span.ts';

/*
 * Columns of the steps that hold events. A column that belongs to a rule is called by what it says and the rule's id:
 * fits__ (the rule's `where`), worth__ (its points, where SQL gives them), value__ (of `distinct`), nth__ and best__ (marks).
 */

/** Null, in a row with several instants, for one that lies after `as_of` or is missing. */
export function ageColumn({ suffix }: Instant, unit: Span['unit']): Fragment {
  return name(`age_${unit}${suffix}`);
}

export function atColumn({ suffix }: Instant): Fragment {
  return name(`event_at${suffix}`);
}

export function usesAge({ rule, windows }: ScanRule, unit: Span['unit']): boolean {
  const fades = rule.kind === 'event' && rule.decay?.span.unit === unit;
  return fades || windows.some((window) => window.unit === unit);
}

/** What is left of an event's points at its age; null where nothing is ever lost. */
export function rowWeight({ rule, instant }: ScanRule): Fragment | null {
  if (rule.kind === 'absence' || rule.decay === undefined) return null;
  return weightAt(rule.decay, (unit) => ageColumn(instant, unit));
}

/** The points of an event where SQL gives them, after decay. */
export function rowPoints(scanRule: ScanRule): Fragment {
  const worth = name(`worth__${scanRule.rule.id}`);
  const weight = rowWeight(scanRule);
  return weight === null ? worth : sql`${worth} * ${weight}`;
}

/** The conditions on an event before any counting: those that differ between events of one day, and those that do not. */
export interface EventConditions {
  readonly onEvent: readonly Fragment[];
  readonly onDay: readonly Fragment[];
}

export function eventConditions(scanRule: ScanRule, { instants }: Pick<EventScan, 'instants'>): EventConditions {
  const { rule, where, instant, windows } = scanRule;
  const onEvent: Fragment[] = [];
  const onDay: Fragment[] = [];
  if (where !== undefined) onEvent.push(name(`fits__${rule.id}`));
  if (rule.kind === 'event' && rule.count.kind === 'distinct')
    onEvent.push(sql`${name(`value__${rule.id}`)} is not null`);
  for (const { unit, length } of windows) {
    const isYounger = sql`${ageColumn(instant, unit)} < ${numberLiteral(length)}`;
    (unit === 'days' ? onDay : onEvent).push(isYounger);
  }
  // Of several instants of a row, some may lie after as_of; with one, such rows are not even read.
  if (windows.length === 0 && instants.length > 1) onDay.push(sql`${ageColumn(instant, 'days')} is not null`);
  return { onEvent, onDay };
}

export function inWindow(scanRule: ScanRule, scan: Pick<EventScan, 'instants'>): readonly Fragment[] {
  const { onEvent, onDay } = eventConditions(scanRule, scan);
  return [...onEvent, ...onDay];
}
