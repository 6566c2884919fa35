import { ScorelineError } from '../errors/scoreline-error.ts';
import type { StatementOptions } from './port.ts';

/** Throws RUN_INTERRUPTED once the signal is aborted; the check that stands before and between statements. */
export function throwIfInterrupted(options: StatementOptions | undefined): void {
  if (options?.signal?.aborted) throw interruption(options);
}

/**
 * The error of a statement that an aborted signal ended. A reason that is a `ScorelineError` already says more than we
 * could, so it is passed on.
 */
export function interruption(options: StatementOptions | undefined): ScorelineError {
  const reason: unknown = options?.signal?.reason;
  if (reason instanceof ScorelineError) return reason;
  const purpose = options?.purpose ?? 'run a statement';
  return new ScorelineError('RUN_INTERRUPTED', `Interrupted while trying to ${purpose}.`, { cause: reason });
}
