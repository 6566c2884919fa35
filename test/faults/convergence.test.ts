import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkCase } from './check-case.ts';
import { faultCase } from './fault-case.ts';
import { nothingYet } from './survived.ts';

/** Always the same few; `npm run test:faults` goes through as many others as one likes. */
const cases = 6;

test('whatever fails or dies, a few runs later HubSpot equals the model, and nothing was created twice', async () => {
  const survived = nothingYet();
  await fc.assert(
    fc.asyncProperty(faultCase, (each) => checkCase(each, survived)),
    { numRuns: cases, seed: 1, endOnFailure: true },
  );
  expect(survived.cases).toBe(cases);
}, 300_000);
