import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isolateRefused, type SentBatch } from '../../../src/hubspot/records/isolate-refused.ts';
import type { Traced } from '../../../src/hubspot/records/match-answer.ts';
import { readRefusal } from '../../../src/hubspot/wire/refusal.ts';

const refusal = readRefusal({ category: 'VALIDATION_ERROR', message: 'one of them is bad' }, { status: 400 });

/** A HubSpot that refuses a batch as a whole if one input is bad, and writes it otherwise. */
function refusingHubSpot(bad: ReadonlySet<string>) {
  const writes = new Map<string, number>();
  let calls = 0;
  return {
    writes,
    calls: () => calls,
    async send(inputs: readonly Traced[]): Promise<SentBatch<Traced>> {
      calls += 1;
      if (inputs.some(({ traceId }) => bad.has(traceId))) return { settled: new Map(), refused: { inputs, refusal } };
      for (const { traceId } of inputs) writes.set(traceId, (writes.get(traceId) ?? 0) + 1);
      return {
        settled: new Map(
          inputs.map(({ traceId }) => [traceId, { kind: 'accepted', recordId: traceId, created: false }]),
        ),
      };
    },
    reject: () => ({ kind: 'rejected', rejection: { category: refusal.category, message: refusal.message } }) as const,
  };
}

const inputsOf = (size: number) => Array.from({ length: size }, (_, index) => ({ traceId: `row-${index}` }));

describe('isolateRefused', () => {
  it('writes every good row once, rejects every bad one, and keeps to the bound of calls', async () => {
    const batch = fc
      .integer({ min: 1, max: 100 })
      .chain((size) => fc.record({ size: fc.constant(size), bad: fc.uniqueArray(fc.nat(size - 1)) }));
    await fc.assert(
      fc.asyncProperty(batch, async ({ size, bad }) => {
        const inputs = inputsOf(size);
        const badIds = new Set(bad.map((index) => `row-${index}`));
        const hubspot = refusingHubSpot(badIds);
        const outcomes = await isolateRefused(inputs, hubspot);
        for (const { traceId } of inputs) {
          expect(outcomes.get(traceId)?.kind).toBe(badIds.has(traceId) ? 'rejected' : 'accepted');
          expect(hubspot.writes.get(traceId) ?? 0).toBe(badIds.has(traceId) ? 0 : 1);
        }
        const k = badIds.size;
        const bound = k === 0 ? 0 : 2 * k * (1 + Math.log2(size / k));
        expect(hubspot.calls() - 1).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [1, 15],
    [2, 26],
    [5, 53],
    [100, 198],
  ])('spends at most what the design allows on %i bad rows among 100', async (count, most) => {
    const spread = inputsOf(100).filter(
      (_, index) => Math.floor((index * count) / 100) !== Math.floor(((index + 1) * count) / 100),
    );
    const hubspot = refusingHubSpot(new Set(spread.map(({ traceId }) => traceId)));
    await isolateRefused(inputsOf(100), hubspot);
    expect(spread).toHaveLength(count);
    expect(hubspot.calls() - 1).toBeLessThanOrEqual(most);
  });
});
