import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CheckpointBuffer } from '../../../src/sync/checkpoint-buffer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const limits = { checkpointEveryRows: 3, checkpointEveryMs: 10_000 };

test('writes when enough rows are there, and the rest at the end', async () => {
  const written: (readonly number[])[] = [];
  const buffer = new CheckpointBuffer<number>(limits, async (rows) => void written.push(rows));
  await buffer.add([1, 2]);
  expect(written).toEqual([]);
  await buffer.add([3, 4]);
  expect(written).toEqual([[1, 2, 3, 4]]);
  await buffer.add([5]);
  await buffer.flush();
  expect(written).toEqual([[1, 2, 3, 4], [5]]);
  await buffer.flush();
  expect(written).toHaveLength(2);
});

test('writes few rows after a while', async () => {
  const written: (readonly number[])[] = [];
  const buffer = new CheckpointBuffer<number>(limits, async (rows) => void written.push(rows));
  await buffer.add([1]);
  await vi.advanceTimersByTimeAsync(9_999);
  await buffer.add([2]);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toEqual([[1, 2]]);
});

test('makes one write at a time, and holds up whoever adds faster than rows are written', async () => {
  let finish = () => {};
  let writes = 0;
  const buffer = new CheckpointBuffer<number>(limits, () => {
    writes += 1;
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  await buffer.add([1, 2, 3]);
  await buffer.add([4, 5, 6, 7, 8]);
  let isHeldUp = true;
  const held = buffer.add([9]).then(() => {
    isHeldUp = false;
  });
  await vi.advanceTimersByTimeAsync(0);
  expect({ isHeldUp, writes }).toEqual({ isHeldUp: true, writes: 1 });
  finish();
  await held;
  expect(writes).toBe(2);
});

test('a write that failed is thrown to whoever adds next or waits for the end, and leaves no timer', async () => {
  const buffer = new CheckpointBuffer<number>(limits, () => Promise.reject(new Error('disk full')));
  await buffer.add([1, 2, 3]);
  await vi.advanceTimersByTimeAsync(0);
  await expect(buffer.add([4])).rejects.toThrow('disk full');
  await expect(buffer.flush()).rejects.toThrow('disk full');
  expect(vi.getTimerCount()).toBe(0);
});

test('after cancelling, what was not written is dropped', async () => {
  const written: (readonly number[])[] = [];
  const buffer = new CheckpointBuffer<number>(limits, async (rows) => void written.push(rows));
  await buffer.add([1, 2]);
  await buffer.cancel();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(written).toEqual([]);
});
