import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { judgeGuards } from '../../../src/sync/guards.ts';
import { hasOperations } from '../../../src/sync/plan-types.ts';
import { hotLeads, leadSync, openSyncWorld, type SyncWorld, scoreProperty } from '../../support/sync-world.ts';
import { TroubledLeads } from '../../support/troubled-leads.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

const sync = leadSync({ lists: [hotLeads] });

function idOf(email: string): string {
  const record = world.hubspot.stored('contacts').find(({ properties }) => properties.email === email);
  return record?.id ?? `no record of ${email}`;
}

test('a list is created and filled, with records created in this very run', async () => {
  world.hubspot.seed('contacts', { email: 'ann@one.example' });
  await world.leads(
    ['1', 'ann@one.example', 72, 'hot'],
    ['2', 'bob@two.example', 80, 'hot'],
    ['3', 'cat@one.example', 1, 'cold'],
  );
  const plan = await world.plan(sync);
  expect(plan.lists).toEqual([
    { list: 'hot_leads', name: 'Hot leads', listId: null, adds: 2, removes: 0, missing: 0, rejected: 0 },
  ]);
  const result = await world.apply(plan);
  expect(result.lists).toEqual([{ list: 'hot_leads', added: 2, removed: 0, missing: 0, rejected: 0, deferred: 0 }]);
  expect(world.hubspot.members('Hot leads')).toEqual([idOf('ann@one.example'), idOf('bob@two.example')].sort());
});

test('members are changed by difference, and an unchanged list takes no call', async () => {
  await world.leads(
    ['1', 'ann@one.example', 72, 'hot'],
    ['2', 'bob@two.example', 80, 'hot'],
    ['3', 'cat@one.example', 1, 'cold'],
  );
  await world.run(sync);
  await world.leads(
    ['1', 'ann@one.example', 12, 'cold'],
    ['2', 'bob@two.example', 80, 'hot'],
    ['3', 'cat@one.example', 90, 'hot'],
  );
  const result = await world.run(sync);
  expect(result.lists).toMatchObject([{ added: 1, removed: 1 }]);
  expect(world.hubspot.members('Hot leads')).toEqual([idOf('bob@two.example'), idOf('cat@one.example')].sort());
  const writes = world.hubspot.writes.length;
  const plan = await world.plan(sync);
  expect(hasOperations(plan)).toBe(false);
  await world.apply(plan);
  expect(world.hubspot.writes).toHaveLength(writes);
});

test('members without a record are missing, those whose row was refused rejected, those whose record was not created deferred', async () => {
  world.hubspot.refuse = ({ lead_score }) => (lead_score === '13' ? { category: 'X', message: 'no' } : null);
  await world.leads(
    ['1', null, 72, 'hot'],
    ['2', 'bob@two.example', 80, 'hot'],
    ['3', 'BOB@two.example', 80, 'hot'],
    ['4', 'cat@one.example', 13, 'hot'],
    ['5', 'dan@one.example', 70, 'hot'],
  );
  const result = await world.run(sync);
  expect(result.lists).toEqual([{ list: 'hot_leads', added: 1, removed: 0, missing: 1, rejected: 2, deferred: 1 }]);
  expect(world.hubspot.members('Hot leads')).toEqual([idOf('dan@one.example')]);
});

test('a member whose record is gone is tried once, and then looked for', async () => {
  const scoreAlone = leadSync({ properties: [scoreProperty], lists: [hotLeads] });
  await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'bob@two.example', 12, 'cold']);
  await world.run(scoreAlone);
  const ann = world.hubspot.stored('contacts').find(({ properties }) => properties.email === 'ann@one.example');
  world.hubspot.remove('contacts', ann?.id ?? '');
  await world.leads(['1', 'ann@one.example', 50, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  expect(await world.run(scoreAlone)).toMatchObject({ lists: [{ added: 0, missing: 1 }] });
  const plan = await world.plan(scoreAlone);
  expect(plan).toMatchObject({ rows: { unmatched: 1 }, lists: [{ adds: 0, missing: 1 }] });
  expect(await world.apply(plan)).toMatchObject({ planned: 0, lists: [{ added: 0, missing: 1 }] });
});

test('in mode update, a member without a record is missing and the plan has nothing to do', async () => {
  await world.leads(['1', 'ann@one.example', 72, 'hot']);
  const update = leadSync({ mode: 'update', lists: [hotLeads] });
  await world.run(update);
  const plan = await world.plan(update);
  expect(plan.lists).toMatchObject([{ adds: 0, missing: 1 }]);
  expect(hasOperations(plan)).toBe(false);
});

describe('a list that is there already', () => {
  test('is found by name, and people whom others put into it are never removed', async () => {
    const ann = world.hubspot.seed('contacts', { email: 'ann@one.example' });
    const eve = world.hubspot.seed('contacts', { email: 'eve@one.example' });
    const listId = world.hubspot.addList({ name: 'Hot leads' }, [ann, eve]);
    await world.leads(['1', 'ann@one.example', 72, 'hot'], ['2', 'bob@two.example', 80, 'hot']);
    expect((await world.run(sync)).lists).toMatchObject([{ added: 2 }]);
    expect(await world.table('lists')).toMatchObject([{ list_id: listId, created: false }]);
    await world.leads(['1', 'ann@one.example', 2, 'cold'], ['2', 'bob@two.example', 3, 'cold']);
    expect((await world.run(sync)).lists).toMatchObject([{ removed: 1 }]);
    expect(world.hubspot.members('Hot leads')).toEqual([ann, eve].sort());
  });

  test('is found by its id after it was renamed', async () => {
    await world.leads(['1', 'ann@one.example', 72, 'hot']);
    await world.run(sync);
    const renamed = leadSync({ lists: [{ ...hotLeads, name: 'Very hot leads' }] });
    expect((await world.plan(renamed)).lists).toMatchObject([{ listId: expect.any(String), adds: 0 }]);
  });

  test('is made again and filled after someone deleted it', async () => {
    await world.leads(['1', 'ann@one.example', 72, 'hot']);
    await world.run(sync);
    const [list] = await world.table('lists');
    world.hubspot.dropList(String(list?.list_id));
    expect((await world.run(sync)).lists).toMatchObject([{ added: 1 }]);
    expect(world.hubspot.members('Hot leads')).toEqual([idOf('ann@one.example')]);
    expect(hasOperations(await world.plan(sync))).toBe(false);
  });

  test.each([
    ['is dynamic', { processingType: 'DYNAMIC' }, /dynamic/],
    ['has members of another object', { objectTypeId: '0-2' }, /another object type/],
  ])('is refused while planning if it %s', async (_, settings, message) => {
    world.hubspot.addList({ name: 'Hot leads', ...settings });
    await world.leads(['1', 'ann@one.example', 72, 'hot']);
    await expect(world.plan(sync)).rejects.toMatchObject({
      code: 'SYNC_INVALID',
      problems: [{ file: 'syncs/leads.yml', value: 'Hot leads', message: expect.stringMatching(message) }],
    });
  });
});

describe('a change of members without an answer', () => {
  /** Applies the changes of now and dies at the call, with or without its effect. */
  async function dieAtTheCall(hasEffect: boolean): Promise<void> {
    const { changeMembers } = world.hubspot.lists;
    world.hubspot.lists.changeMembers = async (request, signal) => {
      if (hasEffect) await changeMembers(request, signal);
      throw new Error('the process is gone');
    };
    await expect(world.run(sync)).rejects.toThrow('the process is gone');
    world.hubspot.lists.changeMembers = changeMembers;
  }

  test('that added them leaves them ours to remove', async () => {
    await world.leads(['1', 'ann@one.example', 72, 'hot']);
    await dieAtTheCall(true);
    await world.leads(['1', 'ann@one.example', 2, 'cold']);
    await world.run(sync);
    expect(world.hubspot.members('Hot leads')).toEqual([]);
  });

  test('that added them to a list made again leaves them ours to remove', async () => {
    await world.leads(['1', 'ann@one.example', 72, 'hot']);
    await world.run(sync);
    const [list] = await world.table('lists');
    world.hubspot.dropList(String(list?.list_id));
    await dieAtTheCall(true);
    await world.run(sync);
    await world.leads(['1', 'ann@one.example', 2, 'cold']);
    await world.run(sync);
    expect(world.hubspot.members('Hot leads')).toEqual([]);
  });

  test('that did not add them is made again', async () => {
    await world.leads(['1', 'ann@one.example', 72, 'hot']);
    await dieAtTheCall(false);
    expect((await world.run(sync)).lists).toMatchObject([{ added: 1 }]);
    expect(world.hubspot.members('Hot leads')).toEqual([idOf('ann@one.example')]);
    expect(hasOperations(await world.plan(sync))).toBe(false);
  });

  test('that removed them is known when they come back', async () => {
    await world.leads(['1', 'ann@one.example', 72, 'hot']);
    await world.run(sync);
    await world.leads(['1', 'ann@one.example', 2, 'cold']);
    await dieAtTheCall(true);
    await world.leads(['1', 'ann@one.example', 72, 'hot']);
    await world.run(sync);
    expect(world.hubspot.members('Hot leads')).toEqual([idOf('ann@one.example')]);
  });
});

test('a list whose key was renamed in the file keeps its members ours', async () => {
  await world.leads(['1', 'ann@one.example', 90, 'hot']);
  await world.run(leadSync({ lists: [hotLeads] }));
  expect(world.hubspot.members('Hot leads')).toHaveLength(1);
  const renamed = leadSync({ lists: [{ ...hotLeads, id: 'hottest' }] });
  await world.run(renamed);
  await world.leads(['1', 'ann@one.example', 10, 'cold']);
  await world.run(renamed);
  expect(world.hubspot.members('Hot leads')).toEqual([]);
});

test('the renamed key, and the member left the audience at the same time', async () => {
  await world.leads(['1', 'ann@one.example', 90, 'hot']);
  await world.run(leadSync({ lists: [hotLeads] }));
  await world.leads(['1', 'ann@one.example', 10, 'cold']);
  await world.run(leadSync({ lists: [{ ...hotLeads, id: 'hottest' }] }));
  expect(world.hubspot.members('Hot leads')).toEqual([]);
});

test('a member whom a person put into a list made again is theirs', async () => {
  const sync = leadSync({ lists: [hotLeads] });
  await world.leads(['1', 'ann@one.example', 90, 'hot']);
  await world.run(sync);
  const [list] = await world.table('lists');
  world.hubspot.dropList(String(list?.list_id));
  world.hubspot.addList({ name: 'Hot leads' }, [idOf('ann@one.example')]);
  await world.run(sync);
  await world.leads(['1', 'ann@one.example', 10, 'cold']);
  await world.run(sync);
  expect(world.hubspot.members('Hot leads')).toHaveLength(1);
});

test('a sync of lists alone is planned, kept, and rolled back', async () => {
  const listsAlone = leadSync({ properties: [], lists: [hotLeads] });
  for (const email of ['ann@one.example', 'bob@two.example']) world.hubspot.seed('contacts', { email });
  await world.leads(['1', 'ann@one.example', 72, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  expect(await world.run(listsAlone)).toMatchObject({ planned: 0, lists: [{ added: 1 }] });
  await world.leads(['1', 'ann@one.example', 12, 'cold'], ['2', 'bob@two.example', 72, 'hot']);
  expect(await world.run(listsAlone)).toMatchObject({ planned: 0, lists: [{ added: 1, removed: 1 }] });
  expect(world.hubspot.members('Hot leads')).toEqual([idOf('bob@two.example')]);
  const trouble = new TroubledLeads(world);
  const { members } = await trouble.rollBack(listsAlone, 'run-2');
  expect(members).toEqual({ toAdd: 1, toRemove: 1, kept: 0 });
  expect(world.hubspot.members('Hot leads')).toEqual([idOf('ann@one.example')]);
});

test('a member whom others added and took out again is added once the audience has him again', async () => {
  const id = world.hubspot.seed('contacts', { email: 'ann@one.example' });
  const listId = world.hubspot.addList({ name: 'Hot leads' }, [id]);
  await world.leads(['1', 'ann@one.example', 80, 'hot']);
  await world.run(sync);
  await world.leads(['1', 'ann@one.example', 5, 'cold']);
  await world.run(sync);
  expect(world.hubspot.members('Hot leads')).toEqual([id]);
  await world.hubspot.lists.changeMembers({ operation: 'remove', listId, recordIds: [id] });
  await world.leads(['1', 'ann@one.example', 80, 'hot']);
  await world.run(sync);
  await world.run(sync);
  expect(world.hubspot.members('Hot leads')).toEqual([id]);
});

test('guards judge what a sync of lists alone takes off, but for its first run', async () => {
  const listsAlone = leadSync({ properties: [], lists: [hotLeads] });
  const people = (tier: string) =>
    Array.from({ length: 10 }, (_, index) => [`${index}`, `p${index}@one.example`, 50, tier] as const);
  await world.leads(...people('hot'));
  const first = await world.plan(listsAlone);
  expect(first.facts && judgeGuards(listsAlone.guards, first.facts)).toEqual([]);
  await world.apply(first);
  await world.leads(...people('cold'));
  const plan = await world.plan(listsAlone);
  expect(plan.facts && judgeGuards(listsAlone.guards, plan.facts)).toMatchObject([{ guard: 'max_removed' }]);
});
