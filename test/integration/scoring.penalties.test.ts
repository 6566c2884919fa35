import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Duration } from '../../src/project/setting-types.ts';
import { compileScorecard } from '../../src/scoring/compile-scorecard.ts';
import { type RuleFacts, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

/** All tests are as of noon of 31 January. */
const days = (amount: number): Duration => ({ amount, unit: 'day' });
const hours = (amount: number): Duration => ({ amount, unit: 'hour' });
const tables = ['leads', 'mails', 'visits'];
const mails = "{{ ref('mails') }}";
const visits = { on: "{{ ref('visits') }}", at: 'visited_at' };

type EventFacts = Extract<RuleFacts, { readonly kind: 'event' }>;
type AbsenceFacts = Extract<RuleFacts, { readonly kind: 'absence' }>;

const unsubscribed = (facts: Partial<EventFacts>): EventFacts => ({
  kind: 'event',
  events: mails,
  at: 'sent_at',
  where: "event = 'unsubscribed'",
  points: -20,
  ...facts,
});

const silent = (facts: Partial<AbsenceFacts>): AbsenceFacts => ({
  kind: 'absence',
  noEvents: [mails],
  at: 'sent_at',
  within: days(30),
  points: -5,
  limit: 20,
  ...facts,
});

/** By lead, the points of each rule. */
async function points(...rules: readonly RuleFacts[]): Promise<readonly (readonly number[])[]> {
  const rows = await world.score(scorecard({ rules }), { tables });
  return ['1', '2', '3', '4'].map((lead) =>
    rules.map((_, index) => Number(rows.get(lead)?.[`points__rule_${index + 1}`])),
  );
}

beforeAll(async () => {
  await world.table('leads', { lead_id: 'integer' }, [{ lead_id: 1 }, { lead_id: 2 }, { lead_id: 3 }, { lead_id: 4 }]);
  const mail = (lead: number, at: string, event: string) => ({ lead_id: lead, sent_at: at, event });
  await world.table('mails', { lead_id: 'integer', sent_at: 'timestamp', event: 'varchar' }, [
    mail(1, '2026-01-10 10:00:00', 'unsubscribed'),
    mail(1, '2026-01-10 10:00:00', 'unsubscribed'),
    mail(1, '2026-01-20 10:00:00', 'unsubscribed'),
    mail(2, '2025-12-03 10:00:00', 'unsubscribed'),
    mail(2, '2025-12-02 10:00:00', 'opened'),
    mail(3, '2025-09-01 10:00:00', 'opened'),
  ]);
  const visit = (lead: number, at: string, page = '/') => ({ lead_id: lead, visited_at: at, page });
  await world.table('visits', { lead_id: 'integer', visited_at: 'timestamptz', page: 'varchar' }, [
    visit(1, '2026-01-20 09:59:59Z'),
    visit(1, '2026-01-31 12:00:01Z'),
    visit(2, '2025-12-03 10:00:00Z'),
    visit(2, '2026-01-15 10:00:00Z', '/login'),
    visit(3, '2025-09-30 10:00:00Z'),
    visit(4, '2020-01-01 10:00:00Z'),
  ]);
});

describe('recover', () => {
  it('ends the penalties that came before such an event; one at the same moment does not', async () => {
    const rules = [
      unsubscribed({}),
      unsubscribed({ recover: visits }),
      unsubscribed({ recover: { ...visits, where: "page <> '/login'" } }),
      unsubscribed({ recover: visits, count: { kind: 'once' } }),
      unsubscribed({
        recover: visits,
        points: {
          bands: [
            { atLeast: 1, points: -3 },
            { atLeast: 2, points: -9 },
          ],
        },
      }),
    ];
    // The visit of lead 1 came after two of the three, the one after as_of does not count yet.
    expect(await points(...rules)).toEqual([
      [-60, -20, -20, -20, -3],
      [-20, 0, -20, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ]);
  });

  it('may be an event of the same relation, which is read once all the same', async () => {
    const rule = unsubscribed({ recover: { on: mails, at: 'sent_at', where: "event = 'opened'" } });
    expect(await points(rule)).toEqual([[-60], [-20], [0], [0]]);
    const { context } = world.context({ tables });
    const { text } = context.dialect.compile(compileScorecard(scorecard({ rules: [rule] }), context).select);
    expect(text.split('"main"."mails"')).toHaveLength(2);
  });

  it('ends a silence that had begun before it', async () => {
    const rules = [silent({}), silent({ recover: visits }), silent({ recover: visits, within: hours(24 * 59) })];
    // Lead 2 has been silent since 2 January and came back on the 15th; of 1,416 hours, two are missing. Lead 3 was seen
    // a day before the silence began. Lead 4 never had a mail: any visit ends that.
    expect(await points(...rules)).toEqual([
      [0, 0, 0],
      [-5, 0, -5],
      [-5, -5, -5],
      [-5, 0, 0],
    ]);
  });
});

describe('repeat', () => {
  it('takes the points again for each full period, up to the limit, which those reach who never had an event', async () => {
    const rules = [
      silent({ repeat: days(30) }),
      silent({ repeat: days(29) }),
      silent({ repeat: days(122) }),
      silent({ repeat: days(121), limit: 7.5 }),
      silent({ repeat: hours(1), within: hours(24), points: -0.5, limit: 1000 }),
    ];
    // The newest mails are 11, 59 and 152 days old: 59 is one whole period of 29 days after 30.
    expect(await points(...rules)).toEqual([
      [0, 0, 0, 0, -0.5 * (1 + 11 * 24 + 2 - 24)],
      [-5, -10, -5, -5, -0.5 * (1 + 59 * 24 + 2 - 24)],
      [-20, -20, -10, -7.5, -1000],
      [-20, -20, -20, -7.5, -1000],
    ]);
  });

  it('reads no further back than the limit has room for', () => {
    const { context } = world.context({ tables });
    const card = scorecard({ rules: [silent({ repeat: days(30) })] });
    const { text } = context.dialect.compile(compileScorecard(card, context).select);
    // 30 days and three more periods of 30, and a day to spare.
    expect(text).toContain(`"sent_at" >= date '2025-10-03'`);
  });
});
