import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { forget } from '../../../src/state/forget.ts';
import { scrubJson } from '../../../src/state/scrub-plans.ts';
import { stateTables } from '../../../src/state/tables.ts';
import { hotLeads, leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

const sync = leadSync({ lists: [hotLeads] });

function forgetAnn(value = 'Ann@One.example ') {
  return forget(world.state, { object: 'contacts', value, properties: ['email'], at: '2026-02-01T08:00:00.000Z' });
}

/** All that the state holds, as one text for each table. */
async function everything(): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = {};
  for (const name of Object.keys(stateTables) as (keyof typeof stateTables)[]) {
    texts[name] = JSON.stringify(await world.table(name));
  }
  return texts;
}

async function sendThree(): Promise<void> {
  await world.leads(
    ['key-ann', 'ann@one.example', 80, 'hot'],
    ['key-bob', 'bob@two.example', 12, 'cold'],
    ['key-cat', 'cat@three.example', 90, 'hot'],
  );
  await world.run(sync);
}

test('erases a person from every table, and leaves the others as they are', async () => {
  await sendThree();
  const ann = world.hubspot.stored('contacts').find(({ properties }) => properties.email === 'ann@one.example');
  const [identity] = (await world.table('identities')).filter((row) => row.match_value === 'ann@one.example');
  // A plan that nobody has carried out.
  await world.leads(['key-ann', 'ann@one.example', 81, 'hot'], ['key-bob', 'bob@two.example', 13, 'cold']);
  await world.plan(sync);
  const before = await everything();
  expect(
    Object.keys(before)
      .filter((table) => before[table]?.includes('key-ann'))
      .sort(),
  ).toEqual(expect.arrayContaining(['ledger', 'memberships', 'plan_rows', 'plans', 'snapshot']));

  const receipt = await forgetAnn();
  expect(receipt).toMatchObject({
    object: 'contacts',
    forgottenAt: '2026-02-01T08:00:00.000Z',
    erased: { snapshot: 1, identities: 1, memberships: 1, ledger: 3, plan_rows: 3 },
    plansScrubbed: 2,
    records: [{ portalId: 1001, recordId: ann?.id }],
  });
  expect(receipt.hashes).toContainEqual({ property: 'email', hash: identity?.identity_id });
  expect(JSON.stringify(receipt)).not.toContain('ann@');
  const after = await everything();
  for (const [table, text] of Object.entries(after)) {
    expect(text, table).not.toContain('ann@one.example');
    expect(text, table).not.toContain('key-ann');
    if (table !== 'forgotten') expect(text, table).not.toContain(String(identity?.identity_id));
  }
  expect(after.snapshot).toContain('key-bob');
  expect(after.memberships).toContain('key-cat');
  expect((await world.table('plans')).map((row) => row.status).sort()).toEqual(['applied', 'superseded']);
});

test('is not looked up, written or remembered by later plans', async () => {
  await sendThree();
  await forgetAnn();
  world.hubspot.resolved.length = 0;
  const writes = world.hubspot.writes.length;
  await world.leads(
    ['key-ann', 'ANN@one.example', 20, 'cold'],
    ['key-bob', 'bob@two.example', 12, 'cold'],
    ['key-cat', 'cat@three.example', 90, 'hot'],
  );
  expect(await world.run(sync)).toMatchObject({
    planned: 0,
    excluded: 1,
    unchanged: 2,
    lists: [{ added: 0, removed: 0 }],
  });
  expect(world.hubspot.resolved).toEqual([]);
  expect(world.hubspot.writes).toHaveLength(writes);
  const texts = await everything();
  for (const [table, text] of Object.entries(texts)) expect(text.toLowerCase(), table).not.toContain('ann@one.example');
  // Under another key of the model it is the same person.
  await world.leads(['new-key', 'ann@one.example', 99, 'hot']);
  expect(await world.run(sync)).toMatchObject({ planned: 0, excluded: 1 });
});

test('a value never seen leaves its hash, so that it will not be written', async () => {
  const receipt = await forgetAnn();
  expect(Object.values(receipt.erased).every((rows) => rows === 0)).toBe(true);
  expect(receipt.hashes.map(({ property }) => property)).toContain('email');
  await world.leads(['1', 'ann@one.example', 80, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  expect(await world.run(sync)).toMatchObject({ created: 1, excluded: 1, lists: [{ added: 0, missing: 1 }] });
  expect(world.hubspot.stored('contacts').map(({ properties }) => properties.email)).toEqual(['bob@two.example']);
});

test('is the same when it is asked for twice', async () => {
  await sendThree();
  const first = await forgetAnn();
  const second = await forgetAnn();
  expect(Object.values(second.erased).every((rows) => rows === 0)).toBe(true);
  expect(await world.table('forgotten')).toHaveLength(first.hashes.length);
  expect(new Set((await world.table('forgotten')).map((row) => row.forgotten_at)).size).toBe(1);
});

test('finds a person by the record id, and by another address of the record', async () => {
  await sendThree();
  const bob = world.hubspot.stored('contacts').find(({ properties }) => properties.email === 'bob@two.example');
  const receipt = await forgetAnn(bob?.id);
  expect(receipt.erased).toMatchObject({ snapshot: 1, identities: 1 });
  await world.leads(['x', 'bob@two.example', 1, 'cold']);
  expect(await world.run(sync)).toMatchObject({ excluded: 1 });
});

test('a person whose row is refused leaves nothing in the rejections, and is not refused again', async () => {
  world.hubspot.refuse = ({ lead_score }) => (lead_score === '80' ? { category: 'TEST', message: 'no' } : null);
  await sendThree();
  expect(await world.table('rejections')).toMatchObject([{ model_key: 'key-ann' }]);
  expect((await forgetAnn()).erased).toMatchObject({ rejections: 1 });
  expect(await world.table('rejections')).toEqual([]);
  world.passHours(2);
  expect(await world.run(sync)).toMatchObject({ planned: 0, rejected: 0, waiting: 0, excluded: 1, unchanged: 2 });
  // The audience still names the row, by its key alone.
  for (const [table, text] of Object.entries(await everything())) {
    if (table !== 'plan_rows') expect(text, table).not.toContain('key-ann');
  }
});

test('a match value that nobody knew of is forgotten too when it leads to the record of a forgotten person', async () => {
  await sendThree();
  const stored = () =>
    world.hubspot.stored('contacts').find(({ properties }) => properties.email === 'ann@one.example');
  const other = world.hubspot.seed('contacts', { email: 'ann@home.example' });
  world.hubspot.merge(stored()?.id ?? '', other);
  await forgetAnn();
  const writes = stored()?.writes;
  await world.leads(['new-key', 'Ann@Home.example', 7, 'hot'], ['key-bob', 'bob@two.example', 12, 'cold']);
  expect(await world.run(sync)).toMatchObject({ planned: 0, excluded: 1, unchanged: 1, lists: [{ added: 0 }] });
  expect(stored()?.writes).toBe(writes);
  for (const [table, text] of Object.entries(await everything())) {
    expect(text.toLowerCase(), table).not.toContain('ann@home.example');
  }
  const looked = world.hubspot.resolved.length;
  expect(await world.run(sync)).toMatchObject({ planned: 0, excluded: 1 });
  expect(world.hubspot.resolved).toHaveLength(looked);
});

test('a plan loses examples about a row, and nothing else', () => {
  const json = JSON.stringify({
    planId: 'run-1-leads',
    sample: [
      { key: '1', values: [] },
      { key: '2', values: [{ property: 'score', from: '1', to: '12' }] },
    ],
    rejected: [{ key: '2', message: 'The rows 1 and 2 lead to one record' }],
    facts: { created: { rows: 1, example: '1' } },
    nulls: { lead_score: '1 1', lead_tier: '1 2' },
  });
  expect(JSON.parse(scrubJson(json, ['1']))).toEqual({
    planId: 'run-1-leads',
    sample: [{ key: '2', values: [{ property: 'score', from: '1', to: '12' }] }],
    rejected: [{ key: '2', message: 'The rows (forgotten) and 2 lead to one record' }],
    facts: { created: { rows: 1, example: null } },
    nulls: { lead_score: '1 ', lead_tier: '1 2' },
  });
});

describe('of a row that had another address', () => {
  test('erases the address that the row had before', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example' });
    const updating = leadSync({ mode: 'update' });
    await world.leads(['1', 'ann@old.example', 50, 'warm']);
    await world.run(updating);
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(updating);
    await forgetAnn();
    expect((await world.table('identities')).map((row) => row.match_value)).toEqual([]);
  });
  test('erases the record that the row left', async () => {
    world.hubspot.seed('contacts', { email: 'ann@old.example' });
    world.hubspot.seed('contacts', { email: 'ann@one.example' });
    await world.leads(['1', 'ann@old.example', 50, 'warm']);
    await world.run(sync);
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(sync);
    await forgetAnn();
    expect.soft((await world.table('identities')).map((row) => row.match_value)).toEqual([]);
    expect((await world.table('snapshot')).map((row) => row.model_key)).toEqual([]);
  });
});

test('an address that the row had before stays with the row that has it now', async () => {
  await world.leads(['1', 'ann@old.example', 50, 'warm']);
  await world.run(sync);
  await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'ann@old.example', 12, 'cold']);
  await world.run(sync);
  await forgetAnn();
  expect(await world.table('identities')).toMatchObject([{ match_value: 'ann@old.example' }]);
  expect(await world.run(sync)).toMatchObject({ excluded: 1, unchanged: 1, planned: 0 });
});

test('an address that the row had before stays for a saved plan that needs it', async () => {
  await world.leads(['1', 'ann@old.example', 50, 'warm']);
  await world.run(sync);
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  await world.run(sync);
  await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'ann@old.example', 12, 'cold']);
  const plan = await world.plan(sync);
  await forgetAnn();
  expect(await world.apply(plan)).toMatchObject({ updated: 1, deferred: 0 });
});
