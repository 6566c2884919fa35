import { ScorelineError } from '../errors/scoreline-error.ts';
import { parseDuration } from '../project/settings.ts';

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

/** @returns milliseconds; 0 where nothing is written. @throws USAGE_INVALID */
export function parseWait(written: string | undefined): number {
  if (written === undefined) return 0;
  const duration = parseDuration(written);
  if (duration === null) {
    throw new ScorelineError('USAGE_INVALID', `--wait "${written}" is no duration`, {
      hint: 'Example: --wait 10m; units are m, h, d and w.',
    });
  }
  return duration.amount * unitMs[duration.unit];
}
