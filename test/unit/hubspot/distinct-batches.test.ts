import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctBatches } from '../../../src/hubspot/records/distinct-batches.ts';

describe('distinctBatches', () => {
  it('keeps every input, no key twice in a batch, sizes within the limit and the order of equal keys', () => {
    const inputs = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), number: fc.nat() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 5 }), (given, maxSize) => {
        const batches = distinctBatches(given, ({ key }) => key, maxSize);
        for (const batch of batches) {
          expect(new Set(batch.map(({ key }) => key)).size).toBe(batch.length);
          expect(batch.length).toBeLessThanOrEqual(maxSize);
          expect(batch.length).toBeGreaterThan(0);
        }
        const sent = batches.flat();
        expect(sent).toHaveLength(given.length);
        for (const key of 'abcdef')
          expect(sent.filter((input) => input.key === key)).toEqual(given.filter((input) => input.key === key));
      }),
    );
  });
});
