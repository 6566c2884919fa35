import { describe, expect, test } from 'vitest';
import type { FaultInput } from '../../src/sandbox/traffic/fault.ts';
import { batchBody, resultIds, sandboxClient } from './sandbox-client.ts';

type Effect = FaultInput['effect'];

/** A sandbox with one contact, and a way to write its city under a fault. */
async function underFault(effect: Effect, rest: Partial<FaultInput> = {}) {
  const sandbox = await sandboxClient();
  const [id = ''] = await sandbox.seed('contacts', { email: 'a@example.com', city: 'Ulm' });
  await sandbox.fault({ effect, ...rest });
  const inputs = [{ id, properties: { city: 'Bonn' }, objectWriteTraceId: 'row' }];
  const write = () => sandbox.batch('contacts update', inputs);
  const city = async () => {
    const record = await sandbox.control('GET', `/records/contacts/${id}`);
    return (record as { properties: { city: string } }).properties.city;
  };
  return { ...sandbox, id, write, city };
}

describe('rule 23: answers in place of the work', () => {
  const answers: readonly (readonly [Effect, number, object])[] = [
    [{ kind: 'locked' }, 423, { status: 'error' }],
    [{ kind: 'migrating', retryAfterSeconds: 90 }, 477, { status: 'error' }],
    [{ kind: 'internal_error' }, 500, { status: 'error' }],
    [{ kind: 'unauthorized' }, 401, { category: 'INVALID_AUTHENTICATION' }],
    [{ kind: 'missing_scope' }, 403, { category: 'MISSING_SCOPES' }],
    [{ kind: 'rate_limited' }, 429, { policyName: 'TEN_SECONDLY_ROLLING' }],
    [{ kind: 'rate_limited', policy: 'daily' }, 429, { policyName: 'DAILY' }],
    [{ kind: 'empty_results' }, 200, { status: 'COMPLETE', results: [] }],
    [{ kind: 'status', status: 418, body: { odd: true } }, 418, { odd: true }],
  ];
  test.each(answers)('%j', async (effect, status, body) => {
    const { write, city } = await underFault(effect);
    expect(await write()).toMatchObject({ status, body });
    expect(await city()).toBe('Ulm');
  });

  test('477 carries Retry-After', async () => {
    const { write } = await underFault({ kind: 'migrating', retryAfterSeconds: 90 });
    expect((await write()).headers.get('retry-after')).toBe('90');
  });

  test('what stands before HubSpot answers in HTML, or without a content type', async () => {
    for (const status of [502, 503, 504, 521, 522, 523] as const) {
      const { write, city } = await underFault({ kind: 'gateway', status });
      const answer = await write();
      expect(answer).toMatchObject({ status, body: expect.stringMatching(/^<html>/) });
      expect(answer.headers.get('content-type')).toBe('text/html');
      expect(await city()).toBe('Ulm');
    }
    const { write } = await underFault({ kind: 'gateway', format: 'none' });
    const answer = await write();
    expect(answer.status).toBe(502);
    expect(answer.headers.has('content-type')).toBe(false);
  });

  test('524 comes when nothing answered in time', async () => {
    const { write, city } = await underFault({ kind: 'timeout', afterMs: 5 });
    expect((await write()).status).toBe(524);
    expect(await city()).toBe('Ulm');
  });

  test('the connection breaks before the work', async () => {
    const { write, city, control } = await underFault({ kind: 'drop' });
    await expect(write()).rejects.toThrow('fetch failed');
    expect(await city()).toBe('Ulm');
    expect(await control('GET', '/requests?status=0')).toMatchObject({ matched: 1 });
  });
});

describe('rule 23: answers lost after the work', () => {
  test('the connection breaks', async () => {
    const { write, city } = await underFault({ kind: 'drop', commit: true });
    await expect(write()).rejects.toThrow('fetch failed');
    expect(await city()).toBe('Bonn');
  });

  test('the connection breaks in the middle of the answer', async () => {
    const { write, city } = await underFault({ kind: 'drop', midway: true });
    await expect(write()).rejects.toThrow('terminated');
    expect(await city()).toBe('Bonn');
  });

  test.each([
    [{ kind: 'internal_error', commit: true }, 500],
    [{ kind: 'gateway', commit: true }, 502],
    [{ kind: 'timeout', afterMs: 1, commit: true }, 524],
    [{ kind: 'empty_answer', commit: true }, 200],
    [{ kind: 'empty_results', commit: true }, 200],
    [{ kind: 'status', status: 503, commit: true }, 503],
  ] satisfies readonly (readonly [Effect, number])[])('%j', async (effect, status) => {
    const { write, city } = await underFault(effect);
    expect((await write()).status).toBe(status);
    expect(await city()).toBe('Bonn');
  });

  test('an empty 200 has neither body nor content type', async () => {
    const { write } = await underFault({ kind: 'empty_answer' });
    const answer = await write();
    expect(answer).toMatchObject({ status: 200, body: null });
    expect(answer.headers.has('content-type')).toBe(false);
  });

  test('JSON stops in the middle', async () => {
    const { write, city } = await underFault({ kind: 'broken_json' });
    await expect(write()).rejects.toThrow(SyntaxError);
    expect(await city()).toBe('Bonn');
  });
});

describe('answers that tell less than was done', () => {
  test('results are missing', async () => {
    const { batch, seed, fault } = await sandboxClient();
    const ids = await seed('contacts', ...['a', 'b', 'c'].map((name) => ({ email: `${name}@example.com` })));
    await fault({ effect: { kind: 'missing_results', count: 2 } });
    const answer = await batch(
      'contacts update',
      ids.map((id) => ({ id, properties: { city: 'Bonn' } })),
    );
    expect(answer.status).toBe(200);
    expect(resultIds(answer)).toHaveLength(1);
  });

  test('results come without objectWriteTraceId', async () => {
    const { write, id, city } = await underFault({ kind: 'no_trace_ids' });
    const [result] = batchBody(await write()).results;
    expect(result).toMatchObject({ id });
    expect(result).not.toHaveProperty('objectWriteTraceId');
    expect(await city()).toBe('Bonn');
  });

  test('207 with an empty list of errors, whether there were some or none', async () => {
    const { write, batch } = await underFault({ kind: 'empty_errors' });
    expect(await write()).toMatchObject({ status: 207, body: { numErrors: 0, errors: [] } });
    const unknown = await batch('contacts update', [{ id: '1', properties: {} }]);
    expect(unknown).toMatchObject({ status: 207, body: { results: [], errors: [] } });
  });
});

describe('rule 14: conflicts keyed to records', () => {
  test('refuse every batch that names one of them by id or value, and no other', async () => {
    const { batch, fault, control } = await sandboxClient();
    await fault({ match: { path: 'batch/upsert' }, effect: { kind: 'conflict', records: ['Poison@example.com'] } });
    const upsert = (...emails: readonly string[]) =>
      batch(
        'contacts upsert',
        emails.map((id, n) => ({ id, idProperty: 'email', properties: {}, objectWriteTraceId: `${n}` })),
      );
    expect(await upsert('a@example.com', 'poison@example.com')).toMatchObject({
      status: 409,
      body: { category: 'CONFLICT' },
    });
    expect(await control('GET', '/records?object=contacts')).toMatchObject({ total: 0 });
    expect((await upsert('a@example.com')).status).toBe(200);
    expect((await upsert('poison@example.com')).status).toBe(409);
  });
});

describe('records that vanish', () => {
  test.each(['delete', 'merge'] as const)('by %s between one call and the next', async (how) => {
    const { write, batch, id, control } = await underFault({ kind: 'vanish', how }, { times: 1 });
    expect(await write()).toMatchObject({ status: 207, body: { results: [], errors: [{ context: { ids: [id] } }] } });
    const found = await batch('contacts read', [{ id: 'a@example.com' }], { idProperty: 'email' });
    if (how === 'delete') expect(found).toMatchObject({ status: 207, body: { results: [] } });
    else expect(resultIds(found)).not.toEqual([id]);
    expect(await control('GET', '/writes?object=contacts')).toMatchObject({ created: 0 });
  });
});

describe('when a fault strikes', () => {
  const statuses = async (fault: Omit<FaultInput, 'effect'>, count: number) => {
    const { fault: add, call } = await sandboxClient({ settings: { limits: { burstPer10s: null } } });
    await add({ ...fault, effect: { kind: 'internal_error' } });
    const seen: number[] = [];
    for (let n = 0; n < count; n++) seen.push((await call('GET', '/crm/v3/objects/contacts')).status);
    return seen;
  };

  test('is a matter of the n-th request', async () => {
    expect(await statuses({ nth: 2 }, 3)).toEqual([200, 500, 200]);
  });

  test('is a matter of what came before and how often', async () => {
    expect(await statuses({ after: 1, times: 2 }, 5)).toEqual([200, 500, 500, 200, 200]);
  });

  test('is chance that a seed repeats', async () => {
    const some = await statuses({ probability: 0.5, seed: 7 }, 40);
    expect(await statuses({ probability: 0.5, seed: 7 }, 40)).toEqual(some);
    expect(await statuses({ probability: 0.5, seed: 8 }, 40)).not.toEqual(some);
    expect(new Set(some)).toEqual(new Set([200, 500]));
    expect(await statuses({ probability: 0 }, 5)).toEqual([200, 200, 200, 200, 200]);
  });

  test('is a matter of method, path and body', async () => {
    const { fault, call } = await sandboxClient();
    await fault({ match: { method: 'post', path: 'companies/batch', body: 'acme' }, effect: { kind: 'locked' } });
    const post = (path: string, body: object) => call('POST', path, body).then(({ status }) => status);
    const update = '/crm/v3/objects/companies/batch/update';
    expect(await post(update, { inputs: [{ id: 'acme', properties: {} }] })).toBe(423);
    expect(await post(update, { inputs: [] })).toBe(200);
    expect(await post('/crm/v3/objects/contacts/batch/update', { inputs: [{ id: 'acme', properties: {} }] })).toBe(207);
    expect((await call('GET', '/crm/v3/objects/companies')).status).toBe(200);
  });

  test('the first one decides, and delays come on top', async () => {
    const { fault, call, control } = await sandboxClient();
    await fault({ id: 'slow', effect: { kind: 'delay', ms: 1 } });
    await fault({ id: 'first', effect: { kind: 'locked' }, times: 1 });
    await fault({ id: 'second', effect: { kind: 'internal_error' } });
    const statuses = [];
    for (let n = 0; n < 2; n++) statuses.push((await call('GET', '/crm/v3/objects/contacts')).status);
    expect(statuses).toEqual([423, 500]);
    expect(await control('GET', '/faults')).toMatchObject({
      faults: [
        { id: 'slow', struck: 2 },
        { id: 'first', struck: 1, matched: 1 + 1 },
        { id: 'second', struck: 1 },
      ],
    });
    expect(await control('GET', '/requests?fault=first')).toMatchObject({ matched: 1, requests: [{ status: 423 }] });
    await control('DELETE', '/faults/second');
    expect((await call('GET', '/crm/v3/objects/contacts')).status).toBe(200);
    await control('DELETE', '/faults');
    expect(await control('GET', '/faults')).toEqual({ faults: [] });
  });

  test('a fault that the language does not know is refused', async () => {
    const { call } = await sandboxClient();
    for (const fault of [
      {},
      { effect: { kind: 'nonsense' } },
      { effect: { kind: 'locked' }, nht: 3 },
      { match: { path: '(' }, effect: { kind: 'locked' } },
    ]) {
      expect(await call('POST', '/_sandbox/faults', fault)).toMatchObject({
        status: 400,
        body: { error: expect.any(String) },
      });
    }
  });
});

describe('latency', () => {
  test('is waited for before the work, and ends with the sandbox', async () => {
    const sandbox = await sandboxClient({ settings: { latencyMs: [600_000, 700_000] } });
    const waiting = expect(sandbox.call('GET', '/crm/v3/objects/contacts')).rejects.toThrow('fetch failed');
    await expect
      .poll(async () => sandbox.control('GET', '/requests').then((log) => (log as { total: number }).total))
      .toBe(1);
    await sandbox.close();
    await waiting;
  });
});
