import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RollingWindow } from '../../../src/sandbox/traffic/rolling-window.ts';

test('counts what a plain list of times counts', () => {
  const steps = fc.array(fc.record({ waitMs: fc.nat(400), adds: fc.boolean() }), { maxLength: 3_000 });
  fc.assert(
    fc.property(steps, (events) => {
      const window = new RollingWindow(1_000);
      const times: number[] = [];
      let nowMs = 0;
      for (const { waitMs, adds } of events) {
        nowMs += waitMs;
        expect(window.count(nowMs)).toBe(times.filter((time) => time > nowMs - 1_000).length);
        if (adds) {
          window.add(nowMs);
          times.push(nowMs);
        }
      }
    }),
    { numRuns: 20 },
  );
});
