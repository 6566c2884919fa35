import { describe, expect, test } from 'vitest';
import { AccountDay } from '../../../src/sandbox/traffic/account-day.ts';

describe('an account’s day', () => {
  test.each([
    ['UTC', '2026-05-04T23:59:59.999Z', '2026-05-04', '2026-05-05T00:00:00.000Z'],
    ['Asia/Kathmandu', '2026-05-04T18:14:59.999Z', '2026-05-04', '2026-05-04T18:15:00.000Z'],
    ['America/New_York', '2026-05-04T03:59:59.999Z', '2026-05-03', '2026-05-04T04:00:00.000Z'],
    // 23 and 25 hours long.
    ['Europe/Berlin', '2026-03-28T23:00:00.000Z', '2026-03-29', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-24T22:00:00.000Z', '2026-10-25', '2026-10-25T23:00:00.000Z'],
    // The clock goes from midnight to one: the day begins at 01:00.
    ['Africa/Cairo', '2026-04-23T12:00:00.000Z', '2026-04-23', '2026-04-23T22:00:00.000Z'],
  ])('in %s at %s is %s and ends at %s', (timeZone, at, day, end) => {
    const accountDay = new AccountDay(timeZone);
    expect(accountDay.dayOf(Date.parse(at))).toBe(day);
    expect(new Date(accountDay.endOfDay(Date.parse(at))).toISOString()).toBe(end);
    expect(accountDay.dayOf(Date.parse(end))).not.toBe(day);
    expect(accountDay.dayOf(Date.parse(end) - 1)).toBe(day);
  });
});
