import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HubSpot } from '../../src/hubspot/types.ts';
import type { ControlledSandbox } from '../support/controlled-sandbox.ts';
import { type HttpWorld, openHttpWorld } from '../support/http-world.ts';
import { leadSync, property, type SyncWorld, scoreProperty } from '../support/sync-world.ts';

let world: SyncWorld;
let sandbox: ControlledSandbox;
let hubspot: HubSpot;
let http: HttpWorld;
beforeEach(async () => {
  http = await openHttpWorld();
  ({ world, sandbox, hubspot } = http);
});
afterEach(() => http.dispose());

const find = async (id: string | undefined, object = 'contacts') => {
  const record = (await sandbox.records(object)).find((each) => each.id === id);
  const { lead_score, lead_tier } = record?.properties ?? {};
  return { lead_score: lead_score ?? null, lead_tier: lead_tier ?? null };
};

async function makeUnique(object: string, name: string, group: string) {
  await http.call('POST', `/crm/v3/properties/${object}`, {
    name,
    label: name,
    type: 'string',
    fieldType: 'text',
    groupName: group,
    hasUniqueValue: true,
  });
}

test('a sync whose object was changed is refused', async () => {
  await makeUnique('contacts', 'user_id', 'contactinformation');
  await makeUnique('companies', 'user_id', 'companyinformation');
  const [contact] = await sandbox.seed('contacts', [{ email: 'ann@one.example', user_id: 'u1' }]);
  const [company] = await sandbox.seed('companies', [{ domain: 'one.example', user_id: 'u1' }]);
  await world.score(`select '1' as lead_id, 'u1' as user_id, 50 as score, 'hot' as tier`);
  const match = { property: 'user_id', column: 'user_id' };
  await world.run(leadSync({ mode: 'update', match }), { hubspot });
  expect(await find(contact)).toEqual({ lead_score: '50', lead_tier: 'hot' });
  const other = leadSync({ object: 'companies', mode: 'update', match });
  await expect(world.run(other, { hubspot })).rejects.toMatchObject({
    code: 'SYNC_INVALID',
    problems: [{ message: 'leads has written contacts so far' }],
  });
  expect(await find(company, 'companies')).toEqual({ lead_score: null, lead_tier: null });
});

test('a sync whose match property was changed writes the record that it leads to', async () => {
  await makeUnique('contacts', 'work_email', 'contactinformation');
  const [first] = await sandbox.seed('contacts', [{ email: 'ann@one.example' }]);
  const [second] = await sandbox.seed('contacts', [{ email: 'ann@private.example', work_email: 'ann@one.example' }]);
  await world.leads(['1', 'ann@one.example', 50, 'hot']);
  await world.run(leadSync({ mode: 'update' }), { hubspot });
  expect(await find(first)).toEqual({ lead_score: '50', lead_tier: 'hot' });
  await world.run(leadSync({ mode: 'update', match: { property: 'work_email', column: 'email' } }), { hubspot });
  expect(await find(second)).toEqual({ lead_score: '50', lead_tier: 'hot' });
});

test('a merged record holds our own values, whichever way the row is met', async () => {
  const [loser = ''] = await sandbox.seed('contacts', [{ email: 'ann@one.example' }]);
  const [winner = ''] = await sandbox.seed('contacts', [{ email: 'ann@private.example' }]);
  await world.leads(['1', 'ann@one.example', 50]);
  await world.run(leadSync(), { hubspot });
  await sandbox.merge('contacts', winner, loser);
  await world.leads(['1', 'ann@one.example', 80, 'hot']);
  await world.apply(await world.plan(leadSync(), { hubspot }), { hubspot });
  await world.run(leadSync(), { hubspot });
  expect(await find(winner)).toEqual({ lead_score: '80', lead_tier: 'hot' });
});

test('a row whose lifecycle stage HubSpot kept is written again when the model is back to what it was', async () => {
  const stage = property('lifecyclestage', {
    column: 'tier',
    type: 'enumeration',
    field: 'radio',
    options: [
      { value: 'subscriber', label: 'Subscriber' },
      { value: 'lead', label: 'Lead' },
    ],
  });
  const sync = leadSync({ properties: [scoreProperty, stage] });
  await world.leads(['1', 'ann@one.example', 10, 'lead']);
  await world.run(sync, { hubspot });
  await world.leads(['1', 'ann@one.example', 20, 'subscriber']);
  await world.run(sync, { hubspot });
  const [record] = await sandbox.records('contacts');
  expect(record?.properties.lead_score).toBe('20');
  await world.leads(['1', 'ann@one.example', 10, 'lead']);
  await world.run(sync, { hubspot });
  await world.run(sync, { hubspot });
  const [after] = await sandbox.records('contacts');
  expect([after?.properties.lead_score, after?.properties.lifecyclestage]).toEqual(['10', 'lead']);
});
