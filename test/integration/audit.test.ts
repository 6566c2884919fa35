import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HubSpot } from '../../src/hubspot/types.ts';
import { auditSync, planMending } from '../../src/sync/audit-sync.ts';
import { driftOf } from '../../src/sync/audit-types.ts';
import type { ControlledSandbox } from '../support/controlled-sandbox.ts';
import { type HttpWorld, openHttpWorld } from '../support/http-world.ts';
import {
  hotLeads,
  leadSync,
  type SyncWorld,
  scoredAtProperty,
  scoreProperty,
  tierProperty,
} from '../support/sync-world.ts';

let world: SyncWorld;
let sandbox: ControlledSandbox;
let hubspot: HubSpot;
let http: HttpWorld;
beforeEach(async () => {
  http = await openHttpWorld();
  ({ world, sandbox, hubspot } = http);
});
afterEach(() => http.dispose());

const sync = leadSync({ lists: [hotLeads], properties: [scoreProperty, tierProperty, scoredAtProperty] });

/** Five leads, of which ann and eve are hot, scored and sent. */
async function sendFive(): Promise<void> {
  await world.score(`select *, timestamptz '2026-01-30 00:00:00+00' as as_of from (values
    ('1', 'ann@one.example', 80.5, 'hot'), ('2', 'bob@two.example', 12, 'cold'), ('3', 'cat@three.example', 13, 'cold'),
    ('4', 'dan@four.example', 14, 'cold'), ('5', 'eve@five.example', 90, 'hot')) v (lead_id, email, score, tier)`);
  expect(await world.run(sync, { hubspot })).toMatchObject({ created: 5, lists: [{ added: 2 }] });
}

async function idOf(email: string): Promise<string> {
  const found = (await sandbox.records('contacts')).find(({ properties }) => properties.email === email);
  return found?.id ?? '';
}

/** Somebody at work in HubSpot. */
async function patch(id: string, properties: Readonly<Record<string, string>>): Promise<void> {
  await http.call('PATCH', `/crm/v3/objects/contacts/${id}`, { properties });
}

async function listId(): Promise<string> {
  const list = await hubspot.lists.find({ name: 'Hot leads', object: 'contacts' });
  return list?.listId ?? '';
}

async function members(): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of hubspot.lists.readMembers(await listId())) ids.push(...page);
  return ids;
}

function audit() {
  return auditSync({ state: world.state, hubspot, sync });
}

async function mend(runId: string) {
  const account = await hubspot.account();
  return planMending({
    state: world.state,
    hubspot,
    sync,
    account,
    runId,
    asOf: { instant: '2026-01-31T00:00:00.000Z', day: '2026-01-31' },
    now: () => new Date('2026-02-01T08:00:00Z'),
  });
}

test('finds no drift behind a run, whatever spelling HubSpot gives values, and writes nothing', async () => {
  await sendFive();
  const before = (await sandbox.requests()).length;
  const found = await audit();
  expect(found).toMatchObject({
    audited: 5,
    asExpected: 5,
    drift: { changed: 0, lost: 0, merged: 0, deleted: 0 },
    lists: [{ list: 'hot_leads', members: 2, removedByOthers: 0, addedByOthers: 0 }],
    examples: [],
  });
  const asked = (await sandbox.requests()).slice(before);
  expect(asked.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/batch/read'))).toEqual([]);
  expect(asked.filter(({ path }) => path.endsWith('/batch/read'))).toHaveLength(1);
});

test('tells drift by its cause, and puts it back as an ordinary plan', async () => {
  await sendFive();
  const [ann, bob, cat, dan, eve] = await Promise.all(
    ['ann@one', 'bob@two', 'cat@three', 'dan@four', 'eve@five'].map((name) => idOf(`${name}.example`)),
  );
  const [other = ''] = await sandbox.seed('contacts', [{ email: 'zoe@other.example' }]);
  await patch(ann ?? '', { lead_score: '1', lead_tier: 'cold' });
  await patch(bob ?? '', { lead_score: '' });
  await sandbox.merge('contacts', other, cat ?? '');
  await sandbox.remove('contacts', [dan ?? '']);
  await http.call('PUT', `/crm/v3/lists/${await listId()}/memberships/add-and-remove`, {
    recordIdsToAdd: [other],
    recordIdsToRemove: [eve],
  });

  const found = await audit();
  expect(found).toMatchObject({
    audited: 5,
    asExpected: 1,
    drift: { changed: 1, lost: 1, merged: 1, deleted: 1 },
    lists: [{ list: 'hot_leads', members: 2, removedByOthers: 1, addedByOthers: 1 }],
  });
  expect(driftOf(found)).toBe(5);
  expect(found.examples.find(({ cause }) => cause === 'changed')).toEqual({
    cause: 'changed',
    key: '1',
    recordId: ann,
    values: [
      { property: 'lead_score', wrote: '80.5', holds: '1' },
      { property: 'lead_tier', wrote: 'hot', holds: 'cold' },
    ],
  });
  expect(found.examples.find(({ cause }) => cause === 'merged')).toMatchObject({ key: '3', nowRecordId: other });

  const { audit: again, plan } = await mend('mend-1');
  expect(again.drift).toEqual(found.drift);
  expect(plan).toMatchObject({
    planId: 'mend-1-leads',
    rows: { model: 5, updates: 4, unchanged: 1, creates: 0 },
    lists: [{ list: 'hot_leads', adds: 1, removes: 0 }],
  });
  if (plan === null) throw new Error('no plan');
  // The deleted one cannot be put back: it is a rejection, as in any run.
  expect(await world.apply(plan, { hubspot })).toMatchObject({ updated: 3, rejected: 1, deferred: 0 });
  const held = await sandbox.records('contacts');
  const score = (id: string | undefined) => held.find((record) => record.id === id)?.properties.lead_score;
  expect([score(ann), score(bob), score(other), score(eve)]).toEqual(['80.5', '12', '13', '90']);
  expect(held.some(({ id }) => id === dan)).toBe(false);
  expect([...(await members())].sort()).toEqual([ann, eve, other].sort());
  const ledger = (await world.table('ledger')).filter((row) => row.plan_id === 'mend-1-leads' && row.model_key === '1');
  expect(ledger.find((row) => row.outcome === 'updated')).toMatchObject({
    old_values: '{"lead_score":"1","lead_tier":"cold"}',
    new_values: '{"lead_score":"80.5","lead_tier":"hot"}',
  });

  expect(await audit()).toMatchObject({
    audited: 4,
    asExpected: 4,
    drift: { changed: 0, lost: 0, merged: 0, deleted: 0 },
    notAudited: { vanished: 1 },
    lists: [{ removedByOthers: 0, addedByOthers: 1 }],
  });
  expect(await world.run(sync, { hubspot })).toMatchObject({ updated: 0, created: 0 });
});

test('a list that somebody deleted is made again with our members', async () => {
  await sendFive();
  const before = await members();
  await http.call('DELETE', `/crm/v3/lists/${await listId()}`, {});
  expect(await audit()).toMatchObject({ lists: [{ listId: null, members: 2, removedByOthers: 2 }] });
  const { plan } = await mend('mend-1');
  expect(plan?.lists).toEqual([
    { list: 'hot_leads', name: 'Hot leads', listId: null, adds: 2, removes: 0, missing: 0, rejected: 0 },
  ]);
  if (plan === null) throw new Error('no plan');
  await world.apply(plan, { hubspot });
  expect([...(await members())].sort()).toEqual([...before].sort());
  expect(await audit()).toMatchObject({ lists: [{ members: 2, removedByOthers: 0 }] });
});

test('a plan is made of drift alone', async () => {
  await sendFive();
  expect((await mend('mend-1')).plan).toBeNull();
});

test('pages through a list and reads rows back in batches of a hundred', async () => {
  await world.score(`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, i as score, 'hot' as tier,
    timestamptz '2026-01-30 00:00:00+00' as as_of from range(620) r (i)`);
  await world.run(sync, { hubspot });
  const before = (await sandbox.requests()).length;
  expect(await audit()).toMatchObject({ audited: 620, asExpected: 620, lists: [{ members: 620, removedByOthers: 0 }] });
  const asked = (await sandbox.requests()).slice(before).map(({ path }) => path);
  expect(asked.filter((path) => path.endsWith('/batch/read'))).toHaveLength(7);
  expect(asked.filter((path) => path.includes('/memberships'))).toHaveLength(3);
});
