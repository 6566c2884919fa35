import { describe, expect, test } from 'vitest';
import { batchBody, resultIds, sandboxClient } from './sandbox-client.ts';

const update = 'contacts update';
const upsert = 'contacts upsert';
const create = 'contacts create';
const byEmail = (id: string, properties: object = {}, objectWriteTraceId?: string) => ({
  id,
  idProperty: 'email',
  properties,
  ...(objectWriteTraceId !== undefined && { objectWriteTraceId }),
});

describe('the inputs of a batch', () => {
  test('rule 4: more than 100 inputs are refused', async () => {
    const { batch, seed } = await sandboxClient();
    const records = Array.from({ length: 101 }, (_, n) => ({ email: `p${n}@example.com` }));
    const ids = await seed('contacts', ...records);
    const inputs = ids.map((id) => ({ id, properties: { city: 'Ulm' } }));
    const refused = await batch(update, inputs);
    expect(refused).toMatchObject({ status: 400, body: { category: 'VALIDATION_ERROR' } });
    expect(batchBody(await batch(update, inputs.slice(1))).results).toHaveLength(100);
  });

  test('rule 5: a missing or empty `inputs` is answered as done, and nothing is', async () => {
    const { call, control } = await sandboxClient();
    for (const body of [{}, { inputs: [] }]) {
      const answer = await call('POST', '/crm/v3/objects/contacts/batch/upsert', body);
      expect(answer).toMatchObject({ status: 200, body: { status: 'COMPLETE', results: [] } });
    }
    await control('PATCH', '/settings', { switches: { emptyInputsAccepted: false } });
    expect((await call('POST', '/crm/v3/objects/contacts/batch/upsert', {})).status).toBe(400);
  });

  test('rule 6: duplicate ids refuse the whole batch, with trace ids too', async () => {
    const { batch, seed, control } = await sandboxClient();
    const [a, b] = await seed('contacts', { email: 'a@example.com' }, { email: 'b@example.com' });
    const inputs = [a, b, a].map((id, n) => ({ id, objectWriteTraceId: `${n}`, properties: { city: 'Ulm' } }));
    const { status, body } = await batch(update, inputs);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      status: 'error',
      message: `Duplicate IDs found in batch input: [${a}]. IDs must be unique`,
      context: { ids: [a] },
      category: 'VALIDATION_ERROR',
    });
    expect(await control('GET', '/writes?object=contacts')).toMatchObject({ writes: 0 });
  });

  test('rule 6: e-mail addresses are compared without case and blanks, which can be switched off', async () => {
    const { batch, control } = await sandboxClient();
    const inputs = [byEmail('a@example.com'), byEmail(' A@Example.com')];
    expect(await batch(upsert, inputs)).toMatchObject({ status: 400, body: { context: { ids: ['a@example.com'] } } });
    await control('PATCH', '/settings', { switches: { duplicateEmailsIgnoreCase: false } });
    expect((await batch(upsert, inputs)).status).not.toBe(400);
  });

  test('rule 6: two addresses of one contact count as duplicates, which can be switched off', async () => {
    const { batch, seed, control } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'a@example.com', hs_additional_emails: 'b@example.com' });
    const inputs = [byEmail('a@example.com', { city: 'Ulm' }), byEmail('b@example.com', { city: 'Bonn' })];
    expect(await batch(upsert, inputs)).toMatchObject({ status: 400, body: { context: { ids: [id] } } });
    await control('PATCH', '/settings', { switches: { sameRecordTwiceRefused: false } });
    expect((await batch(upsert, inputs)).status).toBe(200);
    expect(await control('GET', `/records/contacts/${id}`)).toMatchObject({ properties: { city: 'Bonn' } });
  });

  test('rule 7: an idProperty that is not unique is refused', async () => {
    const { batch } = await sandboxClient();
    const refusal = async (typeAndVerb: string, idProperty: string | undefined) =>
      (await batch(typeAndVerb, [{ id: 'x', idProperty, properties: {} }])) as unknown;
    for (const verb of ['update', 'upsert']) {
      expect(await refusal(`companies ${verb}`, 'domain')).toMatchObject({
        status: 400,
        body: { message: 'Unable to perform update/upsert by non-unique 0-2 property domain' },
      });
      expect(await refusal(`contacts ${verb}`, 'hs_object_id')).toMatchObject({
        status: 400,
        body: { message: 'Unable to perform update/upsert by non-unique 0-1 property hs_object_id' },
      });
      expect(await refusal(`contacts ${verb}`, 'nonsense')).toMatchObject({
        status: 400,
        body: { errors: [{ code: 'PROPERTY_DOESNT_EXIST' }] },
      });
    }
    expect(await refusal(upsert, undefined)).toMatchObject({ status: 400 });
    expect(await refusal(update, 'email')).toMatchObject({ status: 400 });
  });

  test('an id that is a number is refused', async () => {
    const { batch } = await sandboxClient();
    expect((await batch(update, [{ id: 10_001, properties: {} }])).status).toBe(400);
  });
});

describe('good and bad rows together', () => {
  const bad = { lastname: 'x', nonsense: '1' };

  test('rule 8: without trace ids one bad row refuses all, and the error names the property, not the row', async () => {
    const { batch, control } = await sandboxClient();
    const rows = [{ properties: { email: 'good@example.com' } }, { properties: bad }, { properties: bad }];
    const { status, body } = await batch(create, rows);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      category: 'VALIDATION_ERROR',
      message: expect.stringMatching(/^Property values were not valid: \[\{"isValid":false,"message":"Property \\"/),
      errors: [
        {
          message: 'Property "nonsense" does not exist',
          code: 'PROPERTY_DOESNT_EXIST',
          context: { propertyName: ['nonsense'] },
        },
      ],
    });
    expect(await control('GET', '/records?object=contacts')).toMatchObject({ total: 0 });
  });

  test('rule 9: with a trace id on each the good rows are written and each bad one is an error', async () => {
    const { batch, seed } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'first@example.com' });
    const calls = [
      ['contacts create', { properties: { email: 'new@example.com' } }, { properties: bad }],
      ['contacts update', { id, properties: { city: 'Ulm' } }, { id: String(Number(id) + 1), properties: bad }],
      ['contacts upsert', byEmail('up@example.com'), byEmail('bad@example.com', bad)],
    ] as const;
    for (const [verb, good, wrong] of calls) {
      const inputs = [
        { ...good, objectWriteTraceId: 'good' },
        { ...wrong, objectWriteTraceId: 'bad' },
      ];
      const answer = await batch(verb, inputs);
      expect(answer.status).toBe(207);
      const { results, errors } = batchBody(answer);
      expect(results.map((result) => result.objectWriteTraceId)).toEqual(['good']);
      expect(errors).toEqual([
        {
          status: 'error',
          category: 'VALIDATION_ERROR',
          message: expect.stringContaining('PROPERTY_DOESNT_EXIST'),
          context: { objectWriteTraceId: ['bad'] },
        },
      ]);
    }
  });

  test('rule 9: a missing or repeated trace id makes the batch all or nothing', async () => {
    const { batch, control } = await sandboxClient();
    for (const second of [undefined, '1']) {
      const inputs = [
        { properties: { email: 'good@example.com' }, objectWriteTraceId: '1' },
        { properties: bad, objectWriteTraceId: second },
      ];
      expect((await batch(create, inputs)).status).toBe(400);
    }
    expect(await control('GET', '/records?object=contacts')).toMatchObject({ total: 0 });
  });

  test('rule 9: an update that trace ids do not make partial can be switched on', async () => {
    const { batch, seed, control } = await sandboxClient({ settings: { switches: { tracedUpdateIsPartial: false } } });
    const [a, b] = await seed('contacts', { email: 'a@example.com' }, { email: 'b@example.com' });
    const inputs = [
      { id: a, properties: { city: 'Ulm' }, objectWriteTraceId: '1' },
      { id: b, properties: bad, objectWriteTraceId: '2' },
    ];
    expect((await batch(update, inputs)).status).toBe(400);
    expect(await control('GET', '/writes?object=contacts')).toMatchObject({ writes: 0 });
  });

  test('rule 10: when all went well with trace ids the status is 200 or 201, or 207 by a switch', async () => {
    const { batch, control } = await sandboxClient();
    const inputs = (email: string) => [{ properties: { email }, objectWriteTraceId: '1' }];
    expect((await batch(create, inputs('a@example.com'))).status).toBe(201);
    await control('PATCH', '/settings', { switches: { tracedSuccessIs207: true } });
    const answer = await batch(create, inputs('b@example.com'));
    expect(answer).toMatchObject({ status: 207, body: { numErrors: 0, errors: [] } });
    expect(batchBody(answer).results).toHaveLength(1);
  });
});

describe('records that are not there', () => {
  test('rule 11: unknown ids of an update are one error, and the others are written', async () => {
    const { batch, seed } = await sandboxClient();
    const [id = ''] = await seed('contacts', { email: 'a@example.com' });
    const inputs = ['1', id, '2'].map((each) => ({ id: each, properties: { city: 'Ulm' } }));
    const answer = await batch(update, inputs);
    expect(answer.status).toBe(207);
    expect(resultIds(answer)).toEqual([id]);
    expect(batchBody(answer).errors).toEqual([
      {
        status: 'error',
        category: 'OBJECT_NOT_FOUND',
        message: 'Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.',
        context: { ids: ['1', '2'] },
      },
    ]);
  });

  test('rule 11: an update of unknown ids alone is a 207 without results', async () => {
    const { batch } = await sandboxClient();
    expect(await batch(update, [{ id: '1', properties: {} }])).toMatchObject({ status: 207, body: { results: [] } });
  });

  test('rule 11: unknown ids can go unmentioned', async () => {
    const { batch } = await sandboxClient({ settings: { switches: { unknownIdsUnmentioned: true } } });
    const answer = await batch(update, [{ id: '1', properties: {} }]);
    expect(answer).toMatchObject({ status: 207, body: { results: [], errors: [] } });
  });

  test('rule 19: a merged-away id is found by a single PATCH and not by a batch', async () => {
    const { batch, call, seed, control } = await sandboxClient();
    const [winner = '', loser = ''] = await seed('contacts', { email: 'a@example.com' }, { email: 'b@example.com' });
    await control('POST', '/merge', { object: 'contacts', winner, loser });
    const properties = { city: 'Ulm' };
    expect(await batch(update, [{ id: loser, properties }])).toMatchObject({ status: 207, body: { results: [] } });
    const single = await call('PATCH', `/crm/v3/objects/contacts/${loser}`, { properties });
    expect(single).toMatchObject({ status: 200, body: { id: winner } });
    const read = await call('GET', `/crm/v3/objects/contacts/${winner}?properties=hs_merged_object_ids,email`);
    expect(read.body).toMatchObject({ properties: { hs_merged_object_ids: loser, email: 'a@example.com' } });
    expect(batchBody(await batch(upsert, [byEmail('b@example.com')])).results).toMatchObject([{ id: winner }]);
  });
});

describe('records that are there already', () => {
  test('rule 13: creating a known address is a conflict that names the record, the first one only', async () => {
    const { batch, seed, control } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'a@example.com' }, { email: 'b@example.com' });
    const inputs = ['new@example.com', 'A@example.com', 'b@example.com'].map((email) => ({ properties: { email } }));
    const answer = await batch(create, inputs);
    expect(answer).toMatchObject({
      status: 409,
      body: { message: `Contact already exists. Existing ID: ${id}`, category: 'CONFLICT' },
    });
    expect(await control('GET', '/records?object=contacts')).toMatchObject({ total: 2 });
  });

  test('rule 13: with trace ids the conflict is an error of its row', async () => {
    const { batch, seed } = await sandboxClient();
    const [id = ''] = await seed('contacts', { email: 'a@example.com' });
    const inputs = ['new@example.com', 'a@example.com'].map((email, n) => ({
      properties: { email },
      objectWriteTraceId: `${n}`,
    }));
    const answer = await batch(create, inputs);
    expect(answer.status).toBe(207);
    expect(batchBody(answer).results).toHaveLength(1);
    expect(batchBody(answer).errors).toMatchObject([
      { category: 'CONFLICT', context: { objectWriteTraceId: ['1'], existingId: [id] } },
    ]);
  });

  test('rule 13: one address twice in a batch makes one contact at most', async () => {
    const { batch, control } = await sandboxClient();
    const rows = [{ properties: { email: 'a@example.com' } }, { properties: { email: 'A@example.com' } }];
    expect((await batch(create, rows)).status).toBe(409);
    expect(await control('GET', '/records?object=contacts')).toMatchObject({ total: 0 });
    const traced = rows.map((row, n) => ({ ...row, objectWriteTraceId: `${n}` }));
    const answer = await batch(create, traced);
    expect(answer.status).toBe(207);
    expect(batchBody(answer).errors).toMatchObject([{ context: { existingId: resultIds(answer) } }]);
  });

  test('rule 14: an upsert that clashes with another record is a 409 for the whole batch, trace ids or not', async () => {
    const { batch, seed, control } = await sandboxClient();
    await seed('contacts', { email: 'a@example.com' }, { email: 'b@example.com' });
    const inputs = [
      byEmail('new@example.com', {}, '0'),
      byEmail('a@example.com', { hs_additional_emails: 'b@example.com' }, '1'),
    ];
    expect(await batch(upsert, inputs)).toMatchObject({ status: 409, body: { category: 'CONFLICT' } });
    expect(await control('GET', '/records?object=contacts')).toMatchObject({ total: 2 });
    await control('PATCH', '/settings', { switches: { upsertConflictRefusesBatch: false } });
    expect((await batch(upsert, inputs)).status).toBe(207);
  });

  test('rule 20: two companies may share a domain, two contacts no address, a secondary one neither', async () => {
    const { batch, seed } = await sandboxClient();
    const company = { properties: { domain: 'example.com' } };
    expect((await batch('companies create', [company, company])).status).toBe(201);
    await seed('contacts', { email: 'a@example.com', hs_additional_emails: 'b@example.com;c@example.com' });
    expect((await batch(create, [{ properties: { email: 'C@example.com' } }])).status).toBe(409);
  });
});

describe('what a write does and shows', () => {
  test('rule 15: an upsert says whether the record is new, and overwrites what was sent alone', async () => {
    const { batch, seed, control } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'a@example.com', city: 'Ulm', company: 'Acme' });
    const inputs = [byEmail('a@example.com', { city: 'Bonn', company: '' }), byEmail('New@example.com')];
    const { results } = batchBody(await batch(upsert, inputs));
    const isNew = Object.fromEntries(results.map((result) => [result.properties.email, result.new]));
    expect(isNew).toEqual({ 'a@example.com': false, 'new@example.com': true });
    const { properties } = (await control('GET', `/records/contacts/${id}`)) as { properties: object };
    expect(properties).toEqual({ email: 'a@example.com', city: 'Bonn' });
  });

  test('rule 15: blanking what an upsert by e-mail leaves out can be switched on', async () => {
    const { batch, call, seed, control } = await sandboxClient({
      settings: { switches: { emailUpsertBlanksRest: true } },
    });
    const score = { name: 'score', label: 'Score', type: 'number', fieldType: 'number' };
    await call('POST', '/crm/v3/properties/contacts', { ...score, groupName: 'contactinformation' });
    const [id] = await seed('contacts', { email: 'a@example.com', city: 'Ulm', score: '5' });
    await batch(upsert, [byEmail('a@example.com', { company: 'Acme' })]);
    const { properties } = (await control('GET', `/records/contacts/${id}`)) as { properties: object };
    expect(properties).toEqual({ email: 'a@example.com', city: 'Ulm', company: 'Acme' });
  });

  test('rule 16: results come shuffled, with values as text, the written properties and HubSpot’s own', async () => {
    const { batch, seed, control } = await sandboxClient();
    const records = Array.from({ length: 30 }, (_, n) => ({ email: `p${n}@example.com`, company: 'Acme' }));
    const ids = await seed('contacts', ...records);
    const inputs = ids.map((id) => ({ id, properties: { city: 'Ulm' } }));
    const answer = await batch(update, inputs);
    const order = batchBody(answer).results.map(({ id }) => id);
    expect(order).not.toEqual(ids);
    expect(resultIds(answer)).toEqual(ids);
    const [first] = batchBody(answer).results;
    expect(Object.keys(first?.properties ?? {})).toEqual(expect.arrayContaining(['city', 'email', 'hs_object_id']));
    expect(first?.properties).not.toHaveProperty('company');
    expect(Object.values(first?.properties ?? {}).every((value) => typeof value === 'string')).toBe(true);
    await control('PATCH', '/settings', { switches: { resultsShuffled: false } });
    expect(batchBody(await batch(update, inputs)).results.map(({ id }) => id)).toEqual(ids);
  });

  test('rule 16: trace ids come back, unless they are switched off', async () => {
    const { batch, control } = await sandboxClient();
    const inputs = [byEmail('a@example.com', {}, 'row-7')];
    expect(batchBody(await batch(upsert, inputs)).results).toMatchObject([{ objectWriteTraceId: 'row-7' }]);
    await control('PATCH', '/settings', { switches: { traceIdsEchoed: false } });
    expect(batchBody(await batch(upsert, inputs)).results[0]).not.toHaveProperty('objectWriteTraceId');
  });

  test('rule 18: a lifecycle stage that goes backward is answered 200 and kept', async () => {
    const { batch, seed } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'a@example.com', lifecyclestage: 'customer' });
    const write = async (lifecyclestage: string) =>
      batchBody(await batch(update, [{ id, properties: { lifecyclestage } }])).results[0]?.properties.lifecyclestage;
    expect(await write('lead')).toBe('customer');
    expect(await write('evangelist')).toBe('evangelist');
    expect(await write('')).toBe('');
    expect(await write('lead')).toBe('lead');
  });

  test('rule 26: archiving is answered 204 without a body or a content type, for unknown ids too', async () => {
    const { batch, seed, call } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'a@example.com' });
    const answer = await batch('contacts archive', [{ id }, { id: '1' }]);
    expect(answer).toMatchObject({ status: 204, body: null });
    expect(answer.headers.has('content-type')).toBe(false);
    expect((await call('GET', `/crm/v3/objects/contacts/${id}`)).status).toBe(404);
    expect((await call('GET', `/crm/v3/objects/contacts/${id}?archived=true`)).body).toMatchObject({ archived: true });
    expect((await batch(create, [{ properties: { email: 'a@example.com' } }])).status).toBe(201);
  });

  test('rule 27: each changed value leaves an entry of history, an unchanged write none', async () => {
    const { batch, seed, call, clock } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'a@example.com', city: 'Ulm' });
    clock.advance(1_000);
    await batch(update, [{ id, properties: { city: 'Ulm' } }]);
    clock.advance(1_000);
    await batch(update, [{ id, properties: { city: 'Bonn' } }]);
    const { body } = await call('GET', `/crm/v3/objects/contacts/${id}?propertiesWithHistory=city`);
    expect(body).toMatchObject({
      updatedAt: '2026-05-04T12:00:02.000Z',
      propertiesWithHistory: {
        city: [
          { value: 'Bonn', timestamp: '2026-05-04T12:00:02.000Z', sourceType: 'INTEGRATION' },
          { value: 'Ulm', timestamp: '2026-05-04T12:00:00.000Z' },
        ],
      },
    });
  });

  test('rule 29: answers carry fields that no client models, which can be switched off', async () => {
    const { batch, control } = await sandboxClient();
    const inputs = [byEmail('a@example.com')];
    expect(batchBody(await batch(upsert, inputs)).results[0]).toMatchObject({ url: expect.any(String), warnings: [] });
    await control('PATCH', '/settings', { switches: { extraFields: false } });
    expect(batchBody(await batch(upsert, inputs)).results[0]).not.toHaveProperty('url');
  });
});
