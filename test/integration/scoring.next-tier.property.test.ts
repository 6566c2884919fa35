import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import type { ScorecardModel } from '../../src/project/model-types.ts';
import type { Rule } from '../../src/project/rule-types.ts';
import { rulePointsColumn } from '../../src/project/scorecard-columns.ts';
import { addUp } from '../../src/scoring/add-up.ts';
import { explainScorecard } from '../../src/scoring/explain-scorecard.ts';
import { type WayUp, waysBy } from '../../src/scoring/next-tier.ts';
import { readExplanation } from '../../src/scoring/read-explanation.ts';
import { eventColumns, leadColumns, logins, randomCard, randomEvents, randomLeads } from '../support/random-card.ts';
import type { DataRow } from '../support/reference-score.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const asOf = '2026-01-31T12:00:00.000Z';
const options = { asOf, tables: ['leads', 'logins', 'views'] };
const world = await ScoringWorld.open();
afterAll(() => world.close());

const randomRows = randomEvents(asOf, 'UTC')
  .filter(({ timeType }) => timeType === 'timestamptz')
  .map(({ rows }) => rows);

/** Gains, which further events of the rule itself lead to; sessions and the end of penalties are not asked for here. */
const gainingCard = randomCard.map(
  (card): ScorecardModel => ({
    ...card,
    rules: card.rules.map((rule): Rule => {
      if (rule.kind !== 'event') return { ...rule, recover: undefined } as Rule;
      const points = typeof rule.points === 'number' ? Math.abs(rule.points) : rule.points;
      return { ...rule, points, recover: undefined, session: undefined };
    }),
  }),
);

/** Events that are what a way says: now, with values that no other event has, worth what the newest one is. */
function eventsOf(rule: Rule, { times }: WayUp, worth: number): readonly DataRow[] {
  const hasHalf =
    'points' in rule && typeof rule.points === 'object' && 'sql' in rule.points && rule.points.sql !== 'amount';
  return Array.from({ length: times }, (_, index) => ({
    lead_id: 1,
    happened_at: asOf,
    seen_at: asOf,
    device: 'where' in rule && rule.where?.includes('ios') ? 'ios' : 'web',
    url: `/new-${index}`,
    amount: hasHalf ? (worth + 1) / 2 : worth,
  }));
}

function relationOf(rule: Rule): string | undefined {
  if (rule.kind === 'event') return rule.events;
  return rule.kind === 'absence' ? rule.noEvents[0] : undefined;
}

it('says what further events give, as they then do, for random cards and data', async () => {
  let checked = 0;
  const property = fc.asyncProperty(
    gainingCard,
    randomLeads,
    randomRows,
    randomRows,
    async (card, leads, own, views) => {
      const fill = async (more: readonly DataRow[], relation?: string) => {
        const isLogin = relation === logins;
        await world.table('logins', eventColumns('timestamptz'), [...own, ...(isLogin ? more : [])]);
        await world.table('views', eventColumns('timestamptz'), [...views, ...(isLogin ? [] : more)]);
      };
      await world.table('leads', leadColumns, leads);
      await fill([]);
      const queries = explainScorecard(card, world.context(options).context, { key: '1', maxEvents: 100 });
      const [sum = {}] = await world.query(queries.sum);
      const explained = readExplanation(queries, sum, queries.events === null ? [] : await world.query(queries.events));
      const points = new Map(explained.rules.map((rule) => [rule.id, rule.points]));
      expect(addUp(queries.card, (id) => points.get(id) ?? 0)).toBe(explained.computedScore);

      for (const line of explained.rules) {
        const rule = card.rules.find(({ id }) => id === line.id);
        const relation = rule === undefined ? undefined : relationOf(rule);
        const way = waysBy(line, queries.card, explained).findLast(({ kind }) => kind !== 'hold');
        if (rule === undefined || relation === undefined || way === undefined) continue;
        const worth = line.events?.shown.find((event) => event.counts && event.points > 0)?.points ?? 4;
        await fill(eventsOf(rule, way, worth), relation);
        const then = (await world.score(only(card, line.id), options)).get('1') ?? {};
        expect([way, Number(then[rulePointsColumn(line.id)])]).toEqual([
          way,
          expect.closeTo(line.points + way.gain, 5),
        ]);
        checked += 1;
      }
    },
  );
  await fc.assert(property, { numRuns: 15 });
  expect(checked).toBeGreaterThan(10);
});

/** The card with one rule, which other rules must not disturb. */
function only(card: ScorecardModel, id: string): ScorecardModel {
  return { ...card, rules: card.rules.filter((rule) => rule.id === id) };
}
