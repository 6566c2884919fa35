import { expect, test } from 'vitest';
import { parseAsOf } from '../../../src/operations/as-of.ts';
import { backfillDates, parseEvery } from '../../../src/operations/backfill-dates.ts';

const zone = 'Europe/Berlin';
const at = (text: string) => parseAsOf(text, zone, new Date(0));

test('steps of days keep to midnight when clocks change', () => {
  const dates = backfillDates(at('2026-03-28'), at('2026-03-31'), parseEvery('1d'), zone);
  expect(dates).toEqual([
    { instant: '2026-03-27T23:00:00.000Z', day: '2026-03-28' },
    { instant: '2026-03-28T23:00:00.000Z', day: '2026-03-29' },
    { instant: '2026-03-29T22:00:00.000Z', day: '2026-03-30' },
    { instant: '2026-03-30T22:00:00.000Z', day: '2026-03-31' },
  ]);
});

test('hours are exact, and the end is left out where no step meets it', () => {
  const dates = backfillDates(at('2026-01-01T00:00:00Z'), at('2026-01-02T01:00:00Z'), parseEvery('12h'), 'UTC');
  expect(dates.map(({ instant }) => instant.slice(0, 16))).toEqual([
    '2026-01-01T00:00',
    '2026-01-01T12:00',
    '2026-01-02T00:00',
  ]);
});

test('more than ten years of days are a slip of the finger', () => {
  expect(() => backfillDates(at('2010-01-01'), at('2026-01-01'), parseEvery('1d'), zone)).toThrow(
    'more than 3660 steps',
  );
  expect(backfillDates(at('2010-01-01'), at('2026-01-01'), parseEvery('2w'), zone)).toHaveLength(418);
});

test.each(['', '0d', '7', 'week'])('--every "%s" is refused', (written) => {
  expect(() => parseEvery(written)).toThrow('is no duration');
});
