import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hotLeads, leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';
import { TroubledLeads } from '../../support/troubled-leads.ts';

let world: SyncWorld;
let trouble: TroubledLeads;
beforeEach(async () => {
  world = await openSyncWorld();
  trouble = new TroubledLeads(world);
});
afterEach(() => world.dispose());

const sync = leadSync({ lists: [hotLeads] });

/** HubSpot changes members, or not, and the run dies before it hears of it. @returns the run */
async function dieAtMembers({ isReached }: { readonly isReached: boolean }): Promise<string> {
  const { lists } = world.hubspot;
  const { changeMembers } = lists;
  lists.changeMembers = async (request, signal) => {
    if (isReached) await changeMembers(request, signal);
    throw new Error('killed');
  };
  await expect(world.run(sync)).rejects.toThrow('killed');
  lists.changeMembers = changeMembers;
  return trouble.lastRun();
}

async function annThenBob(): Promise<void> {
  await world.leads(['1', 'ann@one.example', 72, 'hot'], ['2', 'bob@two.example', 1, 'cold']);
  await world.run(sync);
  await world.leads(['1', 'ann@one.example', 1, 'cold'], ['2', 'bob@two.example', 72, 'hot']);
}

describe('a rollback of a run that died while it changed members', () => {
  test.each([true, false])('takes those back whose change may have been done: %s', async (isReached) => {
    await annThenBob();
    const killed = await dieAtMembers({ isReached });
    const rollback = await trouble.rollBack(sync, killed);
    expect(rollback.members).toEqual({ toAdd: 1, toRemove: 1, kept: 0 });
    expect(world.hubspot.members('Hot leads')).toEqual([trouble.idOf('ann@one.example')]);
  });

  test('leaves those that a later run changed', async () => {
    await annThenBob();
    const killed = await dieAtMembers({ isReached: false });
    await world.run(sync);
    const { rollback } = await trouble.planRollback(killed, sync);
    expect(rollback.members).toMatchObject({ toAdd: 0, toRemove: 0, kept: 2 });
  });

  test('takes those back that a later run found there', async () => {
    await annThenBob();
    const killed = await dieAtMembers({ isReached: true });
    await world.run(sync);
    const rollback = await trouble.rollBack(sync, killed);
    expect(rollback.members).toEqual({ toAdd: 0, toRemove: 1, kept: 1 });
    expect(world.hubspot.members('Hot leads')).not.toContain(trouble.idOf('bob@two.example'));
  });
});

test('a rollback leaves a member who was in the list before the run', async () => {
  await annThenBob();
  const listId = (await world.hubspot.lists.find({ name: 'Hot leads', object: 'contacts' }))?.listId ?? '';
  await world.hubspot.lists.changeMembers({ operation: 'add', listId, recordIds: [trouble.idOf('bob@two.example')] });
  await world.run(sync);
  const rollback = await trouble.rollBack(sync);
  expect(rollback.members).toEqual({ toAdd: 1, toRemove: 0, kept: 0 });
});
