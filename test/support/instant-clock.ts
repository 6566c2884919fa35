import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../src/hubspot/clock.ts';

/** For tests over real HTTP: whoever sleeps goes on at once, and the clock shows that the time has passed. */
export class InstantClock implements Clock {
  readonly #startsAt: Date;
  #nowMs = 0;
  /** Every sleep asked for, in ms. */
  readonly sleeps: number[] = [];

  constructor(startsAt = new Date('2026-01-15T12:00:00Z')) {
    this.#startsAt = startsAt;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  now(): Date {
    return new Date(this.#startsAt.getTime() + this.#nowMs);
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(durationMs);
    this.#nowMs += durationMs;
    await nextTurn();
    signal?.throwIfAborted();
  }
}
