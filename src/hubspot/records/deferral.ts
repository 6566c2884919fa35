import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { DeferredOutcome, WriteOutcome } from '../types.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Traced } from './match-answer.ts';

/**
 * The outcome of records whose call did not come to an end: interrupted, postponed, without an answer, or refused in a way
 * that ends the run.
 */
export function deferralFor(error: unknown, signal?: AbortSignal): DeferredOutcome {
  if (signal?.aborted && error === signal.reason) return { kind: 'deferred', reason: 'the run was interrupted' };
  if (!(error instanceof ScorelineError)) throw error;
  const failure = error instanceof WireError ? error.failure : null;
  switch (failure?.kind) {
    case 'lost':
      return { kind: 'deferred', reason: failure.reason };
    case 'postponed':
      return { kind: 'deferred', reason: failure.reason, retryAt: failure.retryAt };
    default:
      return { kind: 'deferred', reason: error.message, failure: error };
  }
}

export function outcomeForAll(inputs: readonly Traced[], outcome: WriteOutcome): Map<string, WriteOutcome> {
  return new Map(inputs.map(({ traceId }) => [traceId, outcome]));
}
