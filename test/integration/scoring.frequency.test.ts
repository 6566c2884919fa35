import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Duration } from '../../src/project/setting-types.ts';
import { explainScorecard } from '../../src/scoring/explain-scorecard.ts';
import { readExplanation } from '../../src/scoring/read-explanation.ts';
import { type RuleFacts, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

/** All tests are as of noon of 31 January. */
const days = (amount: number): Duration => ({ amount, unit: 'day' });

type EventFacts = Extract<RuleFacts, { readonly kind: 'event' }>;

const viewed = (facts: Partial<EventFacts>): EventFacts => ({
  kind: 'event',
  events: "{{ ref('views') }}",
  at: 'viewed_at',
  points: 10,
  ...facts,
});

/** By lead, the points of each rule. */
async function points(...rules: readonly RuleFacts[]): Promise<readonly (readonly number[])[]> {
  const rows = await world.score(scorecard({ rules }), { tables: ['leads', 'views'] });
  return ['1', '2', '3'].map((lead) => rules.map((_, index) => Number(rows.get(lead)?.[`points__rule_${index + 1}`])));
}

beforeAll(async () => {
  await world.table('leads', { lead_id: 'integer' }, [{ lead_id: 1 }, { lead_id: 2 }, { lead_id: 3 }]);
  const view = (lead: number, at: string, url: string) => ({ lead_id: lead, viewed_at: `2026-01-${at}`, url });
  await world.table('views', { lead_id: 'integer', viewed_at: 'timestamp', url: 'varchar' }, [
    view(1, '31 09:00:00', '/pricing'),
    view(1, '31 09:05:00', '/pricing'),
    view(1, '24 12:00:00', '/pricing'),
    view(1, '24 11:59:00', '/docs'),
    view(1, '01 08:00:00', '/pricing'),
    view(2, '21 08:00:00', '/pricing'),
    view(2, '21 09:00:00', '/docs'),
  ]);
});

describe('between', () => {
  it('counts events from the first age on, and below the second', async () => {
    const rules = [
      viewed({ between: { from: days(7), to: days(30) } }),
      viewed({ between: { from: days(8), to: days(31) } }),
      viewed({ between: { from: { amount: 168, unit: 'hour' }, to: days(30) } }),
      viewed({ between: { from: { amount: 175, unit: 'minute' }, to: { amount: 3, unit: 'hour' } } }),
    ];
    // Lead 1: two views seven calendar days ago, one of them a minute more than 168 hours; one view thirty days ago.
    expect(await points(...rules)).toEqual([
      [20, 10, 20, 10],
      [20, 20, 20, 0],
      [0, 0, 0, 0],
    ]);
  });
});

describe('at_least', () => {
  it('gives its points once, from so many events on', async () => {
    const rules = [viewed({ atLeast: 2 }), viewed({ atLeast: 3 }), viewed({ atLeast: 5 }), viewed({ atLeast: 6 })];
    expect(await points(...rules)).toEqual([
      [10, 10, 10, 0],
      [10, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it('counts what where, the window, max_per_day and distinct leave', async () => {
    const rules = [
      viewed({ atLeast: 3, where: "url = '/pricing'", within: days(30) }),
      viewed({ atLeast: 3, maxPerDay: 1 }),
      viewed({ atLeast: 4, maxPerDay: 1 }),
      viewed({ atLeast: 2, count: { kind: 'distinct', column: 'url' } }),
      viewed({ atLeast: 3, count: { kind: 'distinct', column: 'url' } }),
    ];
    expect(await points(...rules)).toEqual([
      [10, 10, 0, 10, 0],
      [0, 0, 0, 10, 0],
      [0, 0, 0, 0, 0],
    ]);
  });
});

describe('bands', () => {
  const bands = {
    bands: [
      { atLeast: 2, points: 8 },
      { atLeast: 5, points: 20 },
      { atLeast: 1, points: -1.5 },
    ],
  };

  it('give the points of the highest one reached, in whatever order they are written', async () => {
    expect(await points(viewed({ points: bands }), viewed({ points: bands, where: "url = '/docs'" }))).toEqual([
      [20, -1.5],
      [8, -1.5],
      [0, 0],
    ]);
  });

  it('count before decay, and fade as the newest event does', async () => {
    const rules = [
      viewed({ points: bands, decay: { kind: 'half_life', halfLife: days(10) } }),
      viewed({ points: bands, decay: { kind: 'linear', to: days(20) } }),
      viewed({ points: bands, decay: { kind: 'step', every: days(3), by: 0.5 } }),
    ];
    // Lead 2's newest view is ten days old: half of 8, half of 8, and nothing after three steps of a half.
    expect(await points(...rules)).toEqual([
      [20, 20, 20],
      [4, 4, 0],
      [0, 0, 0],
    ]);
  });

  it('are explained by the number of events, which give no points of their own', async () => {
    const card = scorecard({ rules: [viewed({ points: bands, where: "url = '/pricing'", limit: 5 })] });
    const { context } = world.context({ tables: ['leads', 'views'] });
    const queries = explainScorecard(card, context, { key: '1', maxEvents: 10 });
    const [sum = {}] = await world.query(queries.sum);
    const shown = queries.events === null ? [] : await world.query(queries.events);
    const [rule] = readExplanation(queries, sum, shown).rules;
    expect(rule).toMatchObject({ found: '4', beforeLimit: 8, limit: 5, points: 5 });
    expect(rule?.events?.shown.map(({ counts, points, pointsLeft }) => [counts, points, pointsLeft])).toEqual([
      [true, 0, 0],
      [true, 0, 0],
      [true, 0, 0],
      [true, 0, 0],
    ]);
  });
});
