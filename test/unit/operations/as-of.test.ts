import { describe, expect, test } from 'vitest';
import { parseAsOf } from '../../../src/operations/as-of.ts';

const now = new Date('2026-06-30T23:30:00.123Z');

describe('--as-of', () => {
  test.each([
    ['2026-01-31', 'UTC', '2026-01-31T00:00:00.000Z', '2026-01-31'],
    ['2026-01-31', 'America/New_York', '2026-01-31T05:00:00.000Z', '2026-01-31'],
    ['2026-01-31T08:00', 'Europe/Berlin', '2026-01-31T07:00:00.000Z', '2026-01-31'],
    ['2026-01-31 08:00:05', 'Europe/Berlin', '2026-01-31T07:00:05.000Z', '2026-01-31'],
    ['2026-01-31T23:30:00Z', 'Europe/Berlin', '2026-01-31T23:30:00.000Z', '2026-02-01'],
    ['2026-01-31T23:30:00+02:00', 'UTC', '2026-01-31T21:30:00.000Z', '2026-01-31'],
    // The clock jumps from 02:00 to 03:00: a time that does not exist is read with the offset before the jump.
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z', '2026-03-29'],
    [undefined, 'Asia/Tokyo', '2026-06-30T23:30:00.123Z', '2026-07-01'],
  ])('reads %s in %s', (text, zone, instant, day) => {
    expect(parseAsOf(text, zone, now)).toEqual({ instant, day });
  });

  test.each(['yesterday', '2026-13-01', '2026-02-30', '31.01.2026', ''])('refuses "%s"', (text) => {
    expect(() => parseAsOf(text, 'UTC', now)).toThrow(expect.objectContaining({ code: 'USAGE_INVALID' }));
  });
});
