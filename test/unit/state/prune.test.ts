import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Retention } from '../../../src/project/types.ts';
import { refuseOlder } from '../../../src/state/last-accepted.ts';
import { prune } from '../../../src/state/prune.ts';
import { hotLeads, leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

const sync = leadSync({ lists: [hotLeads] });
const aMonth: Retention = { ledgerDays: 30, plansDays: 30, rejectionsDays: 30, runsDays: 30 };
/** The runs of these tests are of 31 January 2026. */
const afterTwoMonths = '2026-04-01T00:00:00.000Z';

async function runTwice(): Promise<void> {
  await world.leads(['1', 'ann@one.example', 80, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  await world.run(sync);
  await world.leads(['1', 'ann@one.example', 81, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  await world.run(sync);
}

test('removes what is old, keeps the last plan of a sync, and says that a run can no longer be rolled back', async () => {
  await runTwice();
  const snapshot = await world.table('snapshot');
  const pruned = await prune(world.state, aMonth, afterTwoMonths);
  expect(pruned).toMatchObject({ ledger: 6, plans: 1, runs: 2 });
  expect(await world.table('ledger')).toEqual([]);
  expect((await world.table('plans')).map((row) => row.plan_id)).toEqual(['run-2-leads']);
  expect(new Set((await world.table('plan_rows')).map((row) => row.plan_id))).toEqual(new Set(['run-2-leads']));
  expect(await world.table('snapshot')).toEqual(snapshot);
  expect(await world.run(sync)).toMatchObject({ planned: 0, unchanged: 2, lists: [{ added: 0, removed: 0 }] });
});

test('marks runs that stay and lose their ledger', async () => {
  await runTwice();
  await prune(world.state, { ...aMonth, runsDays: 365 }, afterTwoMonths);
  expect((await world.table('runs')).map((row) => row.ledger_pruned_at)).toEqual([afterTwoMonths, afterTwoMonths]);
});

test('removes nothing that is younger than its retention, and nothing of an unfinished plan', async () => {
  await runTwice();
  expect(await prune(world.state, aMonth, '2026-02-05T00:00:00.000Z')).toEqual({
    ledger: 0,
    plan_rows: 0,
    plans: 0,
    rejections: 0,
    runs: 0,
  });
  world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
  await world.leads(['1', 'ann@one.example', 99, 'hot'], ['3', 'cat@three.example', 12, 'cold']);
  expect(await world.run(sync)).toMatchObject({ deferred: 2 });
  const before = (await world.table('plan_rows')).filter((row) => row.plan_id === 'run-3-leads');
  await prune(world.state, aMonth, afterTwoMonths);
  expect((await world.table('plan_rows')).filter((row) => row.plan_id === 'run-3-leads')).toEqual(before);
  world.hubspot.spentUntil = null;
  expect(await world.run(sync)).toMatchObject({ created: 1, updated: 1 });
});

test('removes rejections that no run tries any more', async () => {
  world.hubspot.refuse = ({ lead_score: score }) =>
    score === '12' ? { category: 'VALIDATION_ERROR', message: 'no' } : null;
  await runTwice();
  expect(await world.table('rejections')).toHaveLength(1);
  expect(await prune(world.state, aMonth, afterTwoMonths)).toMatchObject({ rejections: 1 });
});

test('scores older than those accepted last are refused, with the sync and both instants', async () => {
  await world.leads(['1', 'ann@one.example', 80, 'hot']);
  await world.run(sync, { asOf: '2026-01-31T00:00:00.000Z' });
  const ask = (asOf: string, syncs = ['leads']) => refuseOlder(world.state, { syncs, asOf });
  await expect(ask('2026-01-30T00:00:00.000Z')).rejects.toMatchObject({
    code: 'STATE_OLDER_AS_OF',
    exitCode: 10,
    message: expect.stringMatching(/2026-01-30.*leads of 2026-01-31/),
    hint: expect.stringContaining('--allow-older'),
  });
  await expect(ask('2026-01-31T00:00:00.000Z')).resolves.toBeUndefined();
  await expect(ask('2026-01-01T00:00:00.000Z', ['others'])).resolves.toBeUndefined();
});

test('keeps what a plan has sent as long as its ledger, and the rest of it as long as plans', async () => {
  await world.leads(['1', 'ann@one.example', 80, 'hot'], ['2', null, 12, 'cold']);
  await world.run(sync);
  await world.leads(['1', 'ann@one.example', 81, 'hot'], ['2', null, 12, 'cold']);
  await world.run(sync);
  expect(await prune(world.state, { ...aMonth, ledgerDays: 90 }, afterTwoMonths)).toMatchObject({
    ledger: 0,
    plan_rows: 1,
    plans: 0,
  });
  const ofFirst = (await world.table('plan_rows')).filter((row) => row.plan_id === 'run-1-leads');
  expect(ofFirst.map((row) => [row.list, row.model_key])).toEqual([
    ['hot_leads', '1'],
    [null, '1'],
  ]);
});
