import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectHubSpot } from '../../src/hubspot/connect-hubspot.ts';
import { scorelineKeyProperty } from '../../src/hubspot/records/scoreline-key.ts';
import type { HubSpot } from '../../src/hubspot/types.ts';
import { type ControlledSandbox, controlledSandbox } from '../support/controlled-sandbox.ts';
import { InstantClock } from '../support/instant-clock.ts';

let sandbox: ControlledSandbox;
let hubspot: HubSpot;

beforeEach(async () => {
  sandbox = await controlledSandbox();
  const clock = new InstantClock();
  hubspot = connectHubSpot({
    baseUrl: sandbox.url,
    token: sandbox.token,
    apiVersion: 'v3',
    dailyReserveRatio: 0,
    clock,
  });
});

afterEach(async () => {
  await hubspot.close();
  await sandbox.close();
});

const tier = {
  name: 'lead_tier',
  label: 'Lead tier',
  description: 'Written by Scoreline.',
  type: 'enumeration',
  fieldType: 'select',
  groupName: 'scoreline',
  options: [
    { value: 'hot', label: 'Hot' },
    { value: 'cold', label: 'Cold' },
  ],
};

const readTier = async () =>
  (await hubspot.schema.readProperties('contacts', [])).find(({ name }) => name === 'lead_tier');
/** Straight to the local HubSpot, as a marketer's click would. */
const asMarketer = (method: string, path: string, body?: unknown) =>
  fetch(`${sandbox.url}/crm/v3/properties/contacts${path}`, {
    method,
    headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });

describe('the schema of an account', () => {
  it('gets groups and properties, and does not mind those that exist (facts 24)', async () => {
    for (let time = 0; time < 2; time += 1) {
      await hubspot.schema.createGroup('contacts', { name: 'scoreline', label: 'Scoreline' });
      await hubspot.schema.createProperty('contacts', tier);
    }
    expect(await hubspot.schema.readGroups('contacts')).toContain('scoreline');
    expect(await readTier()).toEqual({
      ...tier,
      hasUniqueValue: false,
      hubspotDefined: false,
      readOnly: false,
      calculated: false,
    });
  });

  it('gets the unique key of companies', async () => {
    await hubspot.schema.createProperty('companies', { ...scorelineKeyProperty, groupName: 'companyinformation' });
    const properties = await hubspot.schema.readProperties('companies', []);
    expect(properties.find(({ name }) => name === 'scoreline_key')).toMatchObject({
      hasUniqueValue: true,
      type: 'string',
    });
  });

  it('says which properties cannot be written', async () => {
    const properties = await hubspot.schema.readProperties('contacts', []);
    expect(properties.find(({ name }) => name === 'hs_object_id')?.readOnly).toBe(true);
    expect(properties.find(({ name }) => name === 'email')?.readOnly).toBe(false);
  });

  it('is asked by name for what a list of properties lacks', async () => {
    await sandbox.addFaults({
      match: { method: 'GET', path: 'properties/contacts' },
      times: 1,
      effect: { kind: 'missing_results', count: 1000 },
    });
    const properties = await hubspot.schema.readProperties('contacts', ['email', 'nobody_made_it']);
    expect(properties.map(({ name }) => name)).toEqual(['email']);
  });

  it('waits until a new property is shown to readers', async () => {
    await hubspot.schema.createGroup('contacts', { name: 'scoreline', label: 'Scoreline' });
    await sandbox.addFaults({
      match: { method: 'GET', path: 'lead_tier' },
      times: 3,
      effect: { kind: 'status', status: 404, body: {} },
    });
    await hubspot.schema.createProperty('contacts', tier);
    expect(await sandbox.requests(/contacts\/lead_tier/)).toHaveLength(4);
  });

  it('creates a property once though the answer was lost', async () => {
    await hubspot.schema.createGroup('contacts', { name: 'scoreline', label: 'Scoreline' });
    await sandbox.addFaults({
      match: { method: 'POST', path: 'properties/contacts$' },
      times: 1,
      effect: { kind: 'drop', commit: true },
    });
    await hubspot.schema.createProperty('contacts', tier);
    expect((await readTier())?.options).toEqual(tier.options);
  });

  it('refuses a property that exists with another type', async () => {
    await asMarketer('POST', '', {
      ...tier,
      groupName: 'contactinformation',
      type: 'string',
      fieldType: 'text',
      options: [],
    });
    await expect(
      hubspot.schema.createProperty('contacts', { ...tier, groupName: 'contactinformation' }),
    ).rejects.toMatchObject({
      code: 'DESTINATION_REFUSED',
      message: 'HubSpot already has a contacts property lead_tier of type string, where enumeration is needed',
    });
  });

  it('restores an archived property, with the options that are needed now', async () => {
    await hubspot.schema.createGroup('contacts', { name: 'scoreline', label: 'Scoreline' });
    await hubspot.schema.createProperty('contacts', { ...tier, options: [{ value: 'warm', label: 'Warm' }] });
    await asMarketer('DELETE', '/lead_tier');
    expect(await readTier()).toBeUndefined();
    await hubspot.schema.createProperty('contacts', tier);
    const values = (await readTier())?.options?.map(({ value }) => value);
    expect(values?.slice(0, 2)).toEqual(['hot', 'cold']);
  });

  it('sets options in order and keeps those that others made, hidden ones hidden', async () => {
    await hubspot.schema.createGroup('contacts', { name: 'scoreline', label: 'Scoreline' });
    await hubspot.schema.createProperty('contacts', tier);
    const theirs = { value: 'vip', label: 'VIP', hidden: true, displayOrder: 5, description: 'by hand' };
    const ours = tier.options.map((option) => ({ ...option, hidden: false }));
    await asMarketer('PATCH', '/lead_tier', { options: [...ours, theirs] });
    await hubspot.schema.updateOptions('contacts', 'lead_tier', [
      { value: 'hot', label: 'Hot' },
      { value: 'warm', label: 'Warm' },
      { value: 'cold', label: 'Cold' },
    ]);
    const property = (await (await asMarketer('GET', '/lead_tier')).json()) as {
      options: { value: string; hidden: boolean }[];
    };
    expect(property.options.map(({ value, hidden }) => [value, hidden])).toEqual([
      ['hot', false],
      ['warm', false],
      ['cold', false],
      ['vip', true],
    ]);
  });

  it('needs a scope of its own', async () => {
    await sandbox.addFaults({
      match: { method: 'POST' },
      effect: { kind: 'missing_scope', scope: 'crm.schemas.contacts.write' },
    });
    const creation = hubspot.schema.createProperty('contacts', tier);
    await expect(creation).rejects.toMatchObject({
      code: 'DESTINATION_FORBIDDEN',
      message: expect.stringContaining('crm.schemas.contacts.write'),
    });
  });
});
