import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import { bandsOf } from './card.ts';
import { weightAt } from './decay.ts';
import { name, numberLiteral } from './literals.ts';
import type { EventScan, Instant, ScanRule } from './plan-scans.ts';
import type { Span } from './span.ts';

/*
 * Columns of the steps that hold events. A column that belongs to a rule is called by what it says and the rule's id:
 * fits__ (the rule's `where`), worth__ (its points, where SQL gives them), value__ (of `distinct`), ends__ (the `where` of
 * `recover`), recovered__ (whether such an event followed), link__ (where events are shown), visit__ (the session that `session: { by }` names), starts__,
 * session__ and opens__ (marks of sessions), nth__ and best__ (marks).
 */

/** Null, in a row with several instants, for one that lies after `as_of` or is missing. */
export function ageColumn({ suffix }: Instant, unit: Span['unit']): Fragment {
  return name(`age_${unit}${suffix}`);
}

export function atColumn({ suffix }: Instant): Fragment {
  return name(`event_at${suffix}`);
}

export function usesAge({ rule, windows, from, inSession = [] }: ScanRule, unit: Span['unit']): boolean {
  const session = rule.kind === 'event' ? rule.session : undefined;
  const parts = session?.by.kind === 'gap' && session.by.gap.unit === unit;
  const lasts = session?.least?.measure === 'minutes' && unit === 'seconds';
  const fades = rule.kind === 'event' && rule.decay?.span.unit === unit;
  const recovers = rule.kind === 'event' && rule.recover !== undefined && unit === 'seconds';
  const bounds = [...windows, ...inSession, ...(from === undefined ? [] : [from])];
  return fades || recovers || parts || lasts || bounds.some((bound) => bound.unit === unit);
}

/** What is left of an event's points at its age; null where nothing is ever lost, and where events have no points of their own. */
export function rowWeight({ rule, instant }: ScanRule, dialect: Dialect): Fragment | null {
  if (rule.kind === 'absence' || rule.decay === undefined || bandsOf(rule) !== null) return null;
  return weightAt(rule.decay, (unit) => ageColumn(instant, unit), dialect);
}

/** The points of an event where SQL gives them, after decay. */
export function rowPoints(scanRule: ScanRule, dialect: Dialect): Fragment {
  const worth = name(`worth__${scanRule.rule.id}`);
  const weight = rowWeight(scanRule, dialect);
  return weight === null ? worth : sql`${worth} * ${weight}`;
}

/** The conditions on an event before any counting: those that differ between events of one day, and those that do not. */
export interface EventConditions {
  readonly onEvent: readonly Fragment[];
  readonly onDay: readonly Fragment[];
}

export function eventConditions(scanRule: ScanRule, scan: Pick<EventScan, 'instants'>): EventConditions {
  if (scanRule.inSession === undefined) return fitConditions(scanRule, scan);
  // The first event of a session stands for all of it; whether they fit was asked when sessions were made.
  const { onEvent, onDay } = ageConditions({ ...scanRule, from: undefined });
  return { onEvent: [name(`opens__${scanRule.rule.id}`), ...onEvent], onDay };
}

/** Which events sessions are made of. */
export function sessionConditions(scanRule: ScanRule, scan: Pick<EventScan, 'instants'>): readonly Fragment[] {
  const { onEvent, onDay } = fitConditions({ ...scanRule, windows: scanRule.inSession ?? [] }, scan);
  return [...onEvent, ...onDay];
}

function fitConditions(scanRule: ScanRule, { instants }: Pick<EventScan, 'instants'>): EventConditions {
  const { rule, where, instant, windows } = scanRule;
  const fits: Fragment[] = [];
  if (where !== undefined) fits.push(name(`fits__${rule.id}`));
  if (rule.kind === 'event') {
    if (rule.recover !== undefined) fits.push(sql`not ${name(`recovered__${rule.id}`)}`);
    if (rule.count.kind === 'distinct') fits.push(sql`${name(`value__${rule.id}`)} is not null`);
    if (rule.session?.by.kind === 'value') fits.push(sql`${name(`visit__${rule.id}`)} is not null`);
  }
  const { onEvent, onDay } = ageConditions(scanRule);
  // Of several instants of a row, some may lie after as_of; with one, such rows are not even read.
  const happened = windows.length === 0 && instants.length > 1 ? [sql`${ageColumn(instant, 'days')} is not null`] : [];
  return { onEvent: [...fits, ...onEvent], onDay: [...onDay, ...happened] };
}

function ageConditions({ instant, windows, from }: ScanRule): EventConditions {
  const ages = [
    ...windows.map((span) => ({ span, is: '<' })),
    ...(from === undefined ? [] : [{ span: from, is: '>=' }]),
  ];
  const ofUnit = (unit: Span['unit']) =>
    ages
      .filter(({ span }) => span.unit === unit)
      .map(({ span, is }) => sql`${ageColumn(instant, unit)} ${sql.raw(is)} ${numberLiteral(span.length)}`);
  return { onEvent: ofUnit('seconds'), onDay: ofUnit('days') };
}

export function inWindow(scanRule: ScanRule, scan: Pick<EventScan, 'instants'>): readonly Fragment[] {
  const { onEvent, onDay } = eventConditions(scanRule, scan);
  return [...onEvent, ...onDay];
}
