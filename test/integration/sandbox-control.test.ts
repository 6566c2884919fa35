import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import type { LoggedRequest } from '../../src/sandbox/traffic/request-log.ts';
import { batchBody, sandboxClient, uuid } from './sandbox-client.ts';

const email = (id: string) => ({ id, idProperty: 'email', properties: { city: 'Ulm' }, objectWriteTraceId: id });

describe('rule 30: the request log', () => {
  test('has every request to HubSpot’s endpoints and none to its own', async () => {
    const seen: LoggedRequest[] = [];
    const { call, batch, control, token } = await sandboxClient({ onRequest: (request) => seen.push(request) });
    await batch('contacts upsert', [email('a@example.com'), email('b@example.com')]);
    await call('GET', '/crm/v3/objects/contacts?limit=5');
    await call('GET', '/crm/v3/objects/contacts', undefined, {});
    const log = (await control('GET', '/requests')) as { requests: LoggedRequest[] };
    expect(log).toMatchObject({
      total: 3,
      matched: 3,
      countsByStatus: { 200: 2, 401: 1 },
      countsByMethod: { POST: 1, GET: 2 },
      requests: [
        { sequence: 3, status: 401, token: '' },
        { sequence: 2, status: 200, path: '/crm/v3/objects/contacts?limit=5', method: 'GET' },
        { sequence: 1, status: 200, inputs: 2, token: token.slice(-4), at: '2026-05-04T12:00:00.000Z' },
      ],
    });
    expect(log.requests.every(({ correlationId }) => uuid.test(correlationId))).toBe(true);
    expect(JSON.stringify(log)).not.toContain(token);
    expect(seen.toReversed()).toEqual(log.requests);
  });

  test('is a ring, filtered on request', async () => {
    const { call, control } = await sandboxClient({ settings: { log: { size: 3 } } });
    for (let n = 1; n <= 5; n++) await call('GET', `/crm/v3/objects/contacts?limit=${n}`);
    await call('POST', '/crm/v3/lists/search', {});
    const sequences = async (query: string) =>
      ((await control('GET', `/requests?${query}`)) as { requests: LoggedRequest[] }).requests.map(
        (each) => each.sequence,
      );
    expect(await sequences('')).toEqual([6, 5, 4]);
    expect(await sequences('method=get')).toEqual([5, 4]);
    expect(await sequences('path=limit%3D5%24')).toEqual([5]);
    expect(await sequences('status=404')).toEqual([]);
    expect(await sequences('since=5')).toEqual([6]);
    expect(await sequences('limit=1')).toEqual([6]);
    await control('PATCH', '/settings', { log: { size: 5 } });
    for (let n = 7; n <= 10; n++) await call('GET', '/crm/v3/objects/contacts');
    expect(await sequences('')).toEqual([10, 9, 8, 7, 6]);
  });

  test('keeps bodies when told to', async () => {
    const { batch, control } = await sandboxClient({ settings: { log: { bodies: true } } });
    await batch('contacts upsert', [email('a@example.com')]);
    const { requests } = (await control('GET', '/requests')) as { requests: LoggedRequest[] };
    expect(JSON.parse(requests[0]?.requestBody ?? '')).toEqual({ inputs: [email('a@example.com')] });
    expect(requests[0]?.responseBody).toContain('"new":true');
  });
});

describe('rule 30: the write counters', () => {
  test('tell creates, writes and changes of each record; seeding is none', async () => {
    const { batch, seed, control } = await sandboxClient();
    const [seeded] = await seed('contacts', { email: 'a@example.com' }, { email: 'untouched@example.com' });
    for (let n = 0; n < 2; n++) await batch('contacts upsert', [email('a@example.com'), email('new@example.com')]);
    const totals = { object: 'contacts', total: 3, created: 1, written: 2, writes: 4, changes: 2 };
    expect(await control('GET', '/writes')).toHaveProperty('objects', expect.arrayContaining([totals]));
    const byRecord = (await control('GET', '/writes?object=contacts')) as { records: { id: string }[] };
    expect(byRecord).toMatchObject(totals);
    expect(byRecord.records).toMatchObject([
      { id: seeded, writes: 2, changes: 1 },
      { writes: 2, changes: 1 },
    ]);
    expect(await control('GET', '/writes?object=contacts&min=3')).toMatchObject({ records: [] });
    await control('POST', '/reset', { only: ['writes'] });
    expect(await control('GET', '/writes?object=contacts')).toMatchObject({ writes: 0, created: 0, records: [] });
  });

  test('are read page by page', async () => {
    const { batch, control } = await sandboxClient();
    await batch(
      'contacts upsert',
      ['a', 'b', 'c'].map((name) => email(`${name}@example.com`)),
    );
    const first = (await control('GET', '/writes?object=contacts&limit=2')) as { records: object[]; after: string };
    expect(first.records).toHaveLength(2);
    const rest = await control('GET', `/writes?object=contacts&limit=2&after=${first.after}`);
    expect(rest).toHaveProperty('records.length', 1);
  });
});

describe('seeding', () => {
  test('takes all records or none, and names the wrong ones', async () => {
    const { call, control, seed } = await sandboxClient();
    await seed('contacts', { email: 'taken@example.com' });
    const records = [
      { properties: { email: 'a@example.com' } },
      { properties: { email: 'taken@example.com' } },
      { properties: { email: 'A@example.com' } },
      { properties: { nonsense: '1' } },
      {},
    ];
    const { status, body } = await call('POST', '/_sandbox/records', { object: 'contacts', records });
    expect(status).toBe(400);
    expect(body).toEqual({
      error: [
        'records[1].email: another record has the value taken@example.com',
        'records[2].email: another record has the value a@example.com',
        'records[3].nonsense: Property "nonsense" does not exist',
        'records[4]: expected an object with `properties`',
      ].join('; '),
    });
    expect(await control('GET', '/records?object=contacts')).toMatchObject({ total: 1 });
  });

  test('sets read-only properties and the date of creation', async () => {
    const { seed, call } = await sandboxClient();
    const [id] = await seed('contacts', {
      email: 'a@example.com',
      createdate: '2024-01-02T03:04:05Z',
      hubspotscore: '7',
    });
    const { body } = await call('GET', `/crm/v3/objects/contacts/${id}?properties=hubspotscore`);
    expect(body).toMatchObject({
      createdAt: '2024-01-02T03:04:05.000Z',
      properties: { hubspotscore: '7', createdate: '2024-01-02T03:04:05.000Z' },
    });
  });

  test('gives ids of different types far apart', async () => {
    const { seed } = await sandboxClient();
    const ids = [await seed('contacts', {}), await seed('companies', {}), await seed('deals', {})].flat();
    expect(new Set(ids.map((id) => id.length)).size).toBe(3);
  });
});

describe('reading records', () => {
  test('shows everything of a record', async () => {
    const { seed, control, call } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'a@example.com' });
    await call('POST', '/crm/v3/lists', { name: 'Hot', objectTypeId: '0-1', processingType: 'MANUAL' });
    await call('PUT', '/crm/v3/lists/1/memberships/add', [id]);
    expect(await control('GET', `/records/contacts/${id}`)).toMatchObject({
      id,
      archived: false,
      properties: { email: 'a@example.com' },
      history: { email: [{ value: 'a@example.com', sourceType: 'IMPORT' }] },
      lists: [{ listId: '1', name: 'Hot' }],
    });
    expect((await call('GET', '/_sandbox/records/contacts/1')).status).toBe(404);
    expect((await call('GET', '/_sandbox/records?object=butterflies')).status).toBe(400);
  });

  test('goes page by page through live and deleted ones', async () => {
    const { seed, control } = await sandboxClient();
    const ids = await seed('contacts', {}, {}, {});
    await control('POST', '/delete', { object: 'contacts', ids: ids.slice(0, 1) });
    const first = (await control('GET', '/records?object=contacts&limit=1')) as { after: string };
    expect(first).toMatchObject({ total: 2, records: [{ id: ids[1] }] });
    expect(await control('GET', `/records?object=contacts&limit=1&after=${first.after}`)).toMatchObject({
      records: [{ id: ids[2] }],
    });
    expect(await control('GET', '/records?object=contacts&archived=true')).toMatchObject({ records: [{ id: ids[0] }] });
  });
});

describe('the account', () => {
  test('takes settings key by key, and refuses unknown ones', async () => {
    const { control, call } = await sandboxClient();
    await control('PATCH', '/settings', { limits: { burstPer10s: 7 } });
    await control('PATCH', '/settings', {
      limits: { perDay: 9 },
      account: { portalId: 12345678, timeZone: 'Asia/Tokyo' },
    });
    expect(await control('GET', '/settings')).toMatchObject({
      account: { portalId: 12345678, timeZone: 'Asia/Tokyo' },
      limits: { burstPer10s: 7, perDay: 9, searchPerSecond: 5 },
    });
    for (const wrong of [{ limit: {} }, { switches: { nonsense: true } }, { account: { timeZone: 'Mars/Base' } }]) {
      expect((await call('PATCH', '/_sandbox/settings', wrong)).status).toBe(400);
    }
  });

  test('has custom object types', async () => {
    const { control, batch, call } = await sandboxClient({ portalId: 123 });
    const { objectTypeId } = (await control('POST', '/object-types', { name: 'cars', singular: 'car' })) as {
      objectTypeId: string;
    };
    const vin = { name: 'vin', label: 'VIN', type: 'string', fieldType: 'text', hasUniqueValue: true };
    await call('POST', '/crm/v3/properties/cars', { ...vin, groupName: 'carinformation' });
    const [made] = batchBody(await batch('cars upsert', [{ id: 'X1', idProperty: 'vin', properties: {} }])).results;
    for (const name of [objectTypeId, 'car', 'p123_cars']) {
      expect(batchBody(await batch(`${name} read`, [{ id: made?.id }])).results).toHaveLength(1);
    }
  });

  test('starts over on request', async () => {
    const { control, seed, call, portalId } = await sandboxClient();
    await seed('contacts', { email: 'a@example.com' });
    await call('POST', '/crm/v3/lists', { name: 'Hot', objectTypeId: '0-1', processingType: 'MANUAL' });
    await control('POST', '/faults', { effect: { kind: 'locked' } });
    await control('POST', '/reset');
    expect(await control('GET', '/records?object=contacts')).toMatchObject({ total: 0 });
    expect((await call('GET', '/crm/v3/lists/1')).status).toBe(404);
    expect(await control('GET', '/requests')).toMatchObject({ total: 1 });
    expect((await call('GET', '/account-info/v3/details')).body).toMatchObject({ portalId });
    await seed('contacts', { email: 'a@example.com' });
  });

  test('lets time run ahead', async () => {
    const { control, call } = await sandboxClient({ settings: { limits: { burstPer10s: 1 } } });
    await call('GET', '/crm/v3/objects/contacts');
    expect((await call('GET', '/crm/v3/objects/contacts')).status).toBe(429);
    await control('POST', '/clock', { advanceMs: 10_000 });
    expect((await call('GET', '/crm/v3/objects/contacts')).status).toBe(200);
  });

  test('answers a wrong control request with what is wrong', async () => {
    const { call } = await sandboxClient();
    const wrong = [
      ['GET', '/_sandbox/nonsense', undefined, 404],
      ['POST', '/_sandbox/records', '{', 400],
      ['POST', '/_sandbox/merge', { object: 'contacts', winner: '1', loser: '2' }, 404],
      ['POST', '/_sandbox/merge', { object: 'contacts', winner: '1', loser: '1' }, 400],
      ['POST', '/_sandbox/delete', { object: 'contacts', ids: ['1'] }, 404],
      ['DELETE', '/_sandbox/faults/none', undefined, 404],
      ['GET', '/_sandbox/requests?limit=x', undefined, 400],
      ['GET', '/_sandbox/requests?path=(', undefined, 400],
    ] as const;
    for (const [method, path, body, status] of wrong) {
      expect(await call(method, path, body)).toMatchObject({ status, body: { error: expect.any(String) } });
    }
  });
});

test('wrong settings and time zones are refused at the start', async () => {
  await expect(startSandbox({ settings: { limits: { burstPer10s: -1 } } })).rejects.toMatchObject({
    code: 'USAGE_INVALID',
    message: expect.stringContaining('limits.burstPer10s'),
  });
  await expect(startSandbox({ timeZone: 'Mars/Base' })).rejects.toMatchObject({ code: 'USAGE_INVALID' });
});
