import { afterEach, beforeEach, expect, test } from 'vitest';
import { hotLeads, leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

const sync = leadSync({ lists: [hotLeads] });
const created = () => Object.keys(world.hubspot.values('contacts')).sort();

test('sends the first rows alone, and the next run begins with the others', async () => {
  await world.leads(
    ['1', 'p1@one.example', 1, 'cold'],
    ['2', 'p2@one.example', 2, 'cold'],
    ['3', 'p3@one.example', 3, 'cold'],
  );
  expect(await world.run(sync, { maxRows: 2 })).toMatchObject({ planned: 3, created: 2, deferred: 1 });
  expect(created()).toEqual(['p1@one.example', 'p2@one.example']);
  await world.leads(
    ['1', 'p1@one.example', 10, 'cold'],
    ['2', 'p2@one.example', 20, 'cold'],
    ['3', 'p3@one.example', 30, 'cold'],
  );
  expect(await world.run(sync, { maxRows: 1 })).toMatchObject({ planned: 3, created: 1, updated: 0, deferred: 2 });
  expect(created()).toContain('p3@one.example');
  expect(await world.run(sync)).toMatchObject({ planned: 2, updated: 2, deferred: 0 });
});

test('what was deferred twice still goes first', async () => {
  const rows = (score: number) =>
    world.leads(
      ['1', 'p1@one.example', score, 'cold'],
      ['2', 'p2@one.example', score, 'cold'],
      ['3', 'p3@one.example', score, 'cold'],
    );
  for (const [score, total] of [
    [1, 1],
    [2, 2],
    [3, 3],
  ] as const) {
    await rows(score);
    expect(await world.run(sync, { maxRows: 1 })).toMatchObject({ created: 1 });
    expect(created()).toHaveLength(total);
  }
});

test('members come behind the rows, and count', async () => {
  await world.leads(['1', 'p1@one.example', 80, 'hot'], ['2', 'p2@one.example', 90, 'hot']);
  const first = await world.run(sync, { maxRows: 2 });
  expect(first).toMatchObject({ created: 2, deferred: 0, lists: [{ added: 0, deferred: 2 }] });
  expect(world.hubspot.writes.map(({ call }) => call)).not.toContain('createList');
  expect(await world.run(sync, { maxRows: 1 })).toMatchObject({ planned: 0, lists: [{ added: 1, deferred: 1 }] });
  expect(await world.run(sync, { maxRows: 1 })).toMatchObject({ planned: 0, lists: [{ added: 1, deferred: 0 }] });
});

test('a plan that was applied in part goes on where it stopped', async () => {
  await world.leads(['1', 'p1@one.example', 80, 'hot'], ['2', 'p2@one.example', 90, 'hot']);
  const plan = await world.plan(sync);
  expect(await world.apply(plan, { maxRows: 1 })).toMatchObject({ created: 1, deferred: 1 });
  expect(await world.apply(plan, { maxRows: 2 })).toMatchObject({
    created: 2,
    deferred: 0,
    lists: [{ added: 1, deferred: 1 }],
  });
  expect(await world.apply(plan)).toMatchObject({ created: 2, deferred: 0, lists: [{ added: 2, deferred: 0 }] });
  const records = world.hubspot.stored('contacts');
  expect(records).toHaveLength(2);
});
