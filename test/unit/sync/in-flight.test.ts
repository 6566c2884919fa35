import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forEachInFlight, inBatches } from '../../../src/sync/in-flight.ts';

/** Work that ends when the test says so. */
function gates() {
  const open: (() => void)[] = [];
  return { wait: () => new Promise<void>((resolve) => open.push(resolve)), open };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('reads no more items than are worked on', async () => {
  let read = 0;
  const items = (function* () {
    while (read < 10) yield read++;
  })();
  const { wait, open } = gates();
  const done = forEachInFlight(items, 3, wait);
  await turn();
  expect(read).toBe(3);
  open.shift()?.();
  await turn();
  expect(read).toBe(4);
  while (open.length > 0) {
    open.shift()?.();
    await turn();
  }
  await done;
  expect(read).toBe(10);
});

test('after a failure reads nothing more, and throws the first error when the others have ended', async () => {
  let read = 0;
  const items = (function* () {
    while (true) yield read++;
  })();
  const { wait, open } = gates();
  let ended = 0;
  const done = forEachInFlight(items, 2, async (item) => {
    if (item === 1) throw new Error('first');
    await wait();
    ended += 1;
  });
  const outcome = expect(done).rejects.toThrow('first');
  await turn();
  for (const release of open) release();
  await outcome;
  expect(ended).toBe(open.length);
  expect(read).toBeLessThanOrEqual(3);
});

describe('batches', () => {
  test('keep the order and the rows, and all but the last are full', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.integer())), fc.integer({ min: 1, max: 7 }), async (chunks, size) => {
        const batches: (readonly number[])[] = [];
        const source = (async function* () {
          yield* chunks;
        })();
        for await (const batch of inBatches(source, size)) batches.push(batch);
        expect(batches.flat()).toEqual(chunks.flat());
        expect(batches.slice(0, -1).every((batch) => batch.length === size)).toBe(true);
        expect(batches.every((batch) => batch.length > 0)).toBe(true);
      }),
    );
  });
});
