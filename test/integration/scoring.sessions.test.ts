import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../src/project/rule-types.ts';
import type { Duration } from '../../src/project/setting-types.ts';
import { compileScorecard } from '../../src/scoring/compile-scorecard.ts';
import { explainScorecard } from '../../src/scoring/explain-scorecard.ts';
import { readExplanation } from '../../src/scoring/read-explanation.ts';
import { type RuleFacts, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

/** All tests are as of noon of 31 January. */
const days = (amount: number): Duration => ({ amount, unit: 'day' });
const tables = ['leads', 'views'];

type EventFacts = Extract<RuleFacts, { readonly kind: 'event' }>;

const sessions = (session: Session, facts: Partial<EventFacts> = {}): EventFacts => ({
  kind: 'event',
  events: "{{ ref('views') }}",
  at: 'viewed_at',
  points: 10,
  session,
  ...facts,
});
const halfAnHour: Session['by'] = { kind: 'gap', gap: { amount: 30, unit: 'minute' } };
const named: Session['by'] = { kind: 'column', column: 'session_id' };

/** By lead, the points of each rule. */
async function points(...rules: readonly RuleFacts[]): Promise<readonly (readonly number[])[]> {
  const rows = await world.score(scorecard({ rules }), { tables });
  return ['1', '2'].map((lead) => rules.map((_, index) => Number(rows.get(lead)?.[`points__rule_${index + 1}`])));
}

beforeAll(async () => {
  await world.table('leads', { lead_id: 'integer' }, [{ lead_id: 1 }, { lead_id: 2 }]);
  const view = (lead: number, at: string, session_id: string | null, url = '/') => ({
    lead_id: lead,
    viewed_at: `2026-01-${at}`,
    session_id,
    url,
  });
  const columns = { lead_id: 'integer', viewed_at: 'timestamp', session_id: 'varchar', url: 'varchar' };
  await world.table('views', columns, [
    // Three views in 20 minutes; half an hour later to the second, one more, and one after 29:59.
    view(1, '30 09:00:00', 'a'),
    view(1, '30 09:10:00', 'a', '/pricing'),
    view(1, '30 09:20:00', 'b', '/pricing'),
    view(1, '30 09:50:00', 'b'),
    view(1, '30 10:19:59', null),
    view(1, '01 09:00:00', 'a'),
    view(2, '20 23:59:00', 'a'),
    view(2, '21 00:01:00', 'a'),
  ]);
});

describe('sessions', () => {
  it('count instead of events, and end with a pause or with their name', async () => {
    const rules = [
      sessions({ by: halfAnHour }),
      sessions({ by: named }),
      sessions({ by: { kind: 'gap', gap: days(1) } }),
    ];
    expect(await points(...rules)).toEqual([
      [30, 20, 20],
      [10, 10, 20],
    ]);
  });

  it('count where they have so many events, or last so many minutes', async () => {
    const rules = [
      sessions({ by: halfAnHour, least: { measure: 'pages', atLeast: 3 } }),
      sessions({ by: halfAnHour, least: { measure: 'pages', atLeast: 2 } }),
      sessions({ by: halfAnHour, least: { measure: 'minutes', atLeast: 20 } }),
      sessions({ by: halfAnHour, least: { measure: 'minutes', atLeast: 20.1 } }),
      sessions({ by: named, least: { measure: 'minutes', atLeast: 31 } }),
    ];
    expect(await points(...rules)).toEqual([
      [10, 20, 20, 10, 10],
      [0, 10, 0, 0, 0],
    ]);
  });

  it('are made of the events that where and the window leave', async () => {
    const least = { measure: 'pages', atLeast: 2 } as const;
    const rules = [
      sessions({ by: halfAnHour, least }, { where: "url = '/pricing'" }),
      sessions({ by: named }, { within: days(5) }),
      sessions({ by: halfAnHour, least }, { within: { amount: 1599, unit: 'minute' } }),
    ];
    // Within 1,599 minutes is what came after 09:21.
    expect(await points(...rules)).toEqual([
      [10, 20, 10],
      [0, 0, 0],
    ]);
  });

  it('of a number give the points once; they fade, fill bands and days as events do, by their first event', async () => {
    const rules = [
      sessions({ by: halfAnHour, least: { measure: 'count', atLeast: 3 } }),
      sessions({ by: halfAnHour, least: { measure: 'count', atLeast: 4 } }),
      sessions(
        { by: halfAnHour },
        {
          points: {
            bands: [
              { atLeast: 1, points: 2 },
              { atLeast: 3, points: 7 },
            ],
          },
        },
      ),
      sessions({ by: halfAnHour }, { maxPerDay: 1 }),
      sessions({ by: halfAnHour }, { decay: { kind: 'linear', to: days(22) } }),
      sessions({ by: halfAnHour }, { count: { kind: 'once' } }),
    ];
    // Lead 2's session began on the 20th, eleven days ago; lead 1's on the 30th (twice) and on the 1st.
    expect(await points(...rules)).toEqual(
      [
        [10, 0, 7, 20, 2 * (10 - 10 / 22), 10],
        [0, 0, 2, 10, 5, 10],
      ].map((row) => row.map((some) => Number(some.toFixed(6)))),
    );
  });

  it('read the relation once, beside rules on its events', () => {
    const { context } = world.context({ tables });
    const { session: _, ...plain } = sessions({ by: halfAnHour });
    const card = scorecard({ rules: [sessions({ by: halfAnHour }), sessions({ by: named }), plain] });
    const { text } = context.dialect.compile(compileScorecard(card, context).select);
    expect(text.split('"main"."views"')).toHaveLength(2);
  });

  it('are explained by their first events, which add up to the points', async () => {
    const card = scorecard({ rules: [sessions({ by: halfAnHour, least: { measure: 'pages', atLeast: 2 } })] });
    const { context } = world.context({ tables });
    const queries = explainScorecard(card, context, { key: '1', maxEvents: 10 });
    const [sum = {}] = await world.query(queries.sum);
    const shown = queries.events === null ? [] : await world.query(queries.events);
    const [rule] = readExplanation(queries, sum, shown).rules;
    expect(rule?.beforeLimit).toBe(20);
    const counting = rule?.events?.shown.filter(({ counts }) => counts) ?? [];
    expect(counting.map(({ at, pointsLeft }) => [at, pointsLeft])).toEqual([
      ['2026-01-30T09:50:00.000Z', 10],
      ['2026-01-30T09:00:00.000Z', 10],
    ]);
    expect(rule?.events?.count).toBe(6);
  });
});
