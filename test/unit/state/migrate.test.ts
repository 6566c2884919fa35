import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openState } from '../../../src/state/open-state.ts';
import { readRuns } from '../../../src/state/run-history.ts';
import { finishRun } from '../../../src/state/run-records.ts';
import { stateTables, stateVersion } from '../../../src/state/tables.ts';
import { hotLeads, leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';

const versionOne = readFileSync(new URL('../../fixtures/state-version-1.sql', import.meta.url), 'utf8');

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

function script(...statements: readonly string[]) {
  return world.warehouse.script(statements.map((text) => world.warehouse.dialect.compile(sql.raw(text))));
}

/** Puts the state of an older version in the place of the new one, and opens it. */
async function openVersionOne() {
  // So that later runs have other names than those in the fixture.
  await world.leads(['1', 'ann@one.example', 80, 'hot']);
  for (const sync of [leadSync(), leadSync()]) await world.plan(sync);
  await script('drop schema scoreline_state cascade');
  const statements = versionOne
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('--'))
    .map((line) => line.replace(/;$/, ''));
  await script(...statements);
  return openState(world.warehouse, { schema: 'scoreline' });
}

test('a state of version 1 gets every table and column of today, and keeps its rows', async () => {
  const state = await openVersionOne();
  expect(state.salt).toBe('053e2e77232a6544309129e1a19e6f1a');
  const relations = await world.warehouse.relations('scoreline_state');
  for (const [name, { columns }] of Object.entries(stateTables)) {
    const there = relations.get(name)?.map((column) => column.name);
    expect([...(there ?? [])].sort(), name).toEqual(columns.map((column) => column.name).sort());
  }
  expect(await world.table('meta')).toContainEqual({ name: 'version', value: String(stateVersion) });
  expect(await world.table('snapshot')).toMatchObject([
    { model_key: '1', property_values: '{"lead_score":"80","lead_tier":"hot"}' },
    { model_key: '2' },
  ]);
  expect(await world.table('ledger')).toHaveLength(6);
  const [older] = await readRuns(state, 1);
  expect(older).toMatchObject({ status: 'finished', statements: null, warehouseSeconds: null, bytesBilled: null });
  const { runId = '', endedAt } = older ?? {};
  const spent = { statements: 41, seconds: 3.25, bytesBilled: 12_345_678_901_234 };
  await finishRun(state, { runId, endedAt: endedAt ?? '', status: 'finished', spent });
  const measured = { runId, statements: 41, warehouseSeconds: 3.25, bytesBilled: 12_345_678_901_234 };
  expect((await readRuns(state, 1))[0]).toMatchObject(measured);
});

test('a run goes on where the older version ended: same identities, nothing created again', async () => {
  const state = await openVersionOne();
  // The records as that run left them: the first ids that an account gives.
  const [ann, bob] = ['ann@one.example', 'bob@two.example'].map((email) =>
    world.hubspot.seed('contacts', {
      email,
      ...(email.startsWith('ann') ? { lead_score: '80', lead_tier: 'hot' } : { lead_score: '12', lead_tier: 'cold' }),
    }),
  );
  expect([ann, bob]).toEqual(['501', '502']);
  world.hubspot.addProperty('contacts', { name: 'lead_score', type: 'number', fieldType: 'number' });
  world.hubspot.addProperty('contacts', {
    name: 'lead_tier',
    type: 'enumeration',
    fieldType: 'select',
    options: ['hot', 'warm', 'cold'].map((value) => ({ value, label: value })),
  });
  world.hubspot.addList({ name: 'Hot leads', listId: '503' }, ['501']);
  await world.leads(['1', 'ann@one.example', 81, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
  const result = await world.run(leadSync({ lists: [hotLeads] }), { state });
  expect(result).toMatchObject({
    created: 0,
    updated: 1,
    unchanged: 1,
    rejected: 0,
    lists: [{ added: 0, removed: 0 }],
  });
  expect(world.hubspot.values('contacts')).toMatchObject({ 'ann@one.example': { lead_score: '81' } });
  expect(world.hubspot.stored('contacts')).toHaveLength(2);
});
