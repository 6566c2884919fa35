import { sql } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import type { Fragment } from '../sql/types.ts';
import { dateLiteral } from './literals.ts';
import type { ScoringContext } from './types.ts';

/*
 * Bounds on the raw column of an event's time, so that engines can skip blocks and partitions by it. They lean on what
 * `Dialect` promises of calendar questions: times without a zone, and so these literals, are read in the project's zone.
 */

/**
 * Whether an event happened at `as_of` (where that looks ahead, at `knownBy`) or before; null for an event without a time. Written as a plain comparison with the
 * time on the wall, which costs a tenth less of the whole scoring than `notAfter` does, and reads well.
 */
export function happenedBy(
  at: Fragment,
  { asOf, knownBy = asOf, project, dialect }: Pick<ScoringContext, 'asOf' | 'knownBy' | 'project' | 'dialect'>,
): Fragment {
  const wall = Temporal.Instant.from(knownBy.instant).toZonedDateTimeISO(project.timezone).toPlainDateTime();
  const [first, last] = (['earlier', 'later'] as const).map(
    (disambiguation) => wall.toZonedDateTime(project.timezone, { disambiguation }).epochNanoseconds,
  );
  // In the hour that the end of summer time repeats, the wall clock does not say which of the two it is.
  if (first !== last) return dialect.notAfter(at, dialect.bind({ kind: 'timestamp' }, knownBy.instant));
  return dialect.notAfterWallTime(at, wall.toString().replace('T', ' '));
}

/** The last day to spare covers midnights that a change of clocks repeats. */
const spareDays = 1;

/**
 * Roughly whether an event is at most so many days old: true for all that are, and for a few that are a little older.
 * @returns null where the calendar does not reach that far back
 */
export function happenedSince(at: Fragment, days: number, { asOf, dialect }: ScoringContext): Fragment | null {
  const since = daysBefore(asOf.day, days - 1 + spareDays);
  return since === null ? null : dialect.notBeforeDay(at, since);
}

/** @returns null where the calendar does not reach that far back */
export function daysBefore(day: string, days: number): string | null {
  const before = Temporal.PlainDate.from(day).subtract({ days });
  return before.year < 1 ? null : before.toString();
}

/** Whether an event happened on a day or later. Costs a calendar question per row only where the day's midnight is a special one. */
export function happenedFrom(at: Fragment, day: string, { project, dialect }: DayContext): Fragment {
  if (beginsOnce(day, project.timezone)) return dialect.notBeforeDay(at, day);
  return sql`${dialect.notBeforeDay(at, shifted(day, -spareDays))} and ${dialect.day(at)} >= ${dateLiteral(day)}`;
}

/** Whether an event happened before a day: whatever has a time and for which `happenedFrom` is false. */
export function happenedBefore(at: Fragment, day: string, { project, dialect }: DayContext): Fragment {
  if (beginsOnce(day, project.timezone)) return sql`not (${dialect.notBeforeDay(at, day)})`;
  return sql`not (${dialect.notBeforeDay(at, shifted(day, spareDays))}) and ${dialect.day(at)} < ${dateLiteral(day)}`;
}

/** Whether a row was loaded at an instant or later; null for one that does not say when. Roughly: rows of an hour before may be among them. */
export function loadedFrom(loadedAt: Fragment, instant: string, { project, dialect }: DayContext): Fragment {
  const zoned = Temporal.Instant.from(instant).toZonedDateTimeISO(project.timezone);
  const wall = zoned.toPlainDateTime();
  // In the hour that the end of summer time repeats, times without a zone go back once.
  const [first, last] = (['earlier', 'later'] as const).map(
    (disambiguation) => wall.toZonedDateTime(project.timezone, { disambiguation }).epochNanoseconds,
  );
  const from = first === last ? wall : wall.subtract({ hours: 1 });
  const before = from.subtract({ seconds: 1 }).toString().replace('T', ' ');
  return sql`not (${dialect.notAfterWallTime(loadedAt, before)})`;
}

type DayContext = Pick<ScoringContext, 'project' | 'dialect'>;

/** @param day `2026-01-31` */
export function shifted(day: string, days: number): string {
  return Temporal.PlainDate.from(day).add({ days }).toString();
}

/** Days from one day to another, both as `2026-01-31`. */
export function daysFrom(day: string, to: string): number {
  return Temporal.PlainDate.from(day).until(to).days;
}

/** Whether a day begins at midnight, and at one midnight only: clocks may change just then. */
function beginsOnce(day: string, timezone: string): boolean {
  const midnight = Temporal.PlainDate.from(day).toPlainDateTime();
  const [first, last] = (['earlier', 'later'] as const).map(
    (disambiguation) => midnight.toZonedDateTime(timezone, { disambiguation }).epochNanoseconds,
  );
  return first === last;
}
