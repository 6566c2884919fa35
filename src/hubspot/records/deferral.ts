import type { WriteOutcome } from '../types.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Traced } from './match-answer.ts';

type Deferred = Extract<WriteOutcome, { kind: 'deferred' }>;

/**
 * The outcome of records whose call did not come to an end: interrupted, postponed, or without an answer.
 * @throws the error itself, where the run cannot go on
 */
export function deferralFor(error: unknown, signal?: AbortSignal): Deferred {
  if (signal?.aborted && error === signal.reason) return { kind: 'deferred', reason: 'the run was interrupted' };
  if (!(error instanceof WireError)) throw error;
  switch (error.failure.kind) {
    case 'lost':
      return { kind: 'deferred', reason: error.failure.reason };
    case 'postponed':
      return { kind: 'deferred', reason: error.failure.reason, retryAt: error.failure.retryAt };
    case 'refused':
      throw error;
    default:
      return error.failure satisfies never;
  }
}

export function outcomeForAll(inputs: readonly Traced[], outcome: WriteOutcome): Map<string, WriteOutcome> {
  return new Map(inputs.map(({ traceId }) => [traceId, outcome]));
}
