import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ScorecardModel } from '../../src/project/model-types.ts';
import type { Row } from '../../src/warehouse/port.ts';
import { type CardFacts, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

const days = (amount: number) => ({ amount, unit: 'day' }) as const;
const loggedIn = { kind: 'event', id: 'logged_in', events: "{{ ref('logins') }}", at: 'login_at' } as const;
const seats = { kind: 'numeric', id: 'seats', label: 'Seats', value: 'seats' } as const;
const tables = ['leads', 'logins', 'overrides'];
const tiers = [{ name: 'hot', at: 75 }, { name: 'warm', at: 50 }, { name: 'cold' }];

/** All tests are as of noon of 31 January 2026. */
beforeAll(async () => {
  await world.table('leads', { lead_id: 'integer', plan: 'varchar', email: 'varchar', seats: 'integer' }, [
    { lead_id: 1, plan: 'enterprise', email: 'a@one.example', seats: 80 },
    { lead_id: 2, plan: 'team', email: 'b@rival.example', seats: 60 },
    { lead_id: 3, plan: null, email: null, seats: 60 },
    { lead_id: 4, plan: 'free', email: 'd@four.example', seats: 10 },
  ]);
  await world.table('logins', { lead_id: 'integer', login_at: 'timestamp', device: 'varchar' }, [
    { lead_id: 1, login_at: '2026-01-31 08:00:00', device: 'web' },
    { lead_id: 1, login_at: '2026-01-21 08:00:00', device: 'ios' },
    { lead_id: 2, login_at: '2026-01-31 08:00:00', device: 'web' },
    { lead_id: 2, login_at: '2026-01-21 08:00:00', device: 'web' },
    { lead_id: 4, login_at: '2026-01-21 08:00:00', device: 'web' },
  ]);
});

async function rowsOf(facts: CardFacts, columns: readonly string[]): Promise<readonly (readonly unknown[])[]> {
  const rows = await world.score(scorecard(facts), { tables });
  return [1, 2, 3, 4].map((key) => columns.map((column) => shown(rows.get(String(key)), column)));
}

const shown = (row: Row | undefined, column: string) => {
  const value = row?.[column];
  return typeof value === 'string' && /^-?\d+\.\d+$/.test(value) ? Number(value) : value;
};

describe('segments', () => {
  const enterprise = { name: 'enterprise', when: "plan = 'enterprise'", rules: new Map(), tiers: new Map() };
  const rest = { name: 'rest', rules: new Map(), tiers: new Map() };

  it('name the part that an entity is in: the first one that matches, null where none does', async () => {
    const paid = { ...enterprise, name: 'paid', when: "plan <> 'free'" };
    expect(await rowsOf({ rules: [seats], segments: [enterprise, paid] }, ['segment'])).toEqual([
      ['enterprise'],
      ['paid'],
      [null],
      [null],
    ]);
    expect(await rowsOf({ rules: [seats], segments: [enterprise, rest] }, ['segment'])).toEqual([
      ['enterprise'],
      ['rest'],
      ['rest'],
      ['rest'],
    ]);
  });

  it('replace points, limits, windows and decays of rules, and leave all others as they are', async () => {
    const rules = [
      { ...loggedIn, id: 'a', points: 10, decay: { kind: 'half_life', halfLife: days(10) } },
      { ...loggedIn, id: 'b', points: 10, within: days(10) },
      { ...seats, id: 'c', points: 1, limit: 50 },
      { kind: 'attribute', id: 'd', when: 'seats > 5', points: 3 },
      { ...loggedIn, id: 'e', points: 1 },
    ] as const;
    const plain = { rules, segments: [] };
    const columns = ['a', 'b', 'c', 'd', 'e'].map((id) => `points__${id}`);
    expect(await rowsOf(plain, columns)).toEqual([
      [15, 10, 50, 3, 2],
      [15, 10, 50, 3, 2],
      [0, 0, 50, 3, 0],
      [5, 0, 10, 3, 1],
    ]);
    const changes = new Map([
      ['a', { decay: 'none' as const, points: 4 }],
      ['b', { within: days(11), limit: 15 }],
      ['c', { limit: 'none' as const, points: { sql: 'seats / 8.0' } }],
      ['d', { points: -3 }],
    ]);
    expect(await rowsOf({ rules, segments: [{ ...enterprise, rules: changes }] }, columns)).toEqual([
      [8, 15, 800, -3, 2],
      [15, 10, 50, 3, 2],
      [0, 0, 50, 3, 0],
      [5, 0, 10, 3, 1],
    ]);
  });

  it('replace decays by others, and absence windows', async () => {
    const rules = [
      { ...loggedIn, id: 'a', points: 10, decay: { kind: 'half_life', halfLife: days(10) } },
      { kind: 'absence', id: 'b', noEvents: [loggedIn.events], at: 'login_at', within: days(5), points: -10 },
    ] as const;
    const changes = new Map([
      ['a', { decay: { kind: 'linear' as const, to: days(20) } }],
      ['b', { within: days(30) }],
    ]);
    const free = { name: 'free', when: "plan = 'free'", rules: changes, tiers: new Map() };
    expect(await rowsOf({ rules, segments: [free] }, ['points__a', 'points__b'])).toEqual([
      [15, 0],
      [15, 0],
      [0, -10],
      [5, 0],
    ]);
    expect(await rowsOf({ rules, segments: [] }, ['points__b'])).toEqual([[0], [0], [-10], [-10]]);
  });

  it('put the points of the segment into the score, the groups and the reasons', async () => {
    const changes = new Map([['seats', { points: -0.5 }]]);
    const facts = {
      rules: [
        { ...seats, group: 'size' },
        { ...loggedIn, label: 'Logged in' },
      ],
      groups: new Map([['size', { name: 'size', min: -30, max: 70 }]]),
      segments: [{ ...enterprise, rules: changes }],
    };
    expect(await rowsOf(facts, ['score', 'reasons'])).toEqual([
      [-28, 'Logged in 2 times (+2); Seats (-40)'],
      [62, 'Seats (+60); Logged in 2 times (+2)'],
      [60, 'Seats (+60)'],
      [11, 'Seats (+10); Logged in once (+1)'],
    ]);
  });

  it('have thresholds of their own', async () => {
    const strict = { ...enterprise, tiers: new Map([['hot', 90]]) };
    const free = { name: 'free', when: "plan = 'free'", rules: new Map(), tiers: new Map([['warm', 10]]) };
    expect(await rowsOf({ rules: [seats], tiers, segments: [strict, free] }, ['tier'])).toEqual([
      ['warm'],
      ['warm'],
      ['warm'],
      ['warm'],
    ]);
    expect(await rowsOf({ rules: [seats], tiers }, ['tier'])).toEqual([['hot'], ['warm'], ['warm'], ['cold']]);
  });
});

describe('gates', () => {
  const rival = { id: 'rival', label: 'Competitor', when: "{{ email_domain('email') }} = 'rival.example'" };
  const small = { id: 'small', label: 'Too small', when: 'seats < 70' };

  it('leave the points and take the tier; a null predicate is false', async () => {
    expect(await rowsOf({ rules: [seats], tiers, disqualify: [rival] }, ['score', 'tier', 'reasons'])).toEqual([
      [80, 'hot', 'Seats (+80)'],
      [60, 'disqualified', 'Disqualified: Competitor; Seats (+60)'],
      [60, 'warm', 'Seats (+60)'],
      [10, 'cold', 'Seats (+10)'],
    ]);
  });

  it('name the first one that holds, and work without tiers', async () => {
    expect(await rowsOf({ rules: [seats], disqualify: [rival, small] }, ['tier', 'reasons'])).toEqual([
      [null, 'Seats (+80)'],
      ['disqualified', 'Disqualified: Competitor; Seats (+60)'],
      ['disqualified', 'Disqualified: Too small; Seats (+60)'],
      ['disqualified', 'Disqualified: Too small; Seats (+10)'],
    ]);
  });
});

describe('tiers that are shares', () => {
  const top = [{ name: 'hot', top: 0.25 }, { name: 'warm', top: 0.5 }, { name: 'cold' }];

  it('take the best ceil(share * rows), ties included, each share counted from the top', async () => {
    // Of four, one is hot and two are warm or hot; the tie of the second and third takes both in.
    expect(await rowsOf({ rules: [seats], tiers: top }, ['tier'])).toEqual([['hot'], ['warm'], ['warm'], ['cold']]);
    const fifth = [{ name: 'hot', top: 0.26 }, { name: 'cold' }];
    expect(await rowsOf({ rules: [seats], tiers: fifth }, ['tier'])).toEqual([['hot'], ['hot'], ['hot'], ['cold']]);
  });

  it('count those who are not disqualified', async () => {
    const disqualify = [{ id: 'enterprise', label: 'Has a manager', when: "plan = 'enterprise'" }];
    // Of the three that are left, ceil(0.75) = 1 is hot, and the tie makes it two.
    expect(await rowsOf({ rules: [seats], tiers: top, disqualify }, ['tier'])).toEqual([
      ['disqualified'],
      ['hot'],
      ['hot'],
      ['cold'],
    ]);
  });

  it('are exact where a share is no binary fraction', async () => {
    await world.table(
      'many',
      { lead_id: 'integer', seats: 'integer' },
      Array.from({ length: 100 }, (_, index) => ({ lead_id: index + 1, seats: index })),
    );
    const entities = [{ name: 'lead', relation: "{{ ref('many') }}", key: 'lead_id', belongsTo: {} }];
    const card = scorecard({
      rules: [seats],
      tiers: [{ name: 'hot', top: 0.07 * 1.0000000000000002 }, { name: 'cold' }],
    });
    const rows = [...(await world.score(card, { entities, tables: ['many'] })).values()];
    expect(rows.filter((row) => row.tier === 'hot')).toHaveLength(7);
  });

  it('stand beside thresholds', async () => {
    const mixed = [{ name: 'hot', top: 0.1 }, { name: 'warm', at: 60 }, { name: 'cold' }];
    expect(await rowsOf({ rules: [seats], tiers: mixed }, ['tier'])).toEqual([['hot'], ['warm'], ['warm'], ['cold']]);
  });
});

describe('overrides', () => {
  const columns = ['score', 'tier', 'overridden', 'computed_score', 'reasons'];
  const facts = { rules: [seats], tiers, overrides: 'overrides' };
  const table = { lead_id: 'integer', score: 'double', tier: 'varchar', reason: 'varchar', until: 'timestamp' };

  it('replace the score, the tier or both, and show both numbers', async () => {
    await world.table('overrides', table, [
      { lead_id: 1, score: 20.4, reason: 'Left the company' },
      { lead_id: 2, tier: 'hot' },
      { lead_id: 3, score: 99, tier: 'cold', reason: 'Asked for it' },
    ]);
    expect(await rowsOf(facts, columns)).toEqual([
      [20.4, 'cold', true, 80, 'Set by hand to 20 instead of 80 (Left the company); Seats (+80)'],
      [60, 'hot', true, 60, 'Set by hand to hot; Seats (+60)'],
      [99, 'cold', true, 60, 'Set by hand to 99, cold instead of 60 (Asked for it); Seats (+60)'],
      [10, 'cold', false, 10, 'Seats (+10)'],
    ]);
  });

  it('hold until the moment they name, and for good without one', async () => {
    await world.table('overrides', table, [
      { lead_id: 1, tier: 'cold', until: '2026-01-31 12:00:00' },
      { lead_id: 2, tier: 'hot', until: '2026-01-31 12:00:01' },
      { lead_id: 3, tier: 'hot' },
    ]);
    expect(await rowsOf(facts, ['tier', 'overridden'])).toEqual([
      ['hot', false],
      ['hot', true],
      ['hot', true],
      ['cold', false],
    ]);
  });

  it('win over gates, and may disqualify', async () => {
    const disqualify = [{ id: 'all', label: 'All', when: 'true' }];
    await world.table('overrides', table, [
      { lead_id: 1, score: 50 },
      { lead_id: 2, tier: 'hot' },
      { lead_id: 3, tier: 'disqualified' },
    ]);
    const expected = [['warm'], ['hot'], ['disqualified'], ['disqualified']];
    expect(await rowsOf({ ...facts, disqualify }, ['tier'])).toEqual(expected);
  });

  it('do nothing where they say nothing that can hold', async () => {
    await world.table('overrides', table, [
      { lead_id: 1, reason: 'Nothing said' },
      { lead_id: 2, tier: 'Hott' },
      { lead_id: 3, score: 'nan' },
      { lead_id: 77, score: 90 },
      { lead_id: null, score: 90 },
    ]);
    expect(await rowsOf(facts, ['score', 'tier', 'overridden'])).toEqual([
      [80, 'hot', false],
      [60, 'warm', false],
      [60, 'warm', false],
      [10, 'cold', false],
    ]);
  });

  it('may come without columns that nobody needs, and with a date', async () => {
    await world.table('overrides', { lead_id: 'integer', tier: 'varchar', until: 'date' }, [
      { lead_id: 1, tier: 'warm', until: '2026-02-01' },
      { lead_id: 2, tier: 'hot', until: '2026-01-31' },
    ]);
    expect(await rowsOf(facts, ['tier', 'score'])).toEqual([
      ['warm', 80],
      ['warm', 60],
      ['warm', 60],
      ['cold', 10],
    ]);
  });

  it('take their place among shares by the score that was set', async () => {
    await world.table('overrides', table, [{ lead_id: 4, score: 100 }]);
    const top = [{ name: 'hot', top: 0.25 }, { name: 'cold' }];
    expect(await rowsOf({ ...facts, tiers: top }, ['tier'])).toEqual([['cold'], ['cold'], ['cold'], ['hot']]);
  });
});

describe('hysteresis', () => {
  const card = scorecard({ rules: [seats], tiers, hysteresis: 5, disqualify: [] });
  const history = {
    model: 'varchar',
    key: 'varchar',
    as_of: 'timestamptz',
    tier: 'varchar',
    segment: 'varchar',
    model_version: 'varchar',
    cause: 'varchar',
  };
  type History = readonly Readonly<Record<string, unknown>>[];
  const pastOf = async (of: ScorecardModel, rows: History) => {
    await world.table('score_history', history, []);
    const [first] = (await world.score(of, { tables })).values();
    const version = first?.model_version;
    const row = { model: 'lead_score', as_of: '2026-01-30 12:00:00+00', model_version: version, cause: 'behaviour' };
    await world.table(
      'score_history',
      history,
      rows.map((each) => ({ ...row, ...each })),
    );
  };
  const past = (...rows: History) => pastOf(card, rows);
  const tierOf = async (seatsNow: number, of = card) => {
    await world.table('leads', { lead_id: 'integer', seats: 'integer' }, [{ lead_id: 1, seats: seatsNow }]);
    const [first] = (await world.score(of, { tables })).values();
    return first?.tier;
  };

  beforeEach(() => world.table('leads', { lead_id: 'integer', seats: 'integer' }, [{ lead_id: 1, seats: 0 }]));

  it('keeps a tier until the score is so far below its threshold', async () => {
    await past({ key: '1', tier: 'hot' });
    const met = [await tierOf(75), await tierOf(70), await tierOf(69), await tierOf(45), await tierOf(44)];
    expect(met).toEqual(['hot', 'hot', 'warm', 'warm', 'cold']);
  });

  it('gives no tier earlier than its threshold', async () => {
    await past({ key: '1', tier: 'warm' });
    const met = [await tierOf(75), await tierOf(74), await tierOf(45), await tierOf(44)];
    expect(met).toEqual(['hot', 'warm', 'warm', 'cold']);
    await past();
    expect([await tierOf(74), await tierOf(49)]).toEqual(['warm', 'cold']);
  });

  it.each([
    ['is of another version', { model_version: 'other' }],
    ['is of another model', { model: 'other' }],
    ['is of another key', { key: '2' }],
    ['is of this instant or later', { as_of: '2026-01-31 12:00:00+00' }],
    ['was set by hand', { cause: 'override' }],
    ['was disqualified', { tier: 'disqualified' }],
    ['had no tier', { tier: null }],
  ])('ignores a row that %s', async (_, facts) => {
    await past({ key: '1', tier: 'hot', ...facts });
    expect(await tierOf(72)).toBe('warm');
  });

  it('ignores a row of another segment where segments have thresholds of their own', async () => {
    const big = { name: 'big', when: 'seats >= 70', rules: new Map(), tiers: new Map([['hot', 90]]) };
    const segmented = scorecard({ rules: [seats], tiers, hysteresis: 5, segments: [big] });
    await pastOf(segmented, [{ key: '1', tier: 'hot', segment: null }]);
    expect(await tierOf(86, segmented)).toBe('warm');
    await pastOf(segmented, [{ key: '1', tier: 'hot', segment: 'big' }]);
    expect(await tierOf(86, segmented)).toBe('hot');
  });

  it('takes a score that was set by hand as it is', async () => {
    await world.table('overrides', { lead_id: 'integer', score: 'double' }, [{ lead_id: 1, score: 72 }]);
    const byHand = scorecard({ rules: [seats], tiers, hysteresis: 5, overrides: 'overrides' });
    await pastOf(byHand, [{ key: '1', tier: 'hot' }]);
    expect(await tierOf(90, byHand)).toBe('warm');
  });

  it('goes by the last row before', async () => {
    const older = { key: '1', tier: 'hot', as_of: '2026-01-29 12:00:00+00' };
    await past(older, { key: '1', tier: 'warm' });
    expect(await tierOf(72)).toBe('warm');
    await past({ ...older, tier: 'warm' }, { key: '1', tier: 'hot' });
    expect(await tierOf(72)).toBe('hot');
  });
});
