import { describe, expect, test } from 'vitest';
import { batchBody, sandboxClient } from './sandbox-client.ts';

const base = '/crm/v3/properties/contacts';
const score = { name: 'score', label: 'Score', type: 'number', fieldType: 'number', groupName: 'contactinformation' };
const tier = {
  ...score,
  name: 'tier',
  type: 'enumeration',
  fieldType: 'select',
  options: [
    { label: 'Hot', value: 'hot', displayOrder: 0, hidden: false },
    { label: 'Cold', value: 'cold', displayOrder: 1, hidden: false },
  ],
};

describe('properties', () => {
  test('rule 24: a new one is answered 201 and can be read at once', async () => {
    const { call } = await sandboxClient();
    const made = await call('POST', base, { ...score, description: 'How hot' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...score,
        description: 'How hot',
        options: [],
        calculated: false,
        hasUniqueValue: false,
        archived: false,
        createdAt: '2026-05-04T12:00:00.000Z',
        modificationMetadata: { archivable: true, readOnlyDefinition: false, readOnlyValue: false },
      },
    });
    expect(made.headers.get('location')).toContain('/score');
    expect((await call('GET', `${base}/score`)).body).toEqual(made.body);
  });

  test('rule 24: reads of a new definition can lag behind', async () => {
    const { call, clock } = await sandboxClient({ settings: { definitionDelayMs: 700 } });
    await call('POST', base, score);
    expect((await call('GET', `${base}/score`)).status).toBe(404);
    clock.advance(700);
    expect((await call('GET', `${base}/score`)).status).toBe(200);
  });

  test('rule 24: a name that exists is a 409, or an error of its row in a batch', async () => {
    const { call } = await sandboxClient();
    await call('POST', base, score);
    expect(await call('POST', base, score)).toMatchObject({
      status: 409,
      body: {
        message: "A property named 'score' already exists.",
        category: 'OBJECT_ALREADY_EXISTS',
        subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS',
      },
    });
    const answer = await call('POST', `${base}/batch/create`, { inputs: [score, tier] });
    expect(answer.status).toBe(207);
    expect(batchBody(answer).results).toMatchObject([{ name: 'tier' }]);
    expect(batchBody(answer).errors).toMatchObject([
      { category: 'OBJECT_ALREADY_EXISTS', context: { name: ['score'] } },
    ]);
    expect((await call('POST', `${base}/batch/create`, { inputs: [{ ...score, name: 'other' }] })).status).toBe(201);
  });

  test('rule 24: unknown ones are a 404, or an error of a batch read', async () => {
    const { call } = await sandboxClient();
    expect(await call('GET', `${base}/score`)).toMatchObject({ status: 404, body: { category: 'OBJECT_NOT_FOUND' } });
    const read = await call('POST', `${base}/batch/read`, {
      archived: false,
      inputs: [{ name: 'email' }, { name: 'score' }],
    });
    expect(read.status).toBe(207);
    expect(batchBody(read).errors).toMatchObject([{ context: { name: ['score'] } }]);
  });

  test('rule 24: posting an archived name restores it with its first date', async () => {
    const { call, clock, seed } = await sandboxClient();
    await call('POST', base, score);
    const [id] = await seed('contacts', { email: 'a@example.com', score: '7' });
    expect((await call('DELETE', `${base}/score`)).status).toBe(204);
    expect((await call('GET', `${base}/score`)).status).toBe(404);
    expect((await call('GET', `${base}/score?archived=true`)).body).toMatchObject({ archived: true });
    clock.advance(1_000);
    const restored = await call('POST', base, { ...score, label: 'Again' });
    expect(restored).toMatchObject({
      status: 201,
      body: { label: 'Again', archived: false, createdAt: '2026-05-04T12:00:00.000Z' },
    });
    expect((await call('GET', `/crm/v3/objects/contacts/${id}?properties=score`)).body).toMatchObject({
      properties: { score: '7' },
    });
  });

  test('rule 24: a change keeps what it leaves out, and replaces the whole list of options', async () => {
    const { call } = await sandboxClient();
    await call('POST', base, tier);
    await call('PATCH', `${base}/tier`, { label: 'Lead tier' });
    const options = [{ label: 'Warm', value: 'warm' }];
    expect(await call('PATCH', `${base}/tier`, { options })).toMatchObject({
      status: 200,
      body: { label: 'Lead tier', options: [{ label: 'Warm', value: 'warm', displayOrder: 0, hidden: false }] },
    });
    expect((await call('POST', '/crm/v3/objects/contacts', { properties: { tier: 'hot' } })).status).toBe(400);
  });

  test('rule 24: no more than ten unique properties, in one batch neither', async () => {
    const { call } = await sandboxClient();
    const inputs = Array.from({ length: 11 }, (_, n) => ({
      ...score,
      name: `key_${n}`,
      type: 'string',
      fieldType: 'text',
      hasUniqueValue: true,
    }));
    expect((await call('POST', `${base}/batch/create`, { inputs })).status).toBe(400);
    expect((await call('POST', `${base}/batch/create`, { inputs: inputs.slice(1) })).status).toBe(201);
    expect((await call('POST', base, inputs[0])).status).toBe(400);
  });

  test('refuses a definition that HubSpot would not take', async () => {
    const { call } = await sandboxClient();
    const wrong = [
      { name: undefined },
      { label: undefined },
      { name: 'Lead Score' },
      { type: 'text' },
      { type: 'datetime', fieldType: 'text' },
      { groupName: 'nowhere' },
      { options: [{ label: 'A', value: 'a' }] },
    ];
    for (const change of wrong) {
      const refused = { change, status: (await call('POST', base, { ...score, ...change })).status };
      expect(refused).toEqual({ change, status: 400 });
    }
    const repeated = { ...tier, options: [...tier.options, { label: 'Other', value: 'hot' }] };
    expect((await call('POST', base, repeated)).status).toBe(400);
  });

  test('those that HubSpot defined are known from the beginning and stay as they are', async () => {
    const { call } = await sandboxClient();
    expect((await call('GET', `${base}/email`)).body).toMatchObject({ hubspotDefined: true, hasUniqueValue: true });
    expect((await call('GET', `${base}/email`)).body).not.toHaveProperty('archived');
    expect((await call('GET', `${base}/hubspotscore`)).body).toMatchObject({
      calculated: true,
      modificationMetadata: { readOnlyValue: true },
    });
    expect((await call('DELETE', `${base}/email`)).status).toBe(400);
    expect((await call('PATCH', `${base}/email`, { label: 'x' })).status).toBe(400);
  });

  test('counts the custom properties that are left', async () => {
    const { call } = await sandboxClient({ settings: { limits: { customProperties: 1 } } });
    await call('POST', base, score);
    const { body } = await call('GET', '/crm/v3/limits/custom-properties');
    expect(body).toMatchObject({ overallUsage: 1 });
    expect(body).toHaveProperty('byObjectType', expect.arrayContaining([{ objectTypeId: '0-1', limit: 1, usage: 1 }]));
    expect((await call('POST', base, tier)).status).toBe(400);
  });
});

describe('property groups', () => {
  const group = { name: 'scoreline', label: 'Scoreline' };

  test('are made once, read, renamed and listed', async () => {
    const { call } = await sandboxClient();
    expect(await call('POST', `${base}/groups`, group)).toMatchObject({
      status: 201,
      body: { ...group, archived: false },
    });
    expect((await call('POST', `${base}/groups`, group)).status).toBe(409);
    expect((await call('PATCH', `${base}/groups/scoreline`, { label: 'Scores' })).body).toMatchObject({
      label: 'Scores',
    });
    expect((await call('GET', `${base}/groups`)).body).toMatchObject({
      results: [{ name: 'contactinformation' }, { name: 'scoreline', label: 'Scores' }],
    });
    expect((await call('GET', `${base}/groups/none`)).status).toBe(404);
  });

  test('rule 24: one with properties is not deleted, and the message is JSON text', async () => {
    const { call } = await sandboxClient();
    await call('POST', `${base}/groups`, group);
    await call('POST', base, { ...score, groupName: 'scoreline' });
    const { status, body } = await call('DELETE', `${base}/groups/scoreline`);
    expect(status).toBe(400);
    const { message, subCategory } = body as { message: string; subCategory: string };
    expect(subCategory).toBe('PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES');
    expect(JSON.parse(message)).toMatchObject({ name: 'scoreline' });
    await call('DELETE', `${base}/score`);
    expect((await call('DELETE', `${base}/groups/scoreline`)).status).toBe(204);
  });
});
