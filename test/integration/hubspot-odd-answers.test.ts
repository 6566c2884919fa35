import { afterEach, describe, expect, it } from 'vitest';
import { connectHubSpot } from '../../src/hubspot/connect-hubspot.ts';
import type { HubSpot } from '../../src/hubspot/types.ts';
import { InstantClock } from '../support/instant-clock.ts';
import { type ScriptedHubSpot, type ScriptedReply, scriptedHubSpot } from '../support/scripted-hubspot.ts';

interface Input {
  readonly id?: string;
  readonly objectWriteTraceId?: string;
  readonly properties?: Readonly<Record<string, string>>;
}

interface BatchRequest {
  readonly operation: string;
  readonly inputs: readonly Input[];
  readonly ids: readonly string[];
}

const open: { close(): Promise<void> }[] = [];

/** A HubSpot that a test makes up from the batches it gets. */
async function made(
  answer: (batch: BatchRequest) => ScriptedReply,
): Promise<{ hubspot: HubSpot; server: ScriptedHubSpot }> {
  const server = await scriptedHubSpot(({ path, body }) => {
    const { inputs = [] } = body as { inputs?: readonly Input[] };
    return answer({ operation: path.split('/').at(-1) ?? '', inputs, ids: inputs.map(({ id }) => id ?? '') });
  });
  const hubspot = connectHubSpot({
    baseUrl: server.url,
    token: 'pat-test',
    apiVersion: 'v3',
    dailyReserveRatio: 0,
    clock: new InstantClock(),
    burstPer10s: 100_000,
  });
  open.push(hubspot, server);
  return { hubspot, server };
}

const answer = (results: readonly unknown[], errors: readonly unknown[] = []): ScriptedReply => ({
  status: errors.length > 0 ? 207 : 200,
  json: { status: 'COMPLETE', results, ...(errors.length > 0 && { errors }) },
});
const notFound = (ids: readonly string[]) => ({
  status: 'error',
  category: 'OBJECT_NOT_FOUND',
  message: 'Could not get some',
  context: { ids },
});
const refused = (status: number, message: string, category = 'VALIDATION_ERROR'): ScriptedReply => ({
  status,
  json: { status: 'error', message, category, correlationId: 'c-1' },
});
const contact = (id: string, email: string) => ({ id, properties: { email } });

const rows = (size: number) =>
  Array.from({ length: size }, (_, index) => ({
    traceId: `row-${index}`,
    recordId: String(index),
    properties: { score: '1' },
  }));
const people = (size: number) =>
  Array.from({ length: size }, (_, index) => ({
    traceId: `row-${index}`,
    matchValue: `p${index}@acme.example`,
    properties: { score: '1' },
  }));
const resolveEmails = (hubspot: HubSpot, values: readonly string[]) =>
  hubspot.records.resolve({ object: 'contacts', property: 'email', values, properties: [] });

afterEach(async () => {
  for (const part of open.splice(0)) await part.close();
});

describe('an odd answer to a batch read', () => {
  it('with a value that HubSpot rewrote is asked again for the value alone', async () => {
    const { hubspot, server } = await made(({ ids }) =>
      answer(
        ids.flatMap((id) =>
          id === 'j.o@acme.example'
            ? [contact('1', 'jo@acme.example')]
            : id === 'al@acme.example'
              ? [contact('2', id)]
              : [],
        ),
      ),
    );
    const found = await resolveEmails(hubspot, ['j.o@acme.example', 'al@acme.example', 'xx@acme.example']);
    expect(
      [...found].map(([value, resolution]) => [value, resolution.kind === 'found' && resolution.recordId]),
    ).toEqual([
      ['j.o@acme.example', '1'],
      ['al@acme.example', '2'],
    ]);
    expect(server.requests).toHaveLength(3);
  });

  it('that leaves values out is asked once more for those', async () => {
    let count = 0;
    const { hubspot } = await made(({ ids }) => {
      count += 1;
      return answer(count === 1 ? [] : ids.map((id, index) => contact(String(index), id)));
    });
    expect((await resolveEmails(hubspot, ['a@acme.example', 'b@acme.example'])).size).toBe(2);
    expect(count).toBe(2);
  });

  it('refused for one value does not hide the others', async () => {
    const { hubspot } = await made(({ ids }) =>
      ids.includes('bad') ? refused(400, 'bad is no e-mail address') : answer(ids.map((id) => contact(id, id))),
    );
    const found = await resolveEmails(hubspot, ['a@acme.example', 'bad', 'b@acme.example', 'c@acme.example']);
    expect([...found.keys()]).toEqual(['a@acme.example', 'b@acme.example', 'c@acme.example']);
  });

  it('refused for every value is an error, and not an account without records', async () => {
    const { hubspot } = await made(() => refused(400, 'Unable to perform read by non-unique 0-1 property email'));
    await expect(resolveEmails(hubspot, ['a@acme.example', 'b@acme.example', 'c@acme.example'])).rejects.toMatchObject({
      code: 'DESTINATION_REFUSED',
    });
  });
});

describe('an odd answer to a search', () => {
  it('with more results than can be paged through is asked in halves', async () => {
    const asked: string[][] = [];
    const server = await scriptedHubSpot(({ body }) => {
      const { filterGroups } = body as { filterGroups: { filters: { values: string[] }[] }[] };
      const values = filterGroups[0]?.filters[0]?.values ?? [];
      asked.push(values);
      const total = values.length > 2 ? 10_001 : values.length;
      return { json: { total, results: values.map((domain) => ({ id: domain, properties: { domain } })) } };
    });
    const hubspot = connectHubSpot({
      baseUrl: server.url,
      token: 't',
      apiVersion: 'v3',
      dailyReserveRatio: 0,
      clock: new InstantClock(),
    });
    open.push(hubspot, server);
    const values = ['a.example', 'b.example', 'c.example', 'd.example'];
    const found = await hubspot.records.resolve({ object: 'companies', property: 'domain', values, properties: [] });
    expect([...found.keys()]).toEqual(values);
    expect(asked.map(({ length }) => length).toSorted()).toEqual([2, 2, 4]);
  });
});

describe('an odd answer to an update', () => {
  it('with a text where a list belongs is still understood', async () => {
    const { hubspot } = await made(({ inputs }) =>
      answer(
        inputs.slice(1).map(({ id, objectWriteTraceId }) => ({ id, objectWriteTraceId, properties: {} })),
        [{ status: 'error', category: 'VALIDATION_ERROR', message: 'bad', context: { objectWriteTraceId: 'row-0' } }],
      ),
    );
    const outcomes = await hubspot.records.write({ kind: 'update', object: 'contacts', records: rows(3) });
    expect(outcomes.map(({ kind }) => kind)).toEqual(['rejected', 'accepted', 'accepted']);
  });

  it('with an error that names no row is split until the row is found', async () => {
    const { hubspot } = await made(({ inputs }) =>
      answer(
        inputs.filter(({ id }) => id !== '5').map(({ id }) => ({ id, properties: {} })),
        inputs.some(({ id }) => id === '5')
          ? [{ status: 'error', category: 'VALIDATION_ERROR', message: 'something is bad' }]
          : [],
      ),
    );
    const outcomes = await hubspot.records.write({ kind: 'update', object: 'contacts', records: rows(8) });
    expect(outcomes.map(({ kind }) => kind)).toEqual(
      rows(8).map((_, index) => (index === 5 ? 'rejected' : 'accepted')),
    );
  });

  it.each([404, 405, 301])('of status %i without a reason blames no row: the run ends', async (status) => {
    const { hubspot, server } = await made(() => ({ status, text: '<html>not here</html>' }));
    const outcomes = await hubspot.records.write({ kind: 'update', object: 'contacts', records: rows(8) });
    const failure = { code: 'DESTINATION_REFUSED' };
    expect(outcomes).toMatchObject(rows(8).map(() => ({ kind: 'deferred', failure })));
    expect(server.requests).toHaveLength(1);
  });

  it('counts nothing as accepted that no result names, whatever the status says (facts 5)', async () => {
    const { hubspot } = await made(({ operation, ids }) =>
      operation === 'read'
        ? answer(ids.map((id) => ({ id, properties: {} })))
        : { status: 202, json: { status: 'PENDING' } },
    );
    const outcomes = await hubspot.records.write({ kind: 'update', object: 'contacts', records: rows(2) });
    expect(outcomes.map(({ kind }) => kind)).toEqual(['deferred', 'deferred']);
  });
});

describe('a create that is refused as a whole because some exist', () => {
  it('finds them all with one read, updates them and creates the rest', async () => {
    const existing = new Map([
      ['p1@acme.example', '101'],
      ['p4@acme.example', '104'],
    ]);
    const { hubspot, server } = await made(({ operation, inputs, ids }) => {
      const emails = inputs.map(({ properties }) => properties?.email ?? '');
      switch (operation) {
        case 'create': {
          const clash = emails.find((email) => existing.has(email));
          if (clash !== undefined)
            return refused(409, `Contact already exists. Existing ID: ${existing.get(clash)}`, 'CONFLICT');
          return answer(emails.map((email) => ({ id: `new-${email}`, properties: { email } })));
        }
        case 'read':
          return answer(
            ids.flatMap((email) => (existing.has(email) ? [contact(existing.get(email) ?? '', email)] : [])),
            [notFound(ids.filter((email) => !existing.has(email)))],
          );
        default:
          return answer(ids.map((id) => ({ id, properties: {} })));
      }
    });
    const outcomes = await hubspot.records.write({
      kind: 'create',
      object: 'contacts',
      matchProperty: 'email',
      records: people(6),
    });
    expect(outcomes).toEqual(
      people(6).map(({ matchValue }) => {
        const recordId = existing.get(matchValue);
        return { kind: 'accepted', recordId: recordId ?? `new-${matchValue}`, created: recordId === undefined };
      }),
    );
    expect(server.requests.map(({ path }) => path.split('/').at(-1))).toEqual(['create', 'read', 'update', 'create']);
  });
});
