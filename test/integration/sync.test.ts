import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HubSpot } from '../../src/hubspot/types.ts';
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

async function valuesByEmail(names: readonly string[] = ['lead_score', 'lead_tier']) {
  const records = await sandbox.records('contacts');
  return Object.fromEntries(
    records.map(({ properties }) => [properties.email, names.map((name) => properties[name] ?? null)]),
  );
}

const sync = leadSync({ lists: [hotLeads], properties: [scoreProperty, tierProperty, scoredAtProperty] });

function score(rows: string, asOf = '2026-01-30 00:00:00+00') {
  return world.score(`select *, timestamptz '${asOf}' as as_of from (values ${rows}) v (lead_id, email, score, tier)`);
}

test('a first sync makes group, properties, records and list; the next day sends nothing but what changed (facts 16, 27)', async () => {
  await sandbox.seed('contacts', [{ email: 'ann@one.example' }]);
  await score(`('1', 'ANN@one.example', 72.5, 'hot'), ('2', 'bob@two.example', 12, 'cold')`);
  const plan = await world.plan(sync, { hubspot });
  expect(await http.writeRequests()).toEqual([]);
  expect(plan.schema.properties.map(({ name }) => name)).toEqual(['lead_score', 'lead_tier', 'lead_scored_at']);
  const result = await world.apply(plan, { hubspot });
  expect(result).toMatchObject({
    planned: 2,
    created: 1,
    updated: 1,
    rejected: 0,
    deferred: 0,
    lists: [{ list: 'hot_leads', added: 1, removed: 0, missing: 0, rejected: 0, deferred: 0 }],
  });
  expect(result.api_calls).toBeGreaterThan(0);
  expect(await valuesByEmail()).toEqual({ 'ann@one.example': ['72.5', 'hot'], 'bob@two.example': ['12', 'cold'] });

  const before = (await http.writeRequests()).length;
  expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 0, unchanged: 2 });
  await score(`('1', 'ANN@one.example', 72.5, 'hot'), ('2', 'bob@two.example', 12, 'cold')`, '2026-01-31 00:00:00+00');
  expect(await world.run(sync, { hubspot, asOf: '2026-01-31T00:00:00.000Z' })).toMatchObject({
    planned: 0,
    suppressed: 2,
  });
  expect(await http.writeRequests()).toHaveLength(before);

  await score(`('1', 'ANN@one.example', 72.5, 'hot'), ('2', 'bob@two.example', 13, 'cold')`, '2026-01-31 00:00:00+00');
  expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 1, updated: 1, api_calls: expect.any(Number) });
  expect(await http.writeRequests()).toHaveLength(before + 1);
  expect((await sandbox.records('contacts')).map(({ writes }) => writes).sort()).toEqual([1, 2]);
});

test('companies are found by search and created once by our own key', async () => {
  await sandbox.seed('companies', [{ domain: 'one.example' }]);
  const companies = leadSync({ object: 'companies', match: { property: 'domain', column: 'email' } });
  await world.leads(['1', 'One.Example', 72, 'hot'], ['2', 'two.example', 12, 'cold']);
  expect(await world.run(companies, { hubspot })).toMatchObject({ created: 1, updated: 1, rejected: 0 });
  expect(await world.run(companies, { hubspot })).toMatchObject({ planned: 0, unchanged: 2 });
  expect(await sandbox.records('companies')).toHaveLength(2);
});

test('rows that HubSpot refuses stand alone, and the others are written (facts 2, 9, 17)', async () => {
  const rows = Array.from({ length: 150 }, (_, index) => `('${index}', 'p${index}@one.example', ${index}, 'cold')`);
  rows[7] = `('7', 'not an address', 7, 'cold')`;
  rows[99] = `('99', 'p99@one.example', 99, 'unknown tier')`;
  await score(rows.join(', '));
  const result = await world.run(sync, { hubspot });
  expect(result).toMatchObject({ planned: 150, created: 148, rejected: 2, deferred: 0 });
  expect(await sandbox.records('contacts')).toHaveLength(148);
  const refused = (await world.table('ledger')).filter((row) => row.outcome === 'rejected');
  expect(refused.map((row) => row.model_key).sort()).toEqual(['7', '99']);
  const byKey = new Map(refused.map((row) => [row.model_key, row.correlation_id]));
  expect(byKey.get('7')).toMatch(/^[0-9a-f-]{36}$/);
  // Refused while planning: HubSpot was not asked.
  expect(byKey.get('99')).toBeNull();
});

test('broken connections and gateway errors lose no row and create none twice (facts 23)', async () => {
  await sandbox.addFaults(
    { match: { path: 'batch/create' }, effect: { kind: 'drop', commit: true }, times: 2 },
    { match: { path: 'batch/create' }, effect: { kind: 'gateway', status: 502 }, after: 2, times: 2 },
    { match: { path: 'batch/create' }, effect: { kind: 'missing_results', count: 3 }, after: 4, times: 1 },
  );
  await world.score(`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, i as score, 'cold' as tier,
    timestamptz '2026-01-30 00:00:00+00' as as_of from range(800) r (i)`);
  const first = await world.run(sync, { hubspot });
  expect(first.created + first.updated + first.deferred).toBe(800);
  expect((await sandbox.requests()).filter(({ fault }) => fault !== undefined)).toHaveLength(5);
  // Those that were left out of an answer are there when they are looked up, and hold the values already.
  expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 0, unchanged: 800, deferred: 0 });
  const records = await sandbox.records('contacts');
  expect(new Set(records.map(({ properties }) => properties.email)).size).toBe(800);
  expect(records).toHaveLength(800);
  expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 0, unchanged: 800 });
});

test('a merged and a deleted record are met in mid-run', async () => {
  const [winner = '', loser = ''] = await sandbox.seed('contacts', [
    { email: 'ann@private.example' },
    { email: 'ann@one.example' },
    { email: 'bob@two.example' },
  ]);
  const update = leadSync({ mode: 'update' });
  await world.leads(['1', 'ann@one.example', 50, 'warm'], ['2', 'bob@two.example', 12, 'cold']);
  await world.run(update, { hubspot });
  const bob = (await sandbox.records('contacts')).find(({ properties }) => properties.email === 'bob@two.example');
  await sandbox.merge('contacts', winner, loser);
  await sandbox.remove('contacts', [bob?.id ?? '']);
  await world.leads(['1', 'ann@one.example', 51, 'warm'], ['2', 'bob@two.example', 13, 'cold']);
  expect(await world.run(update, { hubspot })).toMatchObject({ planned: 2, updated: 1, rejected: 1 });
  expect((await valuesByEmail())['ann@private.example']).toEqual(['51', 'warm']);
  expect(await world.run(update, { hubspot })).toMatchObject({ planned: 0, unchanged: 1, unmatched: 1 });
});
