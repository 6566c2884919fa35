import { Temporal } from 'temporal-polyfill';
import type { Fragment } from '../sql/types.ts';
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
  const since = Temporal.PlainDate.from(asOf.day).subtract({ days: days - 1 + spareDays });
  return since.year < 1 ? null : dialect.notBeforeDay(at, since.toString());
}
