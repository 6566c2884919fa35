import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { scoreOfOne } from '../../src/scoring/score-of-one.ts';
import type { AsOf } from '../../src/sql/types.ts';
import { eventColumns, leadColumns, randomCard, randomEvents, randomLeads } from '../support/random-card.ts';
import type { DataRow } from '../support/reference-score.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const now: AsOf = { instant: '2026-01-31T12:00:00.000Z', day: '2026-01-31' };
const later = '2026-02-04T12:00:00.000Z';
const options = { asOf: later, tables: ['leads', 'logins', 'views'] };
const world = await ScoringWorld.open();
afterAll(() => world.close());

const randomRows = randomEvents(now.instant, 'UTC')
  .filter(({ timeType }) => timeType === 'timestamptz')
  .map(({ rows }) => rows);

/** What is known now: neither of a row's two times lies ahead. */
function known(rows: readonly DataRow[]): readonly DataRow[] {
  const past = (at: unknown) => (typeof at === 'string' && Date.parse(at) <= Date.parse(now.instant) ? at : null);
  return rows.map((row) => ({ ...row, happened_at: past(row.happened_at), seen_at: past(row.seen_at) }));
}

it('looks ahead as if nothing more happened, for random cards and data', async () => {
  const property = fc.asyncProperty(
    randomCard,
    randomLeads,
    randomRows,
    randomRows,
    async (card, leads, logins, views) => {
      await world.table('leads', leadColumns, leads);
      await world.table('logins', eventColumns('timestamptz'), known(logins));
      await world.table('views', eventColumns('timestamptz'), known(views));
      const expected = (await world.score(card, options)).get('1')?.score;
      await world.table('logins', eventColumns('timestamptz'), logins);
      await world.table('views', eventColumns('timestamptz'), views);
      const ahead = { ...world.context(options).context, knownBy: now };
      expect(await world.query(scoreOfOne(card, ahead, '1'))).toEqual([{ score: expected }]);
    },
  );
  await fc.assert(property, { numRuns: 15 });
});
