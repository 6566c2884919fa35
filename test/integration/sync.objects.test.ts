import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HubSpot } from '../../src/hubspot/types.ts';
import type { ControlledSandbox } from '../support/controlled-sandbox.ts';
import { type HttpWorld, openHttpWorld } from '../support/http-world.ts';
import { hotLeads, leadSync, property, type SyncWorld, scoreProperty, tierProperty } from '../support/sync-world.ts';

let world: SyncWorld;
let sandbox: ControlledSandbox;
let hubspot: HubSpot;
let http: HttpWorld;
beforeEach(async () => {
  http = await openHttpWorld();
  ({ world, sandbox, hubspot } = http);
});
afterEach(() => http.dispose());

/** A custom object type, of which records are told apart by `vin`. @returns its id */
async function makeCars(): Promise<string> {
  const made = (await http.call('POST', '/_sandbox/object-types', { name: 'cars', singular: 'car' })) as {
    objectTypeId: string;
  };
  const { objectTypeId } = made;
  await http.call('POST', `/crm/v3/properties/${objectTypeId}/groups`, { name: 'facts', label: 'Facts' });
  await http.call('POST', `/crm/v3/properties/${objectTypeId}`, {
    name: 'vin',
    label: 'Number',
    type: 'string',
    fieldType: 'text',
    groupName: 'facts',
    hasUniqueValue: true,
  });
  return objectTypeId;
}

async function scores(object: string, by: string) {
  const records = await sandbox.records(object);
  return Object.fromEntries(records.map(({ properties }) => [properties[by], properties.lead_score]));
}

describe('objects', () => {
  test('deals are matched by their record ids and updated; an id without a record is unmatched', async () => {
    const [first = '', second = ''] = await sandbox.seed('deals', [{ dealname: 'One' }, { dealname: 'Two' }]);
    const sync = leadSync({ object: 'deals', mode: 'update', match: { property: 'hs_object_id', column: 'email' } });
    await world.leads(['d1', first, 71, 'hot'], ['d2', second, 12, 'cold'], ['d3', '99', 50, 'warm']);
    expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 2, updated: 2, unmatched: 1, created: 0 });
    expect(await scores('deals', 'dealname')).toEqual({ One: '71', Two: '12' });
    expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 0, unchanged: 2, unmatched: 1 });
    await world.leads(['d1', first, 72, 'hot'], ['d2', second, 12, 'cold'], ['d3', 'no id at all', 50, 'warm']);
    expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 1, updated: 1, unchanged: 1, unmatched: 1 });
  });

  test('deals have no property of their own that finds one record, and the plan says what does (facts 7)', async () => {
    await world.leads(['d1', 'One', 71, 'hot']);
    const sync = leadSync({ object: 'deals', match: { property: 'dealname', column: 'email' } });
    await expect(world.plan(sync, { hubspot })).rejects.toMatchObject({
      code: 'SYNC_INVALID',
      problems: [{ message: 'several deals may have the same dealname, so it does not find one record' }],
    });
    expect(await http.writeRequests()).toEqual([]);
  });

  test('records of a custom object are made once by a unique property, found by it, and put on a list', async () => {
    const cars = await makeCars();
    await sandbox.seed(cars, [{ vin: 'W 1/2?' }]);
    const sync = leadSync({ object: cars, match: { property: 'vin', column: 'email' }, lists: [hotLeads] });
    // Its case tells one from another.
    await world.leads(['1', 'W 1/2?', 80, 'hot'], ['2', 'w 1/2?', 12, 'cold'], ['3', '#3 "%"', 90, 'hot']);
    expect(await world.run(sync, { hubspot })).toMatchObject({
      planned: 3,
      created: 2,
      updated: 1,
      rejected: 0,
      lists: [{ added: 2 }],
    });
    expect(await scores(cars, 'vin')).toEqual({ 'W 1/2?': '80', 'w 1/2?': '12', '#3 "%"': '90' });
    expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 0, unchanged: 3, lists: [{ added: 0 }] });
    await world.leads(['1', 'W 1/2?', 81, 'hot'], ['2', 'w 1/2?', 12, 'cold'], ['3', '#3 "%"', 90, 'hot']);
    expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 1, updated: 1 });
    expect((await sandbox.records(cars)).map(({ writes }) => writes).sort()).toEqual([1, 1, 2]);
  });

  test('a create whose answer is lost makes no second record of a custom object', async () => {
    const cars = await makeCars();
    await sandbox.addFaults({ match: { path: 'batch/upsert' }, effect: { kind: 'drop', commit: true }, times: 1 });
    await world.leads(['1', 'a', 80, 'hot'], ['2', 'b', 12, 'cold']);
    const sync = leadSync({ object: cars, match: { property: 'vin', column: 'email' } });
    expect(await world.run(sync, { hubspot })).toMatchObject({ created: 2, deferred: 0 });
    expect(await sandbox.records(cars)).toHaveLength(2);
  });

  test('an object type that the account does not have is refused with its name', async () => {
    await world.leads(['1', 'a', 80, 'hot']);
    const sync = leadSync({ object: 'butterflies', match: { property: 'vin', column: 'email' } });
    await expect(world.plan(sync, { hubspot })).rejects.toMatchObject({
      code: 'DESTINATION_REFUSED',
      message: expect.stringContaining('butterflies'),
    });
  });
});

test('values arrive in the form in which HubSpot keeps them, days in the zone of the project', async () => {
  await http.dispose();
  http = await openHttpWorld({}, { timeZone: 'Europe/Berlin' });
  ({ world, sandbox, hubspot } = http);
  const sync = leadSync({
    properties: [
      property('seen_at', { type: 'datetime', field: 'date' }),
      property('seen_exactly_at', { type: 'datetime', field: 'date' }),
      property('seen_on', { type: 'date', field: 'date' }),
      property('begun_on', { type: 'date', field: 'date' }),
      property('is_customer', { type: 'bool', field: 'booleancheckbox' }),
      property('is_partner', { type: 'bool', field: 'booleancheckbox' }),
      property('colour', {
        type: 'enumeration',
        field: 'select',
        options: ['red; & <b>', '"blau"', 'ä/ö?', "l'eau", '🟢', 'a;b'].map((value) => ({ value, label: value })),
      }),
    ],
  });
  await world.score(`select *, cast(null as varchar) as tier from (values
    ('1', 'ann@one.example', timestamptz '2026-01-30 23:30:00+00', timestamptz '2026-01-30 23:30:00.125+00',
      timestamptz '2026-01-30 23:30:00+00', date '1899-12-31', true, false, 'red; & <b>'),
    ('2', 'bob@two.example', timestamptz '1875-06-01 00:00:00+00', timestamptz '2026-03-29 00:59:59.999+00',
      timestamptz '2026-07-01 22:00:00+00', date '0987-01-02', false, null, '🟢')
  ) v (lead_id, email, seen_at, seen_exactly_at, seen_on, begun_on, is_customer, is_partner, colour)`);
  expect(await world.run(sync, { hubspot })).toMatchObject({ created: 2, rejected: 0, deferred: 0 });
  const values = (await sandbox.records('contacts')).map(({ properties }) =>
    sync.properties.map(({ name }) => properties[name] ?? null),
  );
  expect(values).toEqual(
    expect.arrayContaining([
      ['2026-01-30T23:30:00Z', '2026-01-30T23:30:00.125Z', '2026-01-31', '1899-12-31', 'true', 'false', 'red; & <b>'],
      ['1875-06-01T00:00:00Z', '2026-03-29T00:59:59.999Z', '2026-07-02', '0987-01-02', 'false', null, '🟢'],
    ]),
  );
  expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 0, unchanged: 2 });
});

describe('limits of the account, found while planning', () => {
  test('too few custom properties are left', async () => {
    await sandbox.change({ limits: { customProperties: 1 } });
    await world.leads(['1', 'ann@one.example', 71, 'hot']);
    await expect(world.plan(leadSync(), { hubspot })).rejects.toMatchObject({
      code: 'SYNC_INVALID',
      problems: [
        {
          message: 'HubSpot takes 1 more custom properties of contacts, and the sync makes 2: lead_score, lead_tier',
        },
      ],
    });
    expect(await http.writeRequests()).toEqual([]);
  });

  test('no property with unique values is left for the companies that would be created', async () => {
    for (let index = 0; index < 10; index += 1) {
      await http.call('POST', '/crm/v3/properties/companies', {
        name: `key_${index}`,
        label: 'Key',
        type: 'string',
        fieldType: 'text',
        groupName: 'companyinformation',
        hasUniqueValue: true,
      });
    }
    const before = (await http.writeRequests()).length;
    await world.leads(['1', 'one.example', 71, 'hot']);
    const sync = leadSync({ object: 'companies', match: { property: 'domain', column: 'email' } });
    await expect(world.plan(sync, { hubspot })).rejects.toMatchObject({
      code: 'SYNC_INVALID',
      problems: [{ message: expect.stringContaining('there are 10, and the sync makes 1: scoreline_key') }],
    });
    expect(await http.writeRequests()).toHaveLength(before);
    // Without creating, nothing of our own is needed.
    expect(await world.plan({ ...sync, mode: 'update' }, { hubspot })).toMatchObject({ rows: { unmatched: 1 } });
  });

  test('fewer records are left than would be created', async () => {
    await sandbox.seed('contacts', [{ email: 'zoe@one.example' }]);
    await sandbox.change({ limits: { records: 2 } });
    await world.leads(['1', 'ann@one.example', 71, 'hot'], ['2', 'bob@two.example', 12, 'cold']);
    await expect(world.plan(leadSync(), { hubspot })).rejects.toMatchObject({
      code: 'DESTINATION_LIMIT',
      message: 'The HubSpot account takes 1 more contacts, and leads would create 2; nothing was written',
    });
    expect(await http.writeRequests()).toEqual([]);
    await world.leads(['1', 'ann@one.example', 71, 'hot']);
    expect(await world.run(leadSync(), { hubspot })).toMatchObject({ created: 1 });
  });

  test('records of all custom objects share one limit', async () => {
    const cars = await makeCars();
    await sandbox.change({ limits: { records: 1 } });
    const sync = leadSync({ object: cars, match: { property: 'vin', column: 'email' } });
    await world.leads(['1', 'a', 71, 'hot'], ['2', 'b', 12, 'cold']);
    await expect(world.plan(sync, { hubspot })).rejects.toMatchObject({ code: 'DESTINATION_LIMIT' });
  });
});

describe('scopes, found while planning', () => {
  const readable = ['crm.objects.contacts.read', 'crm.schemas.contacts.read', 'crm.lists.read'];

  async function withScopes(...more: readonly string[]): Promise<HubSpot> {
    const token = `token-${more.length}`;
    await sandbox.change({ tokens: [{ token, scopes: [...readable, ...more] }] });
    return http.connect(token);
  }

  test('every scope that the plan needs and the token lacks is named at once', async () => {
    await world.leads(['1', 'ann@one.example', 71, 'hot']);
    const sync = leadSync({ lists: [hotLeads], properties: [scoreProperty, tierProperty] });
    const weak = await withScopes();
    await expect(world.plan(sync, { hubspot: weak })).rejects.toMatchObject({
      code: 'DESTINATION_FORBIDDEN',
      details: {
        missingScopes: ['crm.schemas.contacts.write', 'crm.objects.contacts.write', 'crm.lists.write'],
      },
    });
    const better = await withScopes('crm.schemas.contacts.write', 'crm.objects.contacts.write');
    await expect(world.plan(sync, { hubspot: better })).rejects.toMatchObject({
      details: { missingScopes: ['crm.lists.write'] },
    });
    expect(await http.writeRequests()).toEqual([]);
    const whole = await withScopes('crm.schemas.contacts.write', 'crm.objects.contacts.write', 'crm.lists.write');
    expect(await world.run(sync, { hubspot: whole })).toMatchObject({ created: 1, lists: [{ added: 1 }] });
    // With nothing to write, nothing is needed, and HubSpot is not asked.
    const before = (await sandbox.requests(/access-token-info/)).length;
    expect(await world.run(sync, { hubspot: await withScopes() })).toMatchObject({ planned: 0, unchanged: 1 });
    expect(await sandbox.requests(/access-token-info/)).toHaveLength(before);
  });

  test('a HubSpot that does not tell is believed to allow it, and a refusal while writing names the scope', async () => {
    await sandbox.addFaults({ match: { path: 'access-token-info' }, effect: { kind: 'status', status: 404 } });
    await world.leads(['1', 'ann@one.example', 71, 'hot']);
    const weak = await withScopes('crm.schemas.contacts.write');
    const plan = await world.plan(leadSync(), { hubspot: weak });
    await expect(world.apply(plan, { hubspot: weak })).rejects.toMatchObject({
      code: 'DESTINATION_FORBIDDEN',
      message: expect.stringContaining('crm.objects.contacts.write'),
    });
    expect(await sandbox.records('contacts')).toEqual([]);
  });
});
