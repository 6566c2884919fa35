import { Temporal } from 'temporal-polyfill';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { calendarDay } from '../project/instant.ts';
import type { Duration } from '../project/setting-types.ts';
import { parseDuration } from '../project/settings.ts';
import type { AsOf } from '../sql/types.ts';

/** More would be a slip of the finger: ten years of days. */
const maxDates = 3660;

/** @throws USAGE_INVALID for what is no duration above 0 */
export function parseEvery(written: string): Duration {
  const every = parseDuration(written);
  if (every !== null && every.amount > 0) return every;
  throw new ScorelineError('USAGE_INVALID', `--every "${written}" is no duration`, {
    hint: 'Write 1d, 7d, 2w or 12h.',
  });
}

/**
 * The instants from one to another, both included where a step meets them. Days and weeks are steps of the calendar in the
 * time zone, so that midnights stay midnights when clocks change.
 * @throws USAGE_INVALID where there are none, or more than ten years of days
 */
export function backfillDates(from: AsOf, to: AsOf, every: Duration, timeZone: string): readonly AsOf[] {
  const start = Temporal.Instant.from(from.instant).toZonedDateTimeISO(timeZone);
  const end = Temporal.Instant.from(to.instant);
  const dates: AsOf[] = [];
  for (let step = 0; dates.length <= maxDates; step += 1) {
    const instant = start.add(stepOf(every, step)).toInstant();
    if (Temporal.Instant.compare(instant, end) > 0) break;
    const text = new Date(instant.epochMilliseconds).toISOString();
    dates.push({ instant: text, day: calendarDay(text, timeZone) });
  }
  if (dates.length === 0) {
    throw new ScorelineError('USAGE_INVALID', `--from ${from.instant} is later than --to ${to.instant}`);
  }
  if (dates.length > maxDates) {
    throw new ScorelineError(
      'USAGE_INVALID',
      `From ${from.instant} to ${to.instant} there are more than ${maxDates} steps`,
      {
        hint: 'Take a longer --every, or a shorter range.',
      },
    );
  }
  return dates;
}

function stepOf({ amount, unit }: Duration, step: number): Temporal.DurationLike {
  switch (unit) {
    case 'week':
      return { weeks: amount * step };
    case 'day':
      return { days: amount * step };
    case 'hour':
      return { hours: amount * step };
    case 'minute':
      return { minutes: amount * step };
    default:
      return unit satisfies never;
  }
}
