import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stateTable } from '../../../src/state/state.ts';
import {
  leadSync,
  openSyncWorld,
  property,
  type SyncWorld,
  scoreProperty,
  tierProperty,
} from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

const sync = leadSync();
const withTeam = leadSync({ properties: [scoreProperty, tierProperty, property('team', { column: 'lead_id' })] });

test('a first plan is one, and its facts say that all properties are new', async () => {
  await world.leads(['1', 'ann@one.example', 72, 'hot'], ['2', 'bob@two.example', null, 'cold']);
  const plan = await world.plan(sync);
  expect(plan.firstSync).toBe(true);
  expect(plan.facts).toEqual({
    modelRows: 2,
    snapshotRows: 0,
    changed: { rows: 0, example: null },
    changedInKnown: 0,
    removed: { rows: 0, example: null },
    created: { rows: 2, example: '1' },
    tierMoves: { rows: 0, example: null },
    tieredRows: 0,
    nulls: [
      { property: 'lead_score', rows: 1, example: '2' },
      { property: 'lead_tier', rows: 0, example: null },
    ],
    lists: [],
    newProperties: ['lead_score', 'lead_tier'],
    allNew: true,
  });
});

test('changes, tier moves and creates are counted beside the snapshot, with examples', async () => {
  await world.leads(
    ['1', 'ann@one.example', 72, 'hot'],
    ['2', 'bob@two.example', 12, 'cold'],
    ['3', 'cyd@two.example', 13],
  );
  await world.run(sync);
  await world.leads(
    ['1', 'ann@one.example', 20, 'cold'],
    ['2', 'bob@two.example', 13, 'cold'],
    ['3', 'cyd@two.example', 13, 'cold'],
    ['4', 'dan@two.example', 13, 'cold'],
  );
  const plan = await world.plan(sync);
  expect(plan.firstSync).toBe(false);
  expect(plan.facts).toMatchObject({
    modelRows: 4,
    snapshotRows: 3,
    changed: { rows: 3, example: '1' },
    changedInKnown: 3,
    created: { rows: 1, example: '4' },
    tierMoves: { rows: 1, example: '1' },
    tieredRows: 2,
    newProperties: [],
  });
});

test('a property is new until a plan that has it was applied in full', async () => {
  await world.leads(['1', 'ann@one.example', 72, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  await world.run(sync);
  const first = await world.plan(withTeam);
  expect(first.facts).toMatchObject({ newProperties: ['team'], changed: { rows: 2 }, changedInKnown: 0 });
  await world.apply(first);
  const { state } = world;
  const { warehouse } = state;
  const plans = stateTable(state, 'plans');
  await warehouse.script([
    warehouse.dialect.compile(sql`update ${plans} set status = 'partial' where plan_id = ${first.planId}`),
  ]);
  await world.leads(['1', 'ann@one.example', 73, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  expect((await world.plan(withTeam)).facts).toMatchObject({ newProperties: ['team'], changedInKnown: 1 });
  await warehouse.script([
    warehouse.dialect.compile(sql`update ${plans} set status = 'applied' where plan_id = ${first.planId}`),
  ]);
  expect((await world.plan(withTeam)).facts).toMatchObject({ newProperties: [], changedInKnown: 1 });
});

test('nothing sent is no change: rows refused while planning are not counted', async () => {
  await world.leads(['1', 'ann@one.example', 72, 'hot'], ['2', 'ann@one.example', 12, 'cold']);
  expect((await world.plan(sync)).facts).toMatchObject({ created: { rows: 0, example: null }, modelRows: 2 });
});

test('columns that only go along may be empty', async () => {
  await world.leads(['1', 'ann@one.example', 72, 'hot']);
  const team = property('team', { column: 'tier', withChangesOnly: true });
  const plan = await world.plan(leadSync({ properties: [scoreProperty, team] }));
  expect(plan.facts?.nulls.map((each) => each.property)).toEqual(['lead_score']);
});
