import { setTimeout as sleep } from 'node:timers/promises';

/** Time as the transport and the quota see it. Injected, so that tests wait for nothing. */
export interface Clock {
  /** Never jumps: for windows, back-off and time-outs. */
  monotonicMs(): number;
  /** For what HubSpot counts by the calendar, such as the daily pool. */
  now(): Date;
  /** Rejects with the signal's reason as soon as it is aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  now: () => new Date(),
  async sleep(durationMs, signal) {
    try {
      await sleep(durationMs, undefined, { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
