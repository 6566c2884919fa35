import { describe, expect, test } from 'vitest';
import { batchBody, resultIds, sandboxClient } from './sandbox-client.ts';

const read = 'contacts read';

describe('batch read', () => {
  test('rule 4: with history it takes 50 inputs, and says so', async () => {
    const { batch } = await sandboxClient();
    const inputs = Array.from({ length: 51 }, (_, n) => ({ id: String(n + 1) }));
    const refused = await batch(read, inputs, { propertiesWithHistory: ['email'] });
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining('50') } });
    expect((await batch(read, inputs)).status).toBe(207);
  });

  test('rule 12: unknown ids and addresses are one error beside the records found', async () => {
    const { batch, seed } = await sandboxClient();
    const [id = ''] = await seed('contacts', { email: 'a@example.com' });
    const byId = await batch(read, [{ id }, { id: '1' }, { id: '2' }]);
    expect(byId.status).toBe(207);
    expect(resultIds(byId)).toEqual([id]);
    expect(batchBody(byId).errors).toMatchObject([{ category: 'OBJECT_NOT_FOUND', context: { ids: ['1', '2'] } }]);
    const byEmail = await batch(read, [{ id: 'A@example.com' }, { id: 'x@example.com' }], { idProperty: 'email' });
    expect(resultIds(byEmail)).toEqual([id]);
    expect(batchBody(byEmail).errors).toMatchObject([{ context: { ids: ['x@example.com'] } }]);
  });

  test('rule 12: a secondary address finds the contact, and the answer shows the primary one', async () => {
    const { batch, seed } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'a@example.com', hs_additional_emails: 'b@example.com' });
    const inputs = [{ id: 'B@example.com' }, { id: 'a@example.com' }];
    const answer = await batch(read, inputs, { idProperty: 'email', properties: ['email'] });
    expect(answer.status).toBe(200);
    expect(batchBody(answer).results).toMatchObject([{ id, properties: { email: 'a@example.com' } }]);
  });

  test('gives the properties asked for, null where there is no value, and leaves unknown ones out', async () => {
    const { batch, seed } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'a@example.com', city: 'Ulm' });
    const answer = await batch(read, [{ id }], { properties: ['city', 'company', 'nonsense'] });
    expect(batchBody(answer).results[0]?.properties).toEqual({
      city: 'Ulm',
      company: null,
      hs_object_id: id,
      createdate: '2026-05-04T12:00:00.000Z',
      lastmodifieddate: '2026-05-04T12:00:00.000Z',
    });
  });

  test('finds records by a unique property of one’s own', async () => {
    const { batch, call } = await sandboxClient();
    const key = { name: 'scoreline_key', label: 'Key', type: 'string', fieldType: 'text', hasUniqueValue: true };
    await call('POST', '/crm/v3/properties/companies', { ...key, groupName: 'companyinformation' });
    const inputs = [{ id: 'acme', idProperty: 'scoreline_key', properties: { name: 'Acme' } }];
    const [made] = batchBody(await batch('companies upsert', inputs)).results;
    const answer = await batch('companies read', [{ id: 'acme' }], { idProperty: 'scoreline_key' });
    expect(resultIds(answer)).toEqual([made?.id]);
    expect(made?.new).toBe(true);
    expect(batchBody(await batch('companies upsert', inputs)).results).toMatchObject([{ id: made?.id, new: false }]);
  });
});

describe('reading page by page', () => {
  test('ends after the last record and skips deleted ones', async () => {
    const { call, seed, control } = await sandboxClient();
    const ids = await seed('contacts', ...Array.from({ length: 7 }, (_, n) => ({ email: `p${n}@example.com` })));
    await control('POST', '/delete', { object: 'contacts', ids: [ids[1], ids[6]] });
    const seen: string[] = [];
    let after: string | undefined = '';
    while (after !== undefined) {
      const { body } = await call('GET', `/crm/v3/objects/contacts?limit=2${after && `&after=${after}`}`);
      const page = body as { results: { id: string }[]; paging?: { next: { after: string } } };
      seen.push(...page.results.map(({ id }) => id));
      after = page.paging?.next.after;
    }
    expect(seen).toEqual([0, 2, 3, 4, 5].map((n) => ids[n]));
  });
});

describe('values', () => {
  const properties = [
    { name: 'score', label: 'Score', type: 'number', fieldType: 'number' },
    { name: 'scored_at', label: 'Scored at', type: 'datetime', fieldType: 'date' },
    { name: 'day', label: 'Day', type: 'date', fieldType: 'date' },
    { name: 'fits', label: 'Fits', type: 'bool', fieldType: 'booleancheckbox' },
    { name: 'key', label: 'Key', type: 'string', fieldType: 'text', hasUniqueValue: true },
    {
      name: 'tier',
      label: 'Tier',
      type: 'enumeration',
      fieldType: 'select',
      options: [
        { label: 'Hot', value: 'hot' },
        { label: 'Cold', value: 'cold' },
      ],
    },
  ];

  async function sandboxWithProperties() {
    const sandbox = await sandboxClient();
    const inputs = properties.map((property) => ({ ...property, groupName: 'contactinformation' }));
    await sandbox.call('POST', '/crm/v3/properties/contacts/batch/create', { inputs });
    await sandbox.seed('contacts', { email: 'taken@example.com', key: 'taken' });
    const write = (property: string, value: unknown) =>
      sandbox.call('POST', '/crm/v3/objects/contacts', { properties: { [property]: value } });
    return { ...sandbox, write };
  }

  test('rule 17: each wrong value is refused with the code of its kind', async () => {
    const { write, control } = await sandboxWithProperties();
    const wrong = [
      ['nonsense', '1', 'PROPERTY_DOESNT_EXIST', 'Property "nonsense" does not exist'],
      ['tier', 'Hot', 'INVALID_OPTION', 'Hot was not one of the allowed options: [hot, cold]'],
      ['score', 'NaN', 'INVALID_INTEGER', 'NaN was not a valid number'],
      ['score', '1e400', 'INVALID_INTEGER', '1e400 was not a valid number'],
      ['email', 'not an address', 'INVALID_EMAIL', 'Email address not an address is invalid'],
      ['createdate', '2026-01-01', 'READ_ONLY_VALUE', expect.any(String)],
      ['hubspotscore', '5', 'READ_ONLY_VALUE', expect.any(String)],
      ['key', 'taken', 'CONFLICTING_UNIQUE_VALUE', expect.any(String)],
      ['scored_at', 'yesterday', 'INVALID_LONG', 'yesterday was not a valid long.'],
      ['day', '2026-02-30', 'INVALID_DATE', expect.any(String)],
      ['fits', 'yes', 'INVALID_OPTION', expect.any(String)],
      ['city', 'x'.repeat(65_537), 'INVALID_LENGTH', expect.any(String)],
      ['city', null, 'INVALID_VALUE', expect.any(String)],
    ] as const;
    for (const [property, value, code, message] of wrong) {
      const { status, body } = await write(property, value);
      expect({ property, status, body }).toMatchObject({
        status: 400,
        body: { category: 'VALIDATION_ERROR', errors: [{ code, message, context: { propertyName: [property] } }] },
      });
    }
    expect(await control('GET', '/records?object=contacts')).toMatchObject({ total: 1 });
  });

  test('rule 17: several wrong values are all named', async () => {
    const { call } = await sandboxWithProperties();
    const { body } = await call('POST', '/crm/v3/objects/contacts', { properties: { tier: 'x', score: 'y' } });
    expect(body).toMatchObject({ errors: [{ code: 'INVALID_OPTION' }, { code: 'INVALID_INTEGER' }] });
  });

  test('rule 17: the code of a wrong number and exponents are switchable', async () => {
    const { write, control } = await sandboxWithProperties();
    const switches = { badNumberCode: 'INVALID_LONG', exponentsAccepted: true };
    await control('PATCH', '/settings', { switches });
    expect((await write('score', 'x')).body).toMatchObject({ errors: [{ code: 'INVALID_LONG' }] });
    expect((await write('score', '1e3')).status).toBe(201);
  });

  test('are stored as text in HubSpot’s form', async () => {
    const { write } = await sandboxWithProperties();
    const stored = [
      ['score', 12.5, '12.5'],
      ['scored_at', '2026-05-01T02:00:00+02:00', '2026-05-01T00:00:00Z'],
      ['scored_at', '1777593600123', '2026-05-01T00:00:00.123Z'],
      ['day', '1777593600000', '2026-05-01'],
      ['fits', true, 'true'],
      ['city', 'Ulm "am" Wasser\n😀', 'Ulm "am" Wasser\n😀'],
      ['email', ' Mixed@Example.COM', 'mixed@example.com'],
    ] as const;
    for (const [property, value, expected] of stored) {
      expect((await write(property, value)).body).toMatchObject({ properties: { [property]: expected } });
    }
  });
});
