import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HubSpot } from '../../src/hubspot/types.ts';
import type { Sync } from '../../src/project/sync-types.ts';
import { planRollback } from '../../src/sync/roll-back-run.ts';
import type { ControlledSandbox } from '../support/controlled-sandbox.ts';
import { type HttpWorld, openHttpWorld } from '../support/http-world.ts';
import { hotLeads, leadSync, type SyncWorld, scoreProperty, tierProperty } from '../support/sync-world.ts';

let world: SyncWorld;
let sandbox: ControlledSandbox;
let hubspot: HubSpot;
let http: HttpWorld;
beforeEach(async () => {
  http = await openHttpWorld();
  ({ world, sandbox, hubspot } = http);
});
afterEach(() => http.dispose());

const sync = leadSync({ lists: [hotLeads] });
const noneKept = { later_run: 0, changed_in_hubspot: 0, record_gone: 0, unknown_before: 0, property_gone: 0 };

/** The run that wrote last. */
async function lastRun(): Promise<string> {
  const rows = await world.table('ledger');
  return String(
    rows.map((row) => row.run_id).sort((a, b) => Number(String(b).slice(4)) - Number(String(a).slice(4)))[0],
  );
}

let plans = 0;
async function rollBack(rolledBackRunId: string, options: { overwrite?: boolean; of?: Sync } = {}) {
  plans += 1;
  return planRollback({
    state: world.state,
    hubspot,
    sync: options.of ?? sync,
    account: await hubspot.account(),
    runId: `rollback-${plans}`,
    asOf: { instant: '2026-01-31T00:00:00.000Z', day: '2026-01-31' },
    now: () => new Date('2026-02-01T08:00:00Z'),
    rolledBackRunId,
    overwrite: options.overwrite === true,
  });
}

async function scores() {
  const records = await sandbox.records('contacts');
  return Object.fromEntries(
    records.map(({ properties }) => [
      properties.email?.split('@')[0],
      [properties.lead_score ?? null, properties.lead_tier ?? null].map((value) => value || null),
    ]),
  );
}

async function members(): Promise<readonly string[]> {
  const list = await hubspot.lists.find({ name: 'Hot leads', object: 'contacts' });
  const ids: string[] = [];
  for await (const page of hubspot.lists.readMembers(list?.listId ?? '')) ids.push(...page);
  return ids;
}

async function patch(email: string, properties: Readonly<Record<string, string>>): Promise<void> {
  const id = (await sandbox.records('contacts')).find((record) => record.properties.email === email)?.id;
  await http.call('PATCH', `/crm/v3/objects/contacts/${id}`, { properties });
}

test('restores values and members of the last run as an ordinary plan', async () => {
  await world.leads(
    ['1', 'ann@one.example', 80, 'hot'],
    ['2', 'bob@two.example', 12, 'cold'],
    ['3', 'cat@three.example', 13, 'cold'],
  );
  await world.run(sync, { hubspot });
  const [before, membersBefore] = [await scores(), await members()];
  await world.leads(
    ['1', 'ann@one.example', 20, 'cold'],
    ['2', 'bob@two.example', 95, 'hot'],
    ['3', 'cat@three.example', 13, 'cold'],
  );
  await world.run(sync, { hubspot });
  expect(await members()).not.toEqual(membersBefore);

  const { rollback, plan } = await rollBack(await lastRun());
  expect(rollback).toMatchObject({
    written: 2,
    restored: 2,
    created: 0,
    already: 0,
    kept: noneKept,
    members: { toAdd: 1, toRemove: 1, kept: 0 },
    createdLists: [],
  });
  if (plan === null) throw new Error('no plan');
  expect(plan).toMatchObject({ rows: { updates: 2 }, lists: [{ list: 'hot_leads', adds: 1, removes: 1 }] });
  expect(plan.tierMoves).toEqual(
    expect.arrayContaining([
      { from: 'cold', to: 'hot', rows: 1 },
      { from: 'hot', to: 'cold', rows: 1 },
    ]),
  );
  expect(await world.apply(plan, { hubspot })).toMatchObject({ updated: 2, rejected: 0, deferred: 0 });
  expect(await scores()).toEqual(before);
  expect(await members()).toEqual(membersBefore);

  // The model still says otherwise, and the next run sends it again: the snapshot knows what HubSpot holds.
  expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 2, updated: 2, unchanged: 1 });
  expect(await scores()).toMatchObject({ ann: ['20', 'cold'], bob: ['95', 'hot'] });
});

test('empties the records that the run made, lists them, and deletes none', async () => {
  await sandbox.seed('contacts', [{ email: 'ann@one.example', firstname: 'Ann' }]);
  await world.leads(['1', 'ann@one.example', 80, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  await world.run(sync, { hubspot });
  const first = await lastRun();
  const { rollback, plan } = await rollBack(first);
  const bob = (await sandbox.records('contacts')).find(({ properties }) => properties.email === 'bob@two.example');
  expect(rollback).toMatchObject({
    written: 2,
    restored: 2,
    created: 1,
    createdRecords: [{ key: '2', recordId: bob?.id }],
    kept: noneKept,
    members: { toRemove: 1 },
    createdLists: [{ list: 'hot_leads' }],
  });
  if (plan === null) throw new Error('no plan');
  await world.apply(plan, { hubspot });
  expect(await scores()).toEqual({ ann: [null, null], bob: [null, null] });
  expect(await members()).toEqual([]);
  const { rollback: again, plan: nothing } = await rollBack(first);
  expect(again).toMatchObject({ restored: 0, already: 2 });
  expect(nothing).toBeNull();
});

test('leaves what a later run or a person has changed since, and says so', async () => {
  const others = leadSync({ properties: [scoreProperty, tierProperty] });
  await world.leads(
    ['1', 'ann@one.example', 10, 'cold'],
    ['2', 'bob@two.example', 20, 'cold'],
    ['3', 'cat@three.example', 30, 'warm'],
  );
  await world.run(others, { hubspot });
  await world.leads(
    ['1', 'ann@one.example', 11, 'cold'],
    ['2', 'bob@two.example', 21, 'warm'],
    ['3', 'cat@three.example', 31, 'warm'],
  );
  await world.run(others, { hubspot });
  const bad = await lastRun();
  await world.leads(
    ['1', 'ann@one.example', 99, 'cold'],
    ['2', 'bob@two.example', 21, 'warm'],
    ['3', 'cat@three.example', 31, 'warm'],
  );
  await world.run(others, { hubspot });
  const later = await lastRun();
  await patch('bob@two.example', { lead_score: '77' });

  const { rollback, plan } = await rollBack(bad, { of: others });
  expect(rollback).toMatchObject({
    written: 3,
    restored: 2,
    kept: { ...noneKept, later_run: 1, changed_in_hubspot: 1 },
  });
  expect(rollback.examples).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        cause: 'later_run',
        key: '1',
        property: 'lead_score',
        before: '10',
        wrote: '11',
        holds: '99',
        laterRun: later,
      }),
      expect.objectContaining({
        cause: 'changed_in_hubspot',
        key: '2',
        property: 'lead_score',
        before: '20',
        wrote: '21',
        holds: '77',
      }),
    ]),
  );
  if (plan === null) throw new Error('no plan');
  await world.apply(plan, { hubspot });
  expect(await scores()).toEqual({ ann: ['99', 'cold'], bob: ['77', 'cold'], cat: ['30', 'warm'] });

  const forced = await rollBack(bad, { of: others, overwrite: true });
  expect(forced.rollback).toMatchObject({ restored: 2, kept: noneKept });
  if (forced.plan === null) throw new Error('no plan');
  await world.apply(forced.plan, { hubspot });
  expect(await scores()).toEqual({ ann: ['10', 'cold'], bob: ['20', 'cold'], cat: ['30', 'warm'] });
});

test('a member that a later run has changed again stays as it is', async () => {
  await world.leads(['1', 'ann@one.example', 10, 'cold']);
  await world.run(sync, { hubspot });
  await world.leads(['1', 'ann@one.example', 90, 'hot']);
  await world.run(sync, { hubspot });
  const bad = await lastRun();
  await world.leads(['1', 'ann@one.example', 15, 'cold']);
  await world.run(sync, { hubspot });
  const { rollback, plan } = await rollBack(bad);
  expect(rollback).toMatchObject({ restored: 0, members: { toAdd: 0, toRemove: 0, kept: 1 } });
  expect(plan).toBeNull();
});

test('a record that is gone is left, and said', async () => {
  await world.leads(['1', 'ann@one.example', 10, 'cold'], ['2', 'bob@two.example', 20, 'cold']);
  await world.run(leadSync(), { hubspot });
  const [ann] = await sandbox.records('contacts');
  await sandbox.remove('contacts', [ann?.id ?? '']);
  const { rollback } = await rollBack(await lastRun(), { of: leadSync() });
  expect(rollback).toMatchObject({ written: 2, restored: 1, kept: { ...noneKept, record_gone: 1 } });
});
