import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hotLeads, leadSync, openSyncWorld, property, type SyncWorld } from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

test('a plan says all that will happen, and changes nothing in HubSpot', async () => {
  world.hubspot.seed('contacts', { email: 'ann@one.example' });
  const sync = leadSync({ lists: [hotLeads] });
  await world.leads(
    ['1', 'ann@one.example', 10, 'cold'],
    ['2', 'bob@two.example', 20, 'warm'],
    ['3', 'cat@one.example', 30, 'warm'],
    ['4', null, 1, 'cold'],
  );
  const first = await world.plan(sync);
  expect(world.hubspot.writes).toEqual([]);
  expect(first).toMatchObject({
    portal: { portalId: 1001, accountType: 'STANDARD', timeZone: 'UTC' },
    sync: 'leads',
    object: 'contacts',
    model: 'lead_score',
    mode: 'upsert',
    matchProperty: 'email',
    firstSync: true,
    rows: {
      model: 4,
      creates: 2,
      updates: 1,
      clears: 0,
      unchanged: 0,
      suppressed: 0,
      excluded: 0,
      unmatched: 1,
      waiting: 0,
      rejected: 0,
    },
    schema: { group: { name: 'scoreline' }, properties: [{ name: 'lead_score' }, { name: 'lead_tier' }], options: [] },
    lists: [{ list: 'hot_leads', listId: null, adds: 0, removes: 0, missing: 0 }],
    // Two calls of rows, a group, two properties made and read, and a list.
    cost: { calls: 9, seconds: 1, dailyRatio: 9 / 250_000 },
  });
  expect(first.tierMoves).toEqual(
    expect.arrayContaining([
      { from: null, to: 'cold', rows: 1 },
      { from: null, to: 'warm', rows: 2 },
    ]),
  );
  await world.apply(first);

  await world.leads(
    ['1', 'ann@one.example', 90, 'hot'],
    ['2', 'bob@two.example', 21, 'warm'],
    ['3', 'cat@one.example', 5, 'cold'],
    ['4', null, 1, 'cold'],
  );
  const second = await world.plan(sync);
  expect(second.firstSync).toBe(false);
  expect(second.sample).toEqual([
    {
      key: '1',
      operation: 'update',
      tier: { from: 'cold', to: 'hot' },
      values: [
        { property: 'lead_score', from: '10', to: '90' },
        { property: 'lead_tier', from: 'cold', to: 'hot' },
      ],
    },
    expect.objectContaining({ key: '3', tier: { from: 'warm', to: 'cold' } }),
    expect.objectContaining({ key: '2', values: [{ property: 'lead_score', from: '20', to: '21' }] }),
  ]);
  expect(second.tierMoves).toHaveLength(2);
  expect(second.schema).toEqual({ group: null, properties: [], options: [] });
  expect(second.lists).toMatchObject([{ listId: expect.any(String), adds: 1 }]);
});

test('a plan is plain data, and is kept in the warehouse as it was printed', async () => {
  await world.leads(['1', 'ann@one.example', 10, 'cold']);
  const plan = await world.plan(leadSync());
  const [kept] = await world.table('plans');
  expect(kept).toMatchObject({ plan_id: plan.planId, status: 'open', digest: plan.digest, model_build: 'build-1' });
  expect(JSON.parse(String(kept?.summary))).toEqual(plan);
});

test('two plans of the same changes have one digest, and any other value gives another', async () => {
  await world.leads(['1', 'ann@one.example', 10, 'cold'], ['2', 'bob@two.example', 20, 'warm']);
  const first = await world.plan(leadSync());
  await world.leads(['2', 'bob@two.example', 20, 'warm'], ['1', 'ann@one.example', 10, 'cold']);
  const again = await world.plan(leadSync());
  expect(again.planId).not.toBe(first.planId);
  expect(again.digest).toBe(first.digest);
  await world.leads(['1', 'ann@one.example', 10, 'cold'], ['2', 'bob@two.example', 20.01, 'warm']);
  expect((await world.plan(leadSync())).digest).not.toBe(first.digest);
});

test('a plan notes the one that had changed the snapshot last', async () => {
  await world.leads(['1', 'ann@one.example', 10, 'cold']);
  const applied = await world.plan(leadSync());
  await world.apply(applied);
  const next = await world.plan(leadSync());
  const [first, second] = await world.table('plans');
  expect(first).toMatchObject({ plan_id: applied.planId, previous_plan_id: null, status: 'applied' });
  expect(second).toMatchObject({ plan_id: next.planId, previous_plan_id: applied.planId });
});

test('an empty model has an empty plan', async () => {
  await world.score(`select '1' as lead_id, 'a@b.example' as email, 1 as score, 'hot' as tier where false`);
  expect(await world.run(leadSync({ lists: [hotLeads] }))).toMatchObject({ planned: 0, unchanged: 0, unmatched: 0 });
});

describe('refuses, before any write', () => {
  test('columns and properties that do not fit, all at once', async () => {
    world.hubspot.addProperty('contacts', { name: 'lead_score', type: 'string' });
    world.hubspot.addProperty('contacts', { name: 'lead_tier', type: 'string', calculated: true });
    await world.leads(['1', 'ann@one.example', 10, 'cold']);
    await expect(world.plan(leadSync())).rejects.toMatchObject({
      code: 'SYNC_INVALID',
      exitCode: 3,
      problems: [{ value: 'number' }, { value: 'enumeration' }],
    });
    const missing = leadSync({ properties: [property('seats'), property('region')] });
    await expect(world.plan(missing)).rejects.toMatchObject({ problems: [{ value: 'seats' }, { value: 'region' }] });
  });

  test.each([
    [
      'occurs in several rows',
      `('1', 'ann@one.example', 1), ('1', 'bob@one.example', 2)`,
      'several rows with the key "1"',
    ],
    ['is null', `('1', 'ann@one.example', 1), (null, 'bob@one.example', 2)`, 'a row whose key is null'],
  ])('a key that %s', async (_, rows, message) => {
    await world.score(`select *, 'hot' as tier from (values ${rows}) v (lead_id, email, score)`);
    await expect(world.plan(leadSync())).rejects.toMatchObject({
      code: 'GUARD_TEST_FAILED',
      exitCode: 6,
      message: expect.stringContaining(message),
    });
    expect(world.hubspot.writes).toEqual([]);
  });
});
