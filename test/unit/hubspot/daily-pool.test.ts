import { describe, expect, it } from 'vitest';
import { DailyPool } from '../../../src/hubspot/quota/daily-pool.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const noon = new Date('2026-07-01T12:00:00Z');

describe('the daily pool', () => {
  it('closes when the reserve is reached, and opens at the midnight of the account', async () => {
    const clock = new VirtualClock(noon);
    const pool = new DailyPool({ clock, reserveRatio: 0.2 });
    pool.setTimeZone('America/New_York');
    pool.learn(1000, 201, 0);
    expect(pool.closedUntil()).toBeUndefined();
    pool.learn(1000, 200, 0);
    // 08:00 there, so 16 hours to go.
    expect(pool.closedUntil()).toEqual(new Date('2026-07-02T04:00:00Z'));
    await clock.run(clock.sleep(16 * 3_600_000 - 1));
    expect(pool.closedUntil()).toBeDefined();
    await clock.run(clock.sleep(1));
    expect(pool.closedUntil()).toBeUndefined();
  });

  it('counts requests that are under way as used', () => {
    const pool = new DailyPool({ clock: new VirtualClock(noon), reserveRatio: 0 });
    pool.learn(1000, 10, 9);
    expect(pool.closedUntil()).toBeUndefined();
    pool.learn(1000, 10, 10);
    expect(pool.closedUntil()).toBeDefined();
  });

  it.each([undefined, 'Mars/Olympus'])('asks again after an hour where the time zone is %s', (timeZone) => {
    const pool = new DailyPool({ clock: new VirtualClock(noon), reserveRatio: 0 });
    if (timeZone !== undefined) pool.setTimeZone(timeZone);
    pool.close();
    expect(pool.closedUntil()).toEqual(new Date('2026-07-01T13:00:00Z'));
  });
});
