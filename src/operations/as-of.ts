import { ScorelineError } from '../errors/scoreline-error.ts';
import { calendarDay, parseInstant } from '../project/instant.ts';
import type { AsOf } from '../sql/types.ts';

/**
 * Reads `--as-of`. A bare date means 00:00 in the project's time zone; a time without a zone is read in it too.
 * @param text as typed, or undefined for `now`
 * @throws USAGE_INVALID for anything that is no date or ISO time
 */
export function parseAsOf(text: string | undefined, timeZone: string, now: Date): AsOf {
  const instant = text === undefined ? now.toISOString() : parseInstant(text, timeZone);
  if (instant === null) {
    throw new ScorelineError('USAGE_INVALID', `--as-of "${text}" is neither a date nor a time`, {
      hint: "Write a date (2026-01-31), a time in the project's zone (2026-01-31T08:00) or an instant (2026-01-31T08:00:00Z).",
    });
  }
  return { instant, day: calendarDay(instant, timeZone) };
}

/**
 * Live tables and HubSpot hold what is known: scores of a day to come would be newer than all that follow until that day.
 * @throws USAGE_INVALID
 */
export function refuseFuture({ asOf, startedAt }: { readonly asOf: AsOf; readonly startedAt: Date }): void {
  if (Date.parse(asOf.instant) <= startedAt.getTime()) return;
  throw new ScorelineError('USAGE_INVALID', `--as-of ${asOf.instant} is in the future: nothing is known of it yet`, {
    hint: 'Run without --as-of for the scores of now; `explain` and `diff` take any instant.',
  });
}
