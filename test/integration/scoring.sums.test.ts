import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScorecardModel } from '../../src/project/model-types.ts';
import { compileScorecard } from '../../src/scoring/compile-scorecard.ts';
import type { Row } from '../../src/warehouse/port.ts';
import { type CardFacts, type RuleFacts, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

/** Rules a, b, c … whose points are the columns a, b, c … of the only lead. */
const byColumn = (names: string): readonly RuleFacts[] =>
  [...names].map((id) => ({ kind: 'numeric', id, label: `Rule ${id}`, value: id, points: 1 }));

async function only(facts: CardFacts): Promise<Row> {
  const rows = await world.score(scorecard(facts));
  return rows.get('1') ?? {};
}

async function lead(points: Readonly<Record<string, number | null>>): Promise<void> {
  const columns = Object.fromEntries(Object.keys(points).map((name) => [name, 'double']));
  await world.table('leads', { lead_id: 'integer', ...columns }, [{ lead_id: 1, ...points }]);
}

beforeAll(() => lead({ a: 30, b: 40, c: -25, d: 0.005 }));

describe('the sum', () => {
  it('is base, groups within their limits, and rules of no group', async () => {
    const [a, b, c, d] = byColumn('abcd');
    const rules = [
      { ...a, group: 'usage' },
      { ...b, group: 'usage' },
      { ...c, group: 'web' },
      { ...d },
    ] as readonly RuleFacts[];
    const groups: ScorecardModel['groups'] = new Map([
      ['usage', { name: 'usage', max: 60 }],
      ['web', { name: 'web', min: -20, max: 40 }],
      ['unused', { name: 'unused', min: 7 }],
    ]);
    expect(await only({ base: 5, rules, groups })).toMatchObject({
      points__a: '30.000000',
      points__b: '40.000000',
      points__c: '-25.000000',
      points__d: '0.005000',
      score: '45.005000',
    });
  });

  it.each([
    [{ min: 0, max: 100 }, 'none', '45.005000'],
    [{ min: 0, max: 44.5 }, 'none', '44.500000'],
    [{ min: 50, max: 100 }, 0.01, '50.00'],
    [undefined, 0.01, '45.01'],
    [undefined, 1, '45'],
    [undefined, 0.5, '45.0'],
    [undefined, 2, '46'],
    [undefined, 10, '50'],
    [undefined, 0.05, '45.00'],
  ] as const)('within the range %o and rounded to %s is %s', async (range, round, score) => {
    expect(await only({ rules: byColumn('abcd'), range, round })).toMatchObject({ score });
  });

  it('rounds halves away from zero', async () => {
    await lead({ a: -2.5, b: 0.0000005, c: 0.285 });
    const [a, b, c] = byColumn('abc');
    expect(await only({ rules: [a, b, c] as readonly RuleFacts[], round: 1 })).toMatchObject({
      points__a: '-2.500000',
      points__b: '0.000001',
      score: '-2',
    });
    expect(await only({ rules: [a] as readonly RuleFacts[], round: 1 })).toMatchObject({ score: '-3' });
    expect(await only({ rules: [c] as readonly RuleFacts[], round: 0.01 })).toMatchObject({ score: '0.29' });
  });

  it('does not multiply events when the entity is there twice, and keeps both rows', async () => {
    await world.table('leads', { lead_id: 'integer' }, [{ lead_id: 1 }, { lead_id: 1 }, { lead_id: null }]);
    await world.table('logins', { lead_id: 'integer', at: 'date' }, [
      { lead_id: 1, at: '2026-01-30' },
      { lead_id: null, at: '2026-01-30' },
    ]);
    const card = scorecard({ rules: [{ kind: 'event', events: "{{ ref('logins') }}", at: 'at', points: 3 }] });
    const { select } = compileScorecard(card, world.context().context);
    const rows = await world.query(select);
    expect(rows.map((row) => [row.lead_id, row.score])).toEqual([
      [1, '3.000000'],
      [1, '3.000000'],
      [null, '0.000000'],
    ]);
  });
});

describe('a curve', () => {
  const rule = (facts: Partial<RuleFacts>, value = 'a') =>
    ({ kind: 'numeric', id: 'x', label: 'X', value, points: 2, ...facts }) as RuleFacts;
  const of = async (facts: Partial<RuleFacts>) => (await only({ rules: [rule(facts)] })).points__x;

  it('bends a sum by its logarithm, before the limit, and losses like gains', async () => {
    await lead({ a: 10 });
    // 10 ln(21)
    expect(await of({ curve: { kind: 'log', factor: 10 } })).toBe('30.445224');
    expect(await of({ curve: { kind: 'log', factor: 10 }, limit: 30 })).toBe('30.000000');
    await lead({ a: -10 });
    expect(await of({ curve: { kind: 'log', factor: 10 } })).toBe('-30.445224');
    await lead({ a: 0 });
    expect(await of({ curve: { kind: 'log', factor: 10 } })).toBe('0.000000');
  });

  it('comes near the limit, and is half of it where it says', async () => {
    const curve = { kind: 'half_at', at: 20 } as const;
    await lead({ a: 10 });
    expect(await of({ curve, limit: 7.5 })).toBe('3.750000');
    await lead({ a: 30 });
    expect(await of({ curve, limit: 8 })).toBe('6.000000');
    await lead({ a: -30 });
    expect(await of({ curve, limit: 8 })).toBe('-6.000000');
    await lead({ a: null });
    expect(await of({ curve, limit: 8 })).toBe('0.000000');
  });
});

describe('the tier', () => {
  const tiers = [{ name: "d'or", at: 20.5 }, { name: 'warm', at: 10 }, { name: 'cold' }];

  it.each([
    [20.5, "d'or"],
    [20.499999, 'warm'],
    [10, 'warm'],
    [9.999999, 'cold'],
  ])('of %d is %s', async (a, tier) => {
    await lead({ a });
    expect(await only({ rules: byColumn('a'), tiers })).toMatchObject({ tier });
  });

  it('goes by the rounded score', async () => {
    await lead({ a: 20.49 });
    expect(await only({ rules: byColumn('a'), tiers, round: 0.5 })).toMatchObject({ score: '20.5', tier: "d'or" });
  });

  it('is null below the last threshold and without tiers', async () => {
    await lead({ a: 9 });
    expect(await only({ rules: byColumn('a'), tiers: tiers.slice(0, 2) })).toMatchObject({ tier: null });
    expect(await only({ rules: byColumn('a') })).toMatchObject({ tier: null });
  });
});

describe('reasons', () => {
  it('name what gives points and then what takes them, the strongest first, in whole points', async () => {
    await lead({ a: 12.5, b: -30, c: 40, d: -3.4 });
    expect(await only({ rules: byColumn('abcd') })).toMatchObject({
      reasons: 'Rule c (+40); Rule a (+13); Rule b (-30); Rule d (-3)',
    });
  });

  it('are the five strongest; of equals the earlier rule', async () => {
    await lead({ a: 1, b: 5, c: -5, d: 5, e: -20, f: 6, g: -5 });
    expect(await only({ rules: byColumn('abcdefg') })).toMatchObject({
      reasons: 'Rule f (+6); Rule b (+5); Rule d (+5); Rule e (-20); Rule c (-5)',
    });
  });

  it('leave out what rounds to nothing, and are empty where nothing speaks', async () => {
    await lead({ a: 0.49, b: -0.49, c: null });
    expect(await only({ rules: byColumn('abc') })).toMatchObject({ reasons: '' });
  });

  it('use the label of the rule, whatever is in it', async () => {
    await lead({ a: 30, b: 1 });
    const labels = ["Didn't log in; \\ 100 %", 'Two\nlines'];
    const rules = byColumn('ab').map((rule, index) => ({ ...rule, label: labels[index] ?? '' }));
    expect(await only({ rules })).toMatchObject({ reasons: "Didn't log in; \\ 100 % (+30); Two\nlines (+1)" });
  });

  it('know the sign of rules whose points are given', async () => {
    await lead({ a: 1 });
    const rules: readonly RuleFacts[] = [
      { kind: 'attribute', id: 'x', label: 'Loss', when: 'a = 1', points: -8 },
      { kind: 'attribute', id: 'y', label: 'Gain', when: 'a = 1', points: 3 },
      { kind: 'attribute', id: 'z', label: 'Other', when: 'a = 2', points: 50 },
    ];
    expect(await only({ rules })).toMatchObject({ reasons: 'Gain (+3); Loss (-8)' });
  });
});

describe('a row', () => {
  it('carries its columns in order, the instant of the run and the version of the model', async () => {
    await lead({ a: 1 });
    const card = scorecard({ rules: byColumn('a') });
    const { select, columns, modelVersion } = compileScorecard(card, world.context().context);
    const [row = {}] = await world.query(select);
    expect(Object.keys(row)).toEqual(columns);
    expect(columns).toEqual(['lead_id', 'score', 'tier', 'segment', 'points__a', 'reasons', 'as_of', 'model_version']);
    expect(row).toMatchObject({ segment: null, as_of: '2026-01-31T12:00:00.000Z', model_version: modelVersion });
  });
});
