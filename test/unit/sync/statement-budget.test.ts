import { afterEach, beforeEach, expect, test } from 'vitest';
import { openState } from '../../../src/state/open-state.ts';
import { slowWarehouse } from '../../support/slow-warehouse.ts';
import { hotLeads, leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

const sync = leadSync({ lists: [hotLeads] });

test('a plan takes 6 statements at most, and an apply one per checkpoint, one to begin, one to fold and one to count', async () => {
  await world.score(`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, i as score,
    case when i % 10 = 0 then 'hot' else 'cold' end as tier from range(12000) r (i)`);
  const warehouse = slowWarehouse(world.warehouse, { secondsPerStatement: 1.5 });
  const plan = await world.plan(sync, { warehouse });
  const lookUps = warehouse.roundTrips.filter(({ method }) => method === 'append');
  // 12,000 look-ups are three checkpoints of 5,000 rows; a plan with fewer has one.
  expect(lookUps.length).toBeLessThanOrEqual(3);
  expect(warehouse.statements - lookUps.length).toBeLessThanOrEqual(5);

  warehouse.forget();
  await world.apply(plan, { warehouse });
  const appends = warehouse.roundTrips.filter(({ method }) => method === 'append');
  // 3 for the rows, then for the list: its use, what is attempted, and what came of it.
  expect(appends.length).toBeLessThanOrEqual(6);
  expect(warehouse.statements - appends.length).toBe(3);
});

test('an unchanged run takes 7 statements', async () => {
  await world.leads(['1', 'ann@one.example', 72, 'hot']);
  await world.run(sync);
  const warehouse = slowWarehouse(world.warehouse, { secondsPerStatement: 1.5 });
  await world.run(sync, { warehouse });
  expect(warehouse.roundTrips.filter(({ method }) => method !== 'stream').map(({ purpose }) => purpose)).toEqual([
    'read the lists of leads',
    'compare lead_score with the snapshot of leads',
    'freeze the plan of leads',
    'sum up the plan of leads',
    'keep the plan of leads',
    'fold the ledger of leads',
    'count the outcomes of leads',
  ]);
});

test('opening a state that is there reads twice and writes nothing', async () => {
  const warehouse = slowWarehouse(world.warehouse, { secondsPerStatement: 1.5 });
  await openState(warehouse, { schema: 'scoreline' });
  expect(warehouse.roundTrips.map(({ method }) => method)).toEqual(['relations', 'query']);
});
