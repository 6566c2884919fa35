import { expect, test } from 'vitest';
import { ScorelineError } from '../../../src/errors/scoreline-error.ts';
import { waitWhileBusy } from '../../../src/operations/wait-while-busy.ts';
import { InstantClock } from '../../support/instant-clock.ts';

const busy = new ScorelineError('RUN_BUSY', 'demo.duckdb is in use by process 7 (node).');

function waiting(waitMs: number, signal = new AbortController().signal) {
  const told: string[] = [];
  const clock = new InstantClock();
  return { waitMs, clock, signal, told, report: ({ message }: { message: string }) => void told.push(message) };
}

test('what is held is tried again until it is free, and that is told once', async () => {
  const options = waiting(600_000);
  let tries = 0;
  const result = await waitWhileBusy(options, async () => {
    tries += 1;
    if (tries < 5) throw busy;
    return 'done';
  });
  expect(result).toBe('done');
  expect(options.told).toEqual(['demo.duckdb is in use by process 7 (node). Waiting for it.']);
});

test('when the time is up, the error says who holds it', async () => {
  const options = waiting(10_000);
  await expect(waitWhileBusy(options, () => Promise.reject(busy))).rejects.toBe(busy);
  expect(options.clock.monotonicMs()).toBe(10_000);
});

test('without --wait nobody waits, and other errors are never waited for', async () => {
  const impatient = waiting(0);
  await expect(waitWhileBusy(impatient, () => Promise.reject(busy))).rejects.toBe(busy);
  const wrong = new ScorelineError('WAREHOUSE_UNREACHABLE', 'no such host');
  const patient = waiting(600_000);
  await expect(waitWhileBusy(patient, () => Promise.reject(wrong))).rejects.toBe(wrong);
  expect([...impatient.clock.sleeps, ...patient.clock.sleeps]).toEqual([]);
});

test('an interruption ends the waiting', async () => {
  const interruption = new AbortController();
  const options = waiting(600_000, interruption.signal);
  await expect(
    waitWhileBusy(options, async () => {
      interruption.abort(new Error('SIGTERM'));
      throw busy;
    }),
  ).rejects.toThrow('SIGTERM');
});
