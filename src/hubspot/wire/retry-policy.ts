import type { Verdict } from './verdict.ts';

/** A wait longer than this, alone or in sum, is for the next run. */
export const longestWaitMs = 300_000;
/** With waits of 1, 2, 4, 8 and 16 s between them (less the jitter): about half a minute of trouble is sat out. */
const maxFailures = 6;
const firstBackOffMs = 1000;
const longestBackOffMs = 30_000;

/** What happened to a call so far, its last attempt included. */
export interface CallHistory {
  /** Attempts without a usable answer. */
  readonly failures: number;
  /** Attempts that were turned away unread: over a limit, locked, moving. */
  readonly turnedAway: number;
  /** Since the first attempt that failed. */
  readonly troubleMs: number;
}

export type RetryDecision =
  | { readonly kind: 'again'; readonly waitMs: number }
  | { readonly kind: 'postpone'; readonly waitMs: number }
  | { readonly kind: 'give-up' };

type Setback = Extract<Verdict, { kind: 'limited' | 'busy' | 'failed' }>;

/**
 * Decides about the next attempt of a call that may be repeated.
 * @param random yields numbers from 0 to 1
 */
export function decideRetry(setback: Setback, history: CallHistory, random: () => number): RetryDecision {
  switch (setback.kind) {
    case 'limited':
      if (setback.limit === 'daily') return { kind: 'postpone', waitMs: setback.retryAfterMs ?? 0 };
      return within(setback.retryAfterMs ?? backOff(history.turnedAway, random), history);
    case 'busy':
      return within(setback.leastWaitMs + backOff(history.turnedAway, random), history);
    case 'failed':
      if (!setback.repeatable || history.failures >= maxFailures) return { kind: 'give-up' };
      return within(Math.max(setback.retryAfterMs ?? 0, backOff(history.failures, random)), history);
    default:
      return setback satisfies never;
  }
}

function within(waitMs: number, history: CallHistory): RetryDecision {
  return history.troubleMs + waitMs > longestWaitMs ? { kind: 'postpone', waitMs } : { kind: 'again', waitMs };
}

/** Exponential, half of it by chance, so that calls which failed together do not come back together. */
function backOff(attempt: number, random: () => number): number {
  const fullMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** (attempt - 1));
  return fullMs * (0.5 + random() / 2);
}
