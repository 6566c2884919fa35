import { afterAll, describe, expect, it } from 'vitest';
import type { Duration } from '../../src/project/setting-types.ts';
import { type RuleFacts, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const days = (amount: number): Duration => ({ amount, unit: 'day' });
const hours = (amount: number): Duration => ({ amount, unit: 'hour' });
const minutes = (amount: number): Duration => ({ amount, unit: 'minute' });

interface Scene {
  readonly timeZone: string;
  readonly asOf: string;
  readonly type: 'timestamptz' | 'timestamp' | 'date';
  readonly within: Duration;
}

/** Which of the times count. */
async function counting({ timeZone, asOf, type, within }: Scene, times: readonly string[]): Promise<readonly string[]> {
  const world = await worldIn(timeZone);
  await world.table(
    'leads',
    { lead_id: 'varchar' },
    times.map((time) => ({ lead_id: time })),
  );
  await world.table(
    'logins',
    { lead_id: 'varchar', at: type },
    times.map((time) => ({ lead_id: time, at: time })),
  );
  const rule: RuleFacts = { kind: 'event', events: "{{ ref('logins') }}", at: 'at', within };
  const rows = await world.score(scorecard({ rules: [rule] }), { asOf });
  return times.filter((time) => Number(rows.get(time)?.score) === 1);
}

const worlds = new Map<string, Promise<ScoringWorld>>();
afterAll(async () => {
  for (const world of worlds.values()) await (await world).close();
});

function worldIn(timeZone: string): Promise<ScoringWorld> {
  const world = worlds.get(timeZone) ?? ScoringWorld.open(timeZone);
  worlds.set(timeZone, world);
  return world;
}

describe('a window in days', () => {
  it('keeps today and the days before it, whole, and nothing after as_of', async () => {
    const scene: Scene = { timeZone: 'UTC', asOf: '2026-01-31T12:00:00.000Z', type: 'timestamp', within: days(30) };
    const times = ['2026-01-01 23:59:59', '2026-01-02 00:00:00', '2026-01-31 12:00:00', '2026-01-31 12:00:00.001'];
    expect(await counting(scene, times)).toEqual(['2026-01-02 00:00:00', '2026-01-31 12:00:00']);
  });

  it('counts days of the project zone for instants', async () => {
    // In Tokyo it is already 1 February, 00:30.
    const scene: Scene = {
      timeZone: 'Asia/Tokyo',
      asOf: '2026-01-31T15:30:00.000Z',
      type: 'timestamptz',
      within: days(1),
    };
    const times = [
      '2026-01-31 14:59:59+00',
      '2026-01-31 15:00:00+00',
      '2026-01-31 15:30:00+00',
      '2026-01-31 15:30:00.000001+00',
    ];
    expect(await counting(scene, times)).toEqual(['2026-01-31 15:00:00+00', '2026-01-31 15:30:00+00']);
  });

  it('reads dates and times without a zone in the project zone', async () => {
    const scene = { timeZone: 'America/Los_Angeles', asOf: '2026-02-01T06:00:00.000Z', within: days(2) } as const;
    // In Los Angeles it is 31 January, 22:00.
    const times = ['2026-01-29 23:59:59', '2026-01-30 00:00:00', '2026-01-31 22:00:00', '2026-01-31 22:00:01'];
    expect(await counting({ ...scene, type: 'timestamp' }, times)).toEqual([
      '2026-01-30 00:00:00',
      '2026-01-31 22:00:00',
    ]);
    const dates = ['2026-01-29', '2026-01-30', '2026-01-31', '2026-02-01'];
    expect(await counting({ ...scene, type: 'date' }, dates)).toEqual(['2026-01-30', '2026-01-31']);
  });

  it('counts a week as seven days', async () => {
    const within: Duration = { amount: 1, unit: 'week' };
    const scene: Scene = { timeZone: 'UTC', asOf: '2026-01-31T00:00:00.000Z', type: 'date', within };
    expect(await counting(scene, ['2026-01-24', '2026-01-25', '2026-01-31'])).toEqual(['2026-01-25', '2026-01-31']);
  });

  it('counts days of 23 and 25 hours as days', async () => {
    // Berlin set its clocks forward on 30 March and back on 26 October 2025.
    const spring: Scene = {
      timeZone: 'Europe/Berlin',
      asOf: '2025-03-30T22:30:00.000Z',
      type: 'timestamptz',
      within: days(1),
    };
    expect(await counting(spring, ['2025-03-30 21:59:59+00', '2025-03-30 22:00:00+00'])).toEqual([
      '2025-03-30 22:00:00+00',
    ]);
    const autumn: Scene = { ...spring, asOf: '2025-10-26T22:30:00.000Z', within: days(1) };
    expect(await counting(autumn, ['2025-10-25 21:59:59+00', '2025-10-25 22:00:00+00'])).toEqual([
      '2025-10-25 22:00:00+00',
    ]);
  });

  it('tells the two readings of a repeated hour apart', async () => {
    // 02:30 by Berlin's clocks, the first time that night.
    const scene: Scene = {
      timeZone: 'Europe/Berlin',
      asOf: '2025-10-26T00:30:00.000Z',
      type: 'timestamptz',
      within: days(1),
    };
    const times = [
      '2025-10-26 00:15:00+00',
      '2025-10-26 00:30:00+00',
      '2025-10-26 00:45:00+00',
      '2025-10-26 01:15:00+00',
    ];
    expect(await counting(scene, times)).toEqual(['2025-10-26 00:15:00+00', '2025-10-26 00:30:00+00']);
  });

  it('begins a day at its first midnight where clocks go back over it', async () => {
    // Havana turned 01:00 into 00:00 on 2 November 2025: the day had two midnights, at 04:00 and 05:00 UTC.
    const scene: Scene = {
      timeZone: 'America/Havana',
      asOf: '2025-11-02T12:00:00.000Z',
      type: 'timestamptz',
      within: days(1),
    };
    expect(await counting(scene, ['2025-11-02 03:59:59+00', '2025-11-02 04:00:00+00'])).toEqual([
      '2025-11-02 04:00:00+00',
    ]);
  });
});

describe('a window in hours or minutes', () => {
  it('is exact to the second', async () => {
    const scene: Scene = { timeZone: 'UTC', asOf: '2026-01-31T12:00:00.000Z', type: 'timestamp', within: hours(24) };
    const times = ['2026-01-30 12:00:00', '2026-01-30 12:00:01', '2026-01-31 12:00:00', '2026-01-31 12:00:01'];
    expect(await counting(scene, times)).toEqual(['2026-01-30 12:00:01', '2026-01-31 12:00:00']);
    const shorter = { ...scene, within: minutes(30) };
    expect(await counting(shorter, ['2026-01-31 11:30:00', '2026-01-31 11:30:01'])).toEqual(['2026-01-31 11:30:01']);
  });

  it('measures elapsed time across a change of clocks', async () => {
    const scene: Scene = {
      timeZone: 'Europe/Berlin',
      asOf: '2025-03-30T10:00:00.000Z',
      type: 'timestamp',
      within: hours(24),
    };
    // Noon in Berlin; 24 hours before, its clocks said 11:00.
    expect(await counting(scene, ['2025-03-29 11:00:00', '2025-03-29 11:00:01'])).toEqual(['2025-03-29 11:00:01']);
  });
});
