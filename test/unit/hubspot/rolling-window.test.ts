import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RollingWindow } from '../../../src/hubspot/quota/rolling-window.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const windowMs = 10_000;

/** A server that counts a request when it arrives, in a window that rolls with time. */
class CountingServer {
  readonly #clock: VirtualClock;
  readonly #limit: number;
  #arrivals: number[] = [];
  taken = 0;
  refused = 0;

  constructor(clock: VirtualClock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** @returns what remains, or undefined where the request is over the limit */
  arrive(): number | undefined {
    const nowMs = this.#clock.monotonicMs();
    this.#arrivals = this.#arrivals.filter((atMs) => atMs > nowMs - windowMs);
    if (this.#arrivals.length >= this.#limit) {
      this.refused += 1;
      return undefined;
    }
    this.#arrivals.push(nowMs);
    this.taken += 1;
    return this.#limit - this.#arrivals.length;
  }
}

interface Traffic {
  readonly limit: number;
  readonly durationMs: number;
  readonly workers: number;
  /** Ways there and back, and pauses of a worker between two requests: taken in turn. */
  readonly ways: readonly { readonly thereMs: number; readonly backMs: number; readonly pauseMs: number }[];
}

async function send(
  clock: VirtualClock,
  window: RollingWindow,
  server: CountingServer,
  traffic: Traffic,
): Promise<number> {
  let turn = 0;
  let refused = 0;
  async function work(): Promise<void> {
    while (clock.monotonicMs() < traffic.durationMs) {
      const { thereMs, backMs, pauseMs } = traffic.ways[turn++ % traffic.ways.length] ?? {
        thereMs: 0,
        backMs: 0,
        pauseMs: 0,
      };
      if (pauseMs > 0) await clock.sleep(pauseMs);
      const slot = await window.take();
      await clock.sleep(thereMs);
      const remaining = server.arrive();
      await clock.sleep(backMs);
      window.answered(slot);
      if (remaining === undefined) {
        refused += 1;
        window.refused(1000);
      } else {
        window.observe(slot, traffic.limit, remaining);
      }
    }
  }
  await Promise.all(Array.from({ length: traffic.workers }, work));
  return refused;
}

const way = fc.record({
  thereMs: fc.integer({ min: 5, max: 150 }),
  backMs: fc.integer({ min: 45, max: 150 }),
  pauseMs: fc.constant(0),
});

describe('a rolling window', () => {
  it('is never over the limit of the server, and reaches 95 % of it, at 50 to 300 ms', async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(100, 190, 250),
      fc.array(way, { minLength: 1, maxLength: 40 }),
      async (limit, ways) => {
        const clock = new VirtualClock();
        const window = new RollingWindow({ clock, limit, windowMs });
        const server = new CountingServer(clock, limit);
        const windows = 12;
        await clock.run(send(clock, window, server, { limit, durationMs: windows * windowMs, workers: 20, ways }));
        expect(server.refused).toBe(0);
        expect(server.taken).toBeGreaterThanOrEqual(0.95 * windows * limit);
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });

  it('is never over the limit when requests come in fits and starts', async () => {
    const fits = fc.record({
      thereMs: fc.integer({ min: 0, max: 300 }),
      backMs: fc.integer({ min: 0, max: 3000 }),
      pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 12_000 })),
    });
    const property = fc.asyncProperty(fc.array(fits, { minLength: 1, maxLength: 40 }), async (ways) => {
      const clock = new VirtualClock();
      const window = new RollingWindow({ clock, limit: 25, windowMs });
      const server = new CountingServer(clock, 25);
      await clock.run(send(clock, window, server, { limit: 25, durationMs: 120_000, workers: 12, ways }));
      expect(server.refused).toBe(0);
      expect(server.taken).toBeGreaterThan(0);
    });
    await fc.assert(property, { numRuns: 50 });
  });

  it('keeps 95 % of the ceiling when each answer takes seconds', async () => {
    const clock = new VirtualClock();
    const window = new RollingWindow({ clock, limit: 190, windowMs });
    const server = new CountingServer(clock, 190);
    const ways = [{ thereMs: 40, backMs: 2500, pauseMs: 0 }];
    await clock.run(send(clock, window, server, { limit: 190, durationMs: 240_000, workers: 100, ways }));
    expect(server.refused).toBe(0);
    expect(server.taken).toBeGreaterThanOrEqual(0.95 * 24 * 190);
  });

  it.each([20, 60, 120])('gives way to others who send %i in 10 s, until neither is refused', async (others) => {
    const clock = new VirtualClock();
    const limit = 190;
    const window = new RollingWindow({ clock, limit, windowMs });
    const server = new CountingServer(clock, limit);
    const durationMs = 240_000;
    let othersRefusedLate = 0;
    async function sendAsOthers(): Promise<void> {
      while (clock.monotonicMs() < durationMs) {
        if (server.arrive() === undefined && clock.monotonicMs() > durationMs / 2) othersRefusedLate += 1;
        await clock.sleep(windowMs / others);
      }
    }
    const ways = [
      { thereMs: 50, backMs: 50, pauseMs: 0 },
      { thereMs: 120, backMs: 90, pauseMs: 0 },
    ];
    const ours = send(clock, window, server, { limit, durationMs, workers: 20, ways });
    const [refused] = await clock.run(Promise.all([ours, sendAsOthers()]));
    expect(refused).toBeLessThan(0.01 * server.taken);
    expect(server.taken).toBeGreaterThan(0.85 * 24 * limit);
    expect(othersRefusedLate).toBeLessThan(0.05 * others * 12);
  });
});
