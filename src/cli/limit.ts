import type { Options } from 'yargs';
import { ScorelineError } from '../errors/scoreline-error.ts';

export const limitOption = {
  type: 'number',
  requiresArg: true,
  describe: 'Send the first N rows of each plan and leave the rest to the next run',
} as const satisfies Options;

/** @throws USAGE_INVALID for what is no whole number above 0 */
export function parseLimit(written: number | undefined): number | undefined {
  if (written === undefined || (Number.isSafeInteger(written) && written > 0)) return written;
  const given = Number.isNaN(written) ? '' : `, not ${written}`;
  throw new ScorelineError('USAGE_INVALID', `--limit must be a whole number above 0${given}`, {
    hint: 'Example: --limit 100',
  });
}
