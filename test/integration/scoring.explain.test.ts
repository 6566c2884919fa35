import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScorecardModel } from '../../src/project/model-types.ts';
import { explainScorecard } from '../../src/scoring/explain-scorecard.ts';
import { type Explanation, readExplanation } from '../../src/scoring/read-explanation.ts';
import { scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

async function explain(card: ScorecardModel, key: string, maxEvents = 10): Promise<Explanation | null> {
  const { context, problems } = world.context({ tables: ['leads', 'logins', 'forms'] });
  const queries = explainScorecard(card, context, { key, maxEvents });
  expect(problems).toEqual([]);
  const [sum] = await world.query(queries.sum);
  const events = queries.events === null ? [] : await world.query(queries.events);
  return sum === undefined ? null : readExplanation(queries, sum, events);
}

beforeAll(async () => {
  await world.table('leads', { lead_id: 'varchar', seniority: 'varchar', seats: 'integer' }, [
    { lead_id: 'ann', seniority: 'vp', seats: 20 },
    { lead_id: 'bob' },
  ]);
  await world.table('logins', { lead_id: 'varchar', login_at: 'timestamp', device: 'varchar' }, [
    { lead_id: 'ann', login_at: '2026-01-31 10:00:00', device: 'web' },
    { lead_id: 'ann', login_at: '2026-01-31 11:00:00', device: 'web' },
    { lead_id: 'ann', login_at: '2026-01-31 11:30:00', device: 'ios' },
    { lead_id: 'ann', login_at: '2026-01-17 10:00:00', device: 'web' },
    { lead_id: 'ann', login_at: '2026-01-10 10:00:00', device: 'web' },
  ]);
  await world.table('forms', { lead_id: 'varchar', login_at: 'timestamp' }, [
    { lead_id: 'ann', login_at: '2026-01-16 09:00:00' },
  ]);
});

const card = scorecard({
  base: 5,
  range: { min: 0, max: 40 },
  round: 1,
  groups: new Map([['usage', { name: 'usage', max: 12 }]]),
  tiers: [{ name: 'hot', at: 40 }, { name: 'cold' }],
  rules: [
    {
      kind: 'event',
      id: 'logged_in',
      label: 'Logged in',
      events: "{{ ref('logins') }}",
      at: 'login_at',
      where: "device = 'web'",
      within: { amount: 20, unit: 'day' },
      decay: { kind: 'half_life', halfLife: { amount: 14, unit: 'day' } },
      maxPerDay: 1,
      points: 10,
      limit: 14,
      group: 'usage',
    },
    { kind: 'attribute', id: 'senior', label: 'Senior', when: "seniority = 'vp'", points: 15 },
    { kind: 'numeric', id: 'team', label: 'Team', value: 'seats / 2.0', points: 2 },
    {
      kind: 'absence',
      id: 'silent',
      label: 'Silent',
      noEvents: ["{{ ref('logins') }}", "{{ ref('forms') }}"],
      at: 'login_at',
      within: { amount: 25, unit: 'day' },
      points: -10,
    },
  ],
});

describe('an explanation', () => {
  it('shows the sum line by line, with what each limit cut off', async () => {
    const explanation = await explain(card, 'ann');
    expect(explanation).toMatchObject({
      base: 5,
      rules: [
        { id: 'logged_in', label: 'Logged in', group: 'usage', beforeLimit: 15, limit: 14, points: 14, found: null },
        { id: 'senior', beforeLimit: 15, points: 15, found: 'true', events: null },
        { id: 'team', beforeLimit: 20, points: 20, found: expect.stringMatching(/^10(\.0)?$/) },
        { id: 'silent', beforeLimit: 0, points: 0, found: '6' },
      ],
      groups: [{ name: 'usage', beforeLimits: 14, max: 12, points: 12 }],
      total: 52,
      range: { min: 0, max: 40 },
      round: 1,
      score: 40,
      tier: 'hot',
      reasons: 'Team (+20); Senior (+15); Logged in 2 times in 20 days (+14)',
    });
  });

  it('shows the events behind each rule, newest first, and which of them count', async () => {
    const explanation = await explain(card, 'ann');
    const common = { relation: 'logins', value: null, link: null };
    expect(explanation?.rules[0]?.events).toEqual({
      count: 4,
      takenToday: 1,
      shown: [
        { ...common, at: '2026-01-31T11:00:00.000Z', points: 10, pointsLeft: 0, counts: false },
        { ...common, at: '2026-01-31T10:00:00.000Z', points: 10, pointsLeft: 10, counts: true },
        { ...common, at: '2026-01-17T10:00:00.000Z', points: 10, pointsLeft: 5, counts: true },
        { ...common, at: '2026-01-10T10:00:00.000Z', points: 10, pointsLeft: 0, counts: false },
      ],
    });
    const silent = explanation?.rules[3]?.events;
    expect(silent?.count).toBe(6);
    expect(silent?.shown.map((event) => event.relation)).toEqual([
      'logins',
      'logins',
      'logins',
      'logins',
      'forms',
      'logins',
    ]);
    expect(silent?.shown.every(({ counts, points }) => counts && points === 0)).toBe(true);
  });

  it('shows no more events than wanted, and says how many there are', async () => {
    const events = (await explain(card, 'ann', 2))?.rules[0]?.events;
    expect(events?.count).toBe(4);
    expect(events?.shown.map(({ at }) => at)).toEqual(['2026-01-31T11:00:00.000Z', '2026-01-31T10:00:00.000Z']);
  });

  it('explains a score without events, and nobody who is not there', async () => {
    expect(await explain(card, 'bob')).toMatchObject({
      rules: [
        { points: 0, events: { count: 0, shown: [] } },
        { points: 0, found: null },
        { points: 0, found: null },
        { points: -10, found: '0' },
      ],
      total: -5,
      score: 0,
      reasons: 'Silent (-10)',
    });
    expect(await explain(card, "ann' or true --")).toBeNull();
  });

  it('needs no query for events where no rule counts any', async () => {
    const facts = scorecard({ rules: [{ kind: 'attribute', when: "seniority = 'vp'", points: 3 }] });
    expect(explainScorecard(facts, world.context().context, { key: 'ann', maxEvents: 5 }).events).toBeNull();
  });
});
