import { afterEach, beforeEach, expect, test } from 'vitest';
import { countRejections, listRejections, releaseRejections } from '../../../src/state/rejections.ts';
import { leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
  world.hubspot.refuse = ({ lead_score }) =>
    Number(lead_score) === 13
      ? { category: 'VALIDATION_ERROR', message: 'unlucky', property: 'lead_score', correlationId: 'c-9' }
      : null;
});
afterEach(() => world.dispose());

const sync = leadSync();

test('a refused row is kept with its reason, and waits while its values are the same', async () => {
  await world.leads(['1', 'ann@one.example', 13, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  expect(await world.run(sync)).toMatchObject({ planned: 2, created: 1, rejected: 1, newly_rejected: 1 });
  expect(await listRejections(world.state, { syncs: ['leads'] }, 10)).toMatchObject([
    {
      sync: 'leads',
      object: 'contacts',
      modelKey: '1',
      recordId: null,
      category: 'VALIDATION_ERROR',
      message: 'unlucky',
      property: 'lead_score',
      correlationId: 'c-9',
      attempts: 1,
    },
  ]);
  world.hubspot.refuse = () => null;
  const plan = await world.plan(sync);
  expect(plan.rows).toMatchObject({ model: 2, creates: 0, unchanged: 1, waiting: 1 });
  expect(await world.apply(plan)).toMatchObject({ planned: 0, unchanged: 1, waiting: 1, rejected: 0 });
  world.passHours(1);
  expect(await world.run(sync)).toMatchObject({ planned: 1, created: 1, waiting: 0 });
  expect(await world.table('rejections')).toEqual([]);
});

test('pauses grow to a day, and a row known to be refused is not new', async () => {
  await world.leads(['1', 'ann@one.example', 13, 'hot']);
  const pauses: number[] = [];
  for (const fresh of [1, 0, 0, 0]) {
    expect(await world.run(sync)).toMatchObject({ rejected: 1, newly_rejected: fresh });
    const [row] = await listRejections(world.state, {}, 10);
    const hours = (Date.parse(row?.nextAttemptAt ?? '') - Date.parse(row?.rejectedAt ?? '')) / 3_600_000;
    pauses.push(hours);
    expect(await world.run(sync)).toMatchObject({ waiting: 1, rejected: 0 });
    world.passHours(hours);
  }
  expect(pauses).toEqual([1, 4, 24, 24]);
  expect(await listRejections(world.state, {}, 10)).toMatchObject([{ attempts: 4 }]);
});

test('other values are tried at once, and so is a row that was released', async () => {
  await world.leads(['1', 'ann@one.example', 13, 'hot'], ['2', 'bob@two.example', 13, 'hot']);
  await world.run(sync);
  await world.leads(['1', 'ann@one.example', 14, 'hot'], ['2', 'bob@two.example', 13, 'hot']);
  expect(await world.run(sync)).toMatchObject({ created: 1, waiting: 1 });
  expect(await releaseRejections(world.state, { syncs: ['another'] })).toBe(0);
  expect(await releaseRejections(world.state, { portalId: 1001, syncs: ['leads'] })).toBe(1);
  expect(await world.run(sync)).toMatchObject({ rejected: 1, newly_rejected: 0, waiting: 0 });
  expect(await countRejections(world.state, {})).toEqual([
    { sync: 'leads', category: 'VALIDATION_ERROR', property: 'lead_score', rows: 1 },
  ]);
});

test('a row that left the model, or is refused no more, leaves the rejections', async () => {
  await world.leads(['1', 'ann@one.example', 12, 'cold'], ['2', 'bob@two.example', 13, 'hot']);
  await world.run(sync);
  await world.leads(['1', 'ann@one.example', 13, 'cold']);
  await world.run(sync);
  expect((await world.table('rejections')).map((row) => row.model_key)).toEqual(['1']);
  await world.leads(['1', 'ann@one.example', 12, 'cold']);
  expect(await world.run(sync)).toMatchObject({ planned: 0, unchanged: 1 });
  expect(await world.table('rejections')).toEqual([]);
});

test('rows refused while planning have no pause: what stands in their way may go', async () => {
  await world.leads(['1', 'ann@one.example', 1, 'hot'], ['2', 'Ann@one.example', 2, 'hot']);
  expect(await world.run(sync)).toMatchObject({ rejected: 2, newly_rejected: 2 });
  expect(await world.run(sync)).toMatchObject({ rejected: 2, newly_rejected: 0 });
  expect(await listRejections(world.state, {}, 10)).toMatchObject([
    { modelKey: '1', category: 'DUPLICATE_MATCH', nextAttemptAt: null, attempts: 2 },
    { modelKey: '2', category: 'DUPLICATE_MATCH', nextAttemptAt: null, attempts: 2 },
  ]);
  await world.leads(['1', 'ann@one.example', 1, 'hot']);
  expect(await world.run(sync)).toMatchObject({ created: 1, rejected: 0 });
});

test('folding the same outcomes again counts no attempt twice', async () => {
  await world.leads(['1', 'ann@one.example', 13, 'hot']);
  const plan = await world.plan(sync);
  await world.apply(plan);
  expect(await world.apply(plan)).toMatchObject({ rejected: 1 });
  expect(await world.table('rejections')).toMatchObject([{ attempts: 1 }]);
});

test('rows that were left for later are sent before the others next time', async () => {
  await world.score(`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, i as score, 'hot' as tier
from range(1000, 3000) r (i)`);
  world.hubspot.beforeWrite = () => {
    if (world.hubspot.stored('contacts').length >= 300) world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
  };
  await world.run(sync);
  const done = new Set(world.hubspot.stored('contacts').map(({ properties }) => `k${properties.lead_score}`));
  world.hubspot.beforeWrite = () => {};
  world.hubspot.spentUntil = null;
  // All rows have something to send now, the late ones among them.
  await world.score(`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, i + 10000 as score, 'hot' as tier
from range(1000, 3000) r (i)`);
  await world.run(sync);
  const sent = (await world.table('ledger')).filter((row) => row.run_id === 'run-2');
  const first = sent.filter((row) => Number(row.sequence) <= 1000).map((row) => String(row.model_key));
  expect(sent).toHaveLength(2000);
  expect(first.filter((key) => done.has(key))).toEqual([]);
});
