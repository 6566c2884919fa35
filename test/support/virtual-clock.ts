import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../src/hubspot/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Time that jumps to the next sleeper as soon as nothing else can happen: hours pass in milliseconds. */
export class VirtualClock implements Clock {
  readonly #startsAt: Date;
  #nowMs = 0;
  /** Soonest first. */
  #sleepers: Sleeper[] = [];

  constructor(startsAt = new Date('2026-01-15T12:00:00Z')) {
    this.#startsAt = startsAt;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  now(): Date {
    return new Date(this.#startsAt.getTime() + this.#nowMs);
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { atMs: this.#nowMs + durationMs, wake: resolve };
      const index = this.#sleepers.findLastIndex(({ atMs }) => atMs <= sleeper.atMs) + 1;
      this.#sleepers.splice(index, 0, sleeper);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  /** Lets time pass until the work is done. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const settled = work.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined);
    for (;;) {
      // Everything that can go on without time goes on before the next turn of the event loop.
      await nextTurn();
      if (isDone) return settled;
      const sleeper = this.#sleepers.shift();
      if (sleeper === undefined) throw new Error('nobody sleeps and the work is not done');
      this.#nowMs = Math.max(this.#nowMs, sleeper.atMs);
      sleeper.wake();
    }
  }
}
