import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openState } from '../../../src/state/open-state.ts';
import { finishRun, startRun } from '../../../src/state/run-records.ts';
import { type State, stateTable } from '../../../src/state/state.ts';
import { steadyClock } from '../../../src/state/steady-clock.ts';
import { nothingSpent } from '../../support/nothing-spent.ts';
import { openTempDuckDb, type TempDuckDb } from '../../support/temp-duckdb.ts';

let db: TempDuckDb;
let state: State;
beforeEach(async () => {
  db = await openTempDuckDb();
  state = await openState(db.warehouse, { schema: 'scoreline' });
});
afterEach(() => db.dispose());

/** A clock that shows these times of one day, then stays. */
function showing(...times: readonly string[]): () => Date {
  let reading = 0;
  return () => new Date(`2026-01-31T${times[Math.min(reading++, times.length - 1)]}Z`);
}

const shown = (date: Date) => date.toISOString().slice(11, 23);

async function runUntil(endedAt: string): Promise<void> {
  const startedAt = '2026-01-31T08:00:00.000Z';
  const run = { runId: 'r1', command: 'run', target: 'test', asOf: startedAt, startedAt, syncs: ['leads'] };
  await startRun(state, { ...run, supersede: true });
  await finishRun(state, { runId: 'r1', endedAt: `2026-01-31T${endedAt}Z`, status: 'finished', spent: nothingSpent });
}

test('shows what the clock shows where nothing was written yet', async () => {
  const now = await steadyClock(state, showing('09:00:00', '09:30:00'));
  expect([now(), now()].map(shown)).toEqual(['09:00:00.000', '09:30:00.000']);
});

test('stands still where the clock is set back', async () => {
  const now = await steadyClock(state, showing('09:00:00', '07:00:00', '09:00:01'));
  expect([now(), now(), now()].map(shown)).toEqual(['09:00:00.000', '09:00:00.000', '09:00:01.000']);
});

test('is later than a run before whose clock was ahead', async () => {
  await runUntil('11:00:00.000');
  const now = await steadyClock(state, showing('10:00:00', '12:00:00'));
  expect([now(), now()].map(shown)).toEqual(['11:00:00.001', '12:00:00.000']);
});

test('is later than what a run wrote that died', async () => {
  const [plans, ledger] = [stateTable(state, 'plans'), stateTable(state, 'ledger')];
  await db.warehouse.script(
    [
      sql`insert into ${plans} (plan_id, sync, status, created_at) values ('p1', 'leads', 'applying', timestamptz '2026-01-31 08:00:00Z')`,
      sql`insert into ${ledger} (plan_id, attempted_at) values ('p1', timestamptz '2026-01-31 10:00:00Z')`,
    ].map((statement) => db.warehouse.dialect.compile(statement)),
  );
  const now = await steadyClock(state, showing('09:00:00'));
  expect(shown(now())).toBe('10:00:00.001');
});
