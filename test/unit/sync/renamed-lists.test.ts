import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditSync, planMending } from '../../../src/sync/audit-sync.ts';
import { hotLeads, leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';
import { bob, TroubledLeads } from '../../support/troubled-leads.ts';

let world: SyncWorld;
let trouble: TroubledLeads;
beforeEach(async () => {
  world = await openSyncWorld();
  trouble = new TroubledLeads(world);
});
afterEach(() => world.dispose());

const before = leadSync({ lists: [hotLeads] });
const after = leadSync({ lists: [{ ...hotLeads, id: 'hottest' }] });
const hotAnn = ['1', 'ann@one.example', 80, 'hot'] as const;
const members = () => world.hubspot.members('Hot leads');

describe('a list whose key changed in the file', () => {
  test.each([
    ['the new key', after],
    ['the old key', before],
  ])(
    'keeps its members together where a plan saw the new key before an older one was applied (%s)',
    async (_, last) => {
      await world.leads(hotAnn, bob);
      await world.run(before);
      await world.leads(hotAnn, ['2', 'bob@two.example', 90, 'hot']);
      const saved = await world.plan(before);
      await world.plan(after);
      await world.apply(saved);
      expect(members()).toHaveLength(2);
      await world.leads(['1', 'ann@one.example', 5, 'cold'], ['2', 'bob@two.example', 5, 'cold']);
      await world.run(last);
      expect(members()).toEqual([]);
    },
  );

  test('gives the members back that it had before a run under the old key', async () => {
    await world.leads(hotAnn, bob);
    await world.run(before);
    const first = await trouble.lastRun();
    await world.leads(hotAnn, ['2', 'bob@two.example', 90, 'hot']);
    await world.run(after);
    expect(members()).toHaveLength(2);
    const rollback = await trouble.rollBack(after, first);
    expect(rollback).toMatchObject({ members: { toRemove: 1 }, createdLists: [{ list: 'hottest' }] });
    expect(members()).toEqual([trouble.idOf('bob@two.example')]);
  });

  test('and that was made again meanwhile is audited under its new key alone', async () => {
    await world.leads(hotAnn, ['2', 'bob@two.example', 90, 'hot']);
    await world.run(before);
    world.hubspot.dropList(String((await world.table('lists'))[0]?.list_id));
    await world.leads(hotAnn, ['2', 'bob@two.example', 5, 'cold']);
    await world.run(after);
    const { audit, plan } = await planMending(await trouble.writerRequest(after));
    expect(audit).toMatchObject({ lists: [{ list: 'hottest', removedByOthers: 0 }] });
    expect(plan).toBeNull();
  });

  test('is audited before any run has used the new key', async () => {
    await world.leads(hotAnn);
    await world.run(before);
    expect(await auditSync(await trouble.writerRequest(after))).toMatchObject({ lists: [{ members: 1 }] });
  });
});

test('an audit puts nobody back on a list who is excluded by now', async () => {
  await world.leads(hotAnn, ['2', 'bob@two.example', 80, 'hot']);
  await world.run(before);
  const listId = String((await world.table('lists'))[0]?.list_id);
  for (const email of ['ann@one.example', 'bob@two.example']) {
    await world.hubspot.lists.changeMembers({ operation: 'remove', listId, recordIds: [trouble.idOf(email)] });
  }
  const excluded = sql`select '1' as model_key`;
  const { audit, plan } = await planMending({ ...(await trouble.writerRequest(before)), excluded });
  expect(audit).toMatchObject({ lists: [{ members: 2, removedByOthers: 1 }] });
  if (plan !== null) await world.apply(plan);
  expect(members()).toEqual([trouble.idOf('bob@two.example')]);
});

test.each([
  ['a quiet run', 80],
  ['a run that writes a row', 81],
])('after %s with the new key, a list is found again that somebody renames in HubSpot', async (_, score) => {
  await world.leads(['1', 'ann@one.example', 80, 'hot']);
  await world.run(leadSync({ lists: [hotLeads] }));
  const sync = leadSync({ lists: [{ ...hotLeads, id: 'hottest' }] });
  await world.leads(['1', 'ann@one.example', score, 'hot']);
  await world.run(sync);
  const list = await world.hubspot.lists.find({ name: 'Hot leads', object: 'contacts' });
  Object.assign(list ?? {}, { name: 'VIP leads' });
  await world.leads(['1', 'ann@one.example', 5, 'cold'], ['2', 'bob@two.example', 90, 'hot']);
  await world.run(sync);
  expect(world.hubspot.members('Hot leads')).toEqual([]);
  expect(world.hubspot.members('VIP leads')).toEqual([trouble.idOf('bob@two.example')]);
});
