import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { rulePointsColumn } from '../../src/project/scorecard-columns.ts';
import { explainScorecard } from '../../src/scoring/explain-scorecard.ts';
import { readExplanation } from '../../src/scoring/read-explanation.ts';
import {
  eventColumns,
  leadColumns,
  logins,
  meaningOfSql,
  randomCard,
  randomEvents,
  randomLeads,
  views,
} from '../support/random-card.ts';
import { type ReferenceData, referenceScore } from '../support/reference-score.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

/** The last ones are in, and just behind, the hour that the end of summer time repeats. */
const cases = [
  { timeZone: 'UTC', asOf: '2026-01-31T12:00:00.000Z' },
  { timeZone: 'Asia/Kolkata', asOf: '2026-01-31T18:30:00.000Z' },
  { timeZone: 'America/New_York', asOf: '2026-03-10T03:59:59.500Z' },
  { timeZone: 'Europe/Berlin', asOf: '2025-10-26T00:30:00.000Z' },
  { timeZone: 'Europe/Berlin', asOf: '2025-10-26T02:00:00.000Z' },
];

const millionths = (decimal: unknown) => Math.round(Number(decimal) * 1_000_000);

describe.each(cases)('a scorecard as of $asOf in $timeZone', ({ timeZone, asOf }) => {
  const opened = ScoringWorld.open(timeZone);
  afterAll(async () => (await opened).close());

  it('equals a row-by-row computation and its own explanation, for random cards and data', async () => {
    const world = await opened;
    const options = { asOf, tables: ['leads', 'logins', 'views'] };
    const property = fc.asyncProperty(
      randomCard,
      randomLeads,
      randomEvents(asOf, timeZone),
      randomEvents(asOf, timeZone),
      async (card, leads, loginEvents, viewEvents) => {
        await world.table('leads', leadColumns, leads);
        await world.table('logins', eventColumns(loginEvents.timeType), loginEvents.rows);
        await world.table('views', eventColumns(viewEvents.timeType), viewEvents.rows);
        const rows = await world.score(card, options);
        expect([...rows.keys()].sort()).toEqual(['1', '2', '3']);

        const events = new Map([
          [logins, loginEvents.rows],
          [views, viewEvents.rows],
        ]);
        const data: ReferenceData = { entities: leads, events, key: 'lead_id', asOf, timeZone, sql: meaningOfSql };
        for (const lead of leads) {
          const row = rows.get(String(lead.lead_id)) ?? {};
          const expected = referenceScore(card, lead, data);
          const rules = card.rules.map(({ id }) => [id, millionths(row[rulePointsColumn(id)])] as const);
          const { tier, reasons } = row;
          expect({ rules: new Map(rules), score: millionths(row.score), tier, reasons }).toEqual(expected);
        }

        const { context } = world.context(options);
        const queries = explainScorecard(card, context, { key: '1', maxEvents: 100 });
        const [sum = {}] = await world.query(queries.sum);
        const shown = queries.events === null ? [] : await world.query(queries.events);
        const explanation = readExplanation(queries, sum, shown);
        const { score, tier, reasons } = rows.get('1') ?? {};
        expect([explanation.score, explanation.tier, explanation.reasons]).toEqual([Number(score), tier, reasons]);
        for (const rule of explanation.rules.filter(({ kind }) => kind === 'event')) {
          const shownEvents = rule.events?.shown ?? [];
          if (rule.found === null) {
            const counted = shownEvents.reduce((points, event) => points + event.pointsLeft, 0);
            expect(counted).toBeCloseTo(rule.beforeCurve ?? rule.beforeLimit, 5);
          } else {
            expect(shownEvents.filter((event) => event.counts)).toHaveLength(Number(rule.found));
          }
        }
        const alone = explanation.rules.filter((rule) => rule.group === undefined);
        const lines = [...alone, ...explanation.groups].reduce(
          (points, line) => points + line.points,
          explanation.base,
        );
        expect(lines).toBeCloseTo(explanation.total, 6);
      },
    );
    await fc.assert(property, { numRuns: 15 });
  });
});
