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
