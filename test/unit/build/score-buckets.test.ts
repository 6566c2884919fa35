import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketEdges, chooseBuckets } from '../../../src/build/diff/score-buckets.ts';

const edges = (min: number, max: number) => bucketEdges(chooseBuckets(min, max));

describe('score buckets', () => {
  test.each([
    [0, 100, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]],
    [0, 37.5, [0, 5, 10, 15, 20, 25, 30, 35, 40]],
    [3, 23, [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24]],
    [-20, 80, [-20, -10, 0, 10, 20, 30, 40, 50, 60, 70, 80]],
    [0, 1, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    [0, 23_000, [0, 2500, 5000, 7500, 10_000, 12_500, 15_000, 17_500, 20_000, 22_500, 25_000]],
    [42, 42, [42, 43]],
    [0, 0.000003, [0, 0.000001, 0.000002, 0.000003]],
  ])('from %d to %d are round', (min, max, expected) => {
    expect(edges(min, max)).toEqual(expected);
  });

  test('cover every score, are equally wide, and few', () => {
    const score = fc.integer({ min: -10_000_000, max: 10_000_000 }).map((cents) => cents / 100);
    fc.assert(
      fc.property(score, score, (a, b) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const { width, count } = chooseBuckets(min, max);
        const found = edges(min, max);
        expect(found[0]).toBeLessThanOrEqual(min);
        expect(found.at(-1)).toBeGreaterThanOrEqual(max);
        expect(count).toBeLessThanOrEqual(12);
        for (const [index, edge] of found.slice(1).entries()) expect(edge - (found[index] ?? 0)).toBeCloseTo(width, 5);
      }),
    );
  });
});
