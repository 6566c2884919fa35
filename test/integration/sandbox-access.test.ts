import { describe, expect, test } from 'vitest';
import { sandboxClient, uuid } from './sandbox-client.ts';

const details = '/account-info/v3/details';

describe('tokens', () => {
  test('rule 1: a missing or wrong token is refused with 401 and INVALID_AUTHENTICATION', async () => {
    const { call } = await sandboxClient();
    for (const headers of [{ authorization: '' }, { authorization: 'Bearer wrong' }, { authorization: 'Basic eDp5' }]) {
      const { status, body } = await call('GET', details, undefined, headers);
      expect(status).toBe(401);
      expect(body).toMatchObject({ status: 'error', category: 'INVALID_AUTHENTICATION' });
      expect(body).toHaveProperty('message', expect.stringMatching(/^Authentication credentials not found\./));
    }
  });

  test('rule 1: a missing scope is refused with 403 and names the scope', async () => {
    const limited = { token: 'limited', scopes: ['crm.objects.contacts.read'] };
    const { call, token } = await sandboxClient({ settings: { tokens: [limited] } });
    const headers = { authorization: 'Bearer limited' };
    const write = ['POST', '/crm/v3/objects/contacts/batch/update', { inputs: [] }] as const;
    const refused = await call(...write, headers);
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({
      category: 'MISSING_SCOPES',
      errors: [{ context: { requiredGranularScopes: ['crm.objects.contacts.write'] } }],
    });
    expect((await call('POST', '/crm/v3/objects/contacts/batch/read', { inputs: [] }, headers)).status).toBe(200);
    expect((await call('POST', '/crm/v3/objects/companies/batch/read', { inputs: [] }, headers)).status).toBe(403);
    expect((await call(...write, { authorization: `Bearer ${token}` })).status).toBe(200);
  });

  test('rule 24: making a property takes a schema scope, which the right to write records is not', async () => {
    const limited = { token: 'limited', scopes: ['crm.objects.contacts.write', 'crm.objects.contacts.read'] };
    const { call } = await sandboxClient({ settings: { tokens: [limited] } });
    const headers = { authorization: 'Bearer limited' };
    const { status, body } = await call('POST', '/crm/v3/properties/contacts', {}, headers);
    expect(status).toBe(403);
    expect(body).toMatchObject({
      errors: [{ context: { requiredGranularScopes: ['crm.schemas.contacts.write'] } }],
    });
    expect((await call('GET', '/crm/v3/properties/contacts', undefined, headers)).status).toBe(200);
  });

  test('a token that was taken back answers 401 from then on', async () => {
    const { call, control, token } = await sandboxClient();
    expect((await call('GET', details)).status).toBe(200);
    await control('PATCH', '/settings', { tokens: [{ token, revoked: true }] });
    expect((await call('GET', details)).status).toBe(401);
  });
});

describe('every answer', () => {
  test('rule 2: errors carry a correlation id, in the header as well, and are JSON with a charset', async () => {
    const { call } = await sandboxClient();
    for (const path of ['/crm/v3/objects/butterflies', '/crm/v3/objects/contacts/1', '/contacts/v1/lists']) {
      const { status, headers, body } = await call('GET', path);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(headers.get('content-type')).toBe('application/json;charset=utf-8');
      expect(headers.get('x-hubspot-correlation-id')).toMatch(uuid);
      expect(body).toHaveProperty('correlationId', headers.get('x-hubspot-correlation-id'));
    }
  });

  test('an unknown object type is named without a category', async () => {
    const { call } = await sandboxClient();
    const { status, body } = await call('GET', '/crm/v3/objects/butterflies');
    expect(status).toBe(400);
    expect(body).toMatchObject({ message: 'Unable to infer object type from: butterflies' });
    expect(body).not.toHaveProperty('category');
  });

  test('rule 3: v3 paths and their dated aliases meet the same account', async () => {
    const { call, seed } = await sandboxClient();
    const [id] = await seed('contacts', { email: 'ada@example.com' });
    for (const path of ['/crm/v3/objects', '/crm/objects/2026-03', '/crm/objects/2026-09']) {
      for (const type of ['contacts', 'contact', '0-1']) {
        const { body } = await call('GET', `${path}/${type}/${id}`);
        expect(body).toMatchObject({ id, properties: { email: 'ada@example.com' } });
      }
    }
    expect((await call('GET', '/crm/objects/2025-09/contacts')).status).toBe(404);
    for (const path of ['/account-info/2026-09/details', '/crm/properties/2026-09/contacts', '/crm/lists/2026-09']) {
      expect((await call('GET', path)).status).toBe(200);
    }
  });

  test('rule 3: required properties are enforced on 2026-09 paths', async () => {
    const { call } = await sandboxClient({
      settings: {
        requiredProperties: [
          { object: 'contacts', property: 'company' },
          { object: 'contacts', property: 'city', when: { property: 'hs_lead_status', value: 'NEW' } },
        ],
      },
    });
    const input = { properties: { email: 'a@example.com', hs_lead_status: 'NEW' } };
    const refused = await call('POST', '/crm/objects/2026-09/contacts', input);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({
      category: 'VALIDATION_ERROR',
      errors: [{ code: 'MISSING_REQUIRED_PROPERTY' }, { code: 'MISSING_CONDITIONAL_REQUIRED_PROPERTY' }],
    });
    expect((await call('POST', '/crm/v3/objects/contacts', input)).status).toBe(201);
  });

  test('a body that is no JSON is refused without a category', async () => {
    const { call } = await sandboxClient();
    const { status, body } = await call('POST', '/crm/v3/objects/contacts/batch/update', '{"inputs": [');
    expect(status).toBe(400);
    expect(body).toHaveProperty('message', expect.stringMatching(/^Invalid input JSON on line \d+, column \d+: /));
    expect(body).not.toHaveProperty('category');
  });
});

describe('account information', () => {
  test('rule 28: tells the portal, its type and its time zone', async () => {
    const { call } = await sandboxClient({ portalId: 87654321, accountType: 'SANDBOX', timeZone: 'America/New_York' });
    const { body } = await call('GET', details);
    expect(body).toMatchObject({
      portalId: 87654321,
      accountType: 'SANDBOX',
      timeZone: 'America/New_York',
      utcOffset: '-04:00',
      utcOffsetMilliseconds: -14_400_000,
      uiDomain: 'app.hubspot.com',
    });
  });

  test('rule 28: tells how much of the day is used and when it ends in the account’s time zone', async () => {
    const { call } = await sandboxClient({ timeZone: 'Asia/Kolkata', settings: { limits: { perDay: 500 } } });
    await call('GET', details);
    const { body } = await call('GET', '/account-info/v3/api-usage/daily/private-apps');
    expect(body).toMatchObject({
      results: [{ usageLimit: 500, currentUsage: 2, fetchStatus: 'SUCCESS', resetsAt: '2026-05-04T18:30:00.000Z' }],
    });
  });
});
