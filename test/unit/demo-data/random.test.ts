import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/sandbox/demo-data/random.ts';

const seeds = fc.integer();
const streams = fc.nat({ max: 5000 });

function draws(seed: number, stream: number): readonly number[] {
  const random = createRandom(seed, stream);
  return Array.from({ length: 20 }, () => random.float());
}

describe('createRandom', () => {
  it('repeats itself for the same seed and stream', () => {
    fc.assert(
      fc.property(seeds, streams, (seed, stream) => {
        expect(draws(seed, stream)).toEqual(draws(seed, stream));
      }),
    );
  });

  it('gives streams of one seed nothing in common', () => {
    fc.assert(
      fc.property(seeds, streams, (seed, stream) => {
        const other = new Set(draws(seed, stream + 1));
        expect(draws(seed, stream).some((value) => other.has(value))).toBe(false);
      }),
    );
  });

  it('stays within the bounds of int and between', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -1000, max: 1000 }), fc.nat({ max: 1000 }), (seed, from, width) => {
        const random = createRandom(seed, 0);
        const whole = random.int(from, from + width);
        expect(Number.isInteger(whole) && whole >= from && whole <= from + width).toBe(true);
        const real = random.between(from, from + width + 1);
        expect(real >= from && real < from + width + 1).toBe(true);
      }),
    );
  });

  it('draws as often as the weights say', () => {
    const random = createRandom(1, 1);
    const counts = { a: 0, b: 0, never: 0 };
    for (let draw = 0; draw < 10_000; draw += 1) {
      counts[
        random.weighted([
          ['a', 3],
          ['never', 0],
          ['b', 1],
        ] as const)
      ] += 1;
    }
    expect(counts.never).toBe(0);
    expect(counts.a / 10_000).toBeCloseTo(0.75, 1);
  });

  it('has the mean of a count and the spread of a normal value', () => {
    const random = createRandom(2, 2);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(Array.from({ length: 10_000 }, () => random.poisson(3)))).toBeCloseTo(3, 0);
    const normals = Array.from({ length: 10_000 }, () => random.normal());
    expect(mean(normals)).toBeCloseTo(0, 1);
    expect(mean(normals.map((value) => value * value))).toBeCloseTo(1, 1);
  });

  it('refuses to pick from nothing', () => {
    const random = createRandom(3, 3);
    expect(() => random.pick([])).toThrow(RangeError);
    expect(() => random.weighted([['a', 0]])).toThrow(RangeError);
  });
});
