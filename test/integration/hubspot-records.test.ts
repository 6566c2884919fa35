import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectHubSpot } from '../../src/hubspot/connect-hubspot.ts';
import { scorelineKeyProperty } from '../../src/hubspot/records/scoreline-key.ts';
import type { HubSpot, RecordCreate, RecordUpdate, WriteOutcome } from '../../src/hubspot/types.ts';
import { type ControlledSandbox, controlledSandbox } from '../support/controlled-sandbox.ts';
import { InstantClock } from '../support/instant-clock.ts';

let sandbox: ControlledSandbox;
let hubspot: HubSpot;

const emails = (count: number) => Array.from({ length: count }, (_, index) => `person${index}@acme.example`);
const kinds = (outcomes: readonly WriteOutcome[]) => outcomes.map(({ kind }) => kind);
const count = (outcomes: readonly WriteOutcome[], kind: WriteOutcome['kind']) =>
  kinds(outcomes).filter((each) => each === kind).length;

const tier = {
  name: 'lead_tier',
  label: 'Lead tier',
  description: '',
  type: 'enumeration',
  fieldType: 'select',
  groupName: 'contactinformation',
  options: [
    { value: 'hot', label: 'Hot' },
    { value: 'cold', label: 'Cold' },
  ],
};
const score = {
  name: 'lead_score',
  label: 'Lead score',
  description: '',
  type: 'number',
  fieldType: 'number',
  groupName: 'contactinformation',
};

const update = (records: readonly RecordUpdate[], object = 'contacts') =>
  hubspot.records.write({ kind: 'update', object, records });
const createContacts = (records: readonly RecordCreate[]) =>
  hubspot.records.write({ kind: 'create', object: 'contacts', matchProperty: 'email', records });
const createCompanies = (records: readonly RecordCreate[]) =>
  hubspot.records.write({ kind: 'create', object: 'companies', matchProperty: 'domain', records });

beforeEach(async () => {
  sandbox = await controlledSandbox({ settings: { limits: { burstPer10s: null, searchPerSecond: null } } });
  hubspot = connectHubSpot({
    baseUrl: sandbox.url,
    token: sandbox.token,
    apiVersion: 'v3',
    burstPer10s: 1_000_000,
    dailyReserveRatio: 0,
    clock: new InstantClock(),
  });
  await hubspot.schema.createProperty('contacts', tier);
  await hubspot.schema.createProperty('contacts', score);
  await hubspot.schema.createProperty('companies', { ...score, groupName: 'companyinformation' });
  await hubspot.schema.createProperty('companies', { ...scorelineKeyProperty, groupName: 'companyinformation' });
});

afterEach(async () => {
  await hubspot.close();
  await sandbox.close();
});

async function seedContacts(size: number): Promise<readonly string[]> {
  return sandbox.seed(
    'contacts',
    emails(size).map((email) => ({ email })),
  );
}

const updates = (ids: readonly string[]): RecordUpdate[] =>
  ids.map((recordId, index) => ({
    traceId: `row-${index}`,
    recordId,
    properties: { lead_score: String(index), lead_tier: 'hot' },
  }));

describe('resolving contacts', () => {
  it('finds them by e-mail in any case, 100 in a call, and leaves out those that are missing (facts 4, 12)', async () => {
    const ids = await seedContacts(150);
    const values = [...emails(150).map((email) => email.toUpperCase()), 'nobody@acme.example', ''];
    const found = await hubspot.records.resolve({ object: 'contacts', property: 'email', values, properties: [] });
    expect(found.size).toBe(150);
    expect(values.slice(0, 150).map((value) => found.get(value))).toEqual(
      ids.map((recordId) => ({ kind: 'found', recordId, properties: {} })),
    );
    expect(await sandbox.requests(/batch\/read/)).toHaveLength(2);
  });

  it('knows secondary addresses, and brings the properties asked for (facts 12, 29)', async () => {
    const [id] = await sandbox.seed('contacts', [
      { email: 'main@acme.example', hs_additional_emails: 'old@acme.example;older@acme.example', lead_tier: 'hot' },
    ]);
    const values = ['Older@acme.example', 'main@acme.example'];
    const found = await hubspot.records.resolve({
      object: 'contacts',
      property: 'email',
      values,
      properties: ['lead_tier', 'lead_score'],
    });
    const resolution = { kind: 'found', recordId: id, properties: { lead_tier: 'hot', lead_score: null } };
    expect([...found]).toEqual(values.map((value) => [value, resolution]));
  });
});

describe('resolving many', () => {
  it('stops asking when it cannot go on', async () => {
    await sandbox.addFaults({ match: { path: 'batch/read' }, effect: { kind: 'unauthorized' } });
    const values = emails(10_000);
    const resolving = hubspot.records.resolve({ object: 'contacts', property: 'email', values, properties: [] });
    await expect(resolving).rejects.toMatchObject({ code: 'DESTINATION_UNAUTHORIZED' });
    expect((await sandbox.requests(/batch\/read/)).length).toBeLessThanOrEqual(40);
  });
});

describe('resolving companies', () => {
  it('finds them by domain with searches of full bodies, and names both records of a shared domain (facts 20, 22)', async () => {
    const domains = Array.from({ length: 300 }, (_, index) => `company-${index}.example`);
    const ids = await sandbox.seed(
      'companies',
      domains.map((domain) => ({ domain })),
    );
    const [twin] = await sandbox.seed('companies', [{ domain: 'company-7.example' }]);
    const values = [...domains.map((domain) => domain.toUpperCase()), 'unknown.example'];
    const found = await hubspot.records.resolve({ object: 'companies', property: 'domain', values, properties: [] });
    expect(found.size).toBe(300);
    expect(found.get('COMPANY-0.EXAMPLE')).toEqual({ kind: 'found', recordId: ids[0], properties: {} });
    const shared = found.get('COMPANY-7.EXAMPLE');
    expect(shared?.kind === 'ambiguous' && shared.recordIds.toSorted()).toEqual([ids[7], twin].toSorted());
    // 22 characters a value: about 120 in 3,000.
    expect(await sandbox.requests(/companies\/search/)).toHaveLength(3);
  });

  it('reads the properties of what it found, not those of the index', async () => {
    const [id] = await sandbox.seed('companies', [{ domain: 'one.example', lead_score: '5' }]);
    await sandbox.change({ searchDelayMs: 30_000 });
    await sandbox.advanceClock(60_000);
    await update([{ traceId: 't', recordId: id ?? '', properties: { lead_score: '6' } }], 'companies');
    const found = await hubspot.records.resolve({
      object: 'companies',
      property: 'domain',
      values: ['one.example'],
      properties: ['lead_score'],
    });
    expect(found.get('one.example')).toEqual({ kind: 'found', recordId: id, properties: { lead_score: '6' } });
  });

  it('pages through more results than fit on one page', async () => {
    const values = ['many.example', 'single.example'];
    await sandbox.seed(
      'companies',
      Array.from({ length: 450 }, () => ({ domain: 'many.example' })),
    );
    const [single] = await sandbox.seed('companies', [{ domain: 'single.example' }]);
    const found = await hubspot.records.resolve({ object: 'companies', property: 'domain', values, properties: [] });
    const many = found.get('many.example');
    expect(many?.kind === 'ambiguous' && many.recordIds.length).toBe(450);
    expect(found.get('single.example')).toMatchObject({ recordId: single });
  });
});

describe('updating records', () => {
  it.each([true, false])(
    'takes each outcome from the answer, in the order of the inputs (trace ids echoed: %s)',
    async (traceIdsEchoed) => {
      await sandbox.change({ switches: { traceIdsEchoed } });
      const ids = await seedContacts(100);
      const outcomes = await update(updates(ids));
      expect(outcomes).toEqual(ids.map((recordId) => ({ kind: 'accepted', recordId, created: false })));
      const records = await sandbox.records('contacts');
      expect(records.map(({ writes, properties }) => [writes, properties.lead_score])).toEqual(
        ids.map((_, index) => [1, String(index)]),
      );
      expect(await sandbox.requests(/batch\/update/)).toHaveLength(1);
    },
  );

  it('tells rejected and vanished rows from the rest (facts 9, 11, 17)', async () => {
    const ids = await seedContacts(6);
    const rows = updates([...ids, '999999']).map((row, index) => {
      const properties: Record<string, string> =
        index === 1
          ? { lead_tier: 'lukewarm' }
          : index === 2
            ? { no_such: '1' }
            : index === 3
              ? { lead_score: 'many' }
              : index === 4
                ? { createdate: '2026-01-01' }
                : row.properties;
      return { ...row, properties };
    });
    const outcomes = await update(rows);
    expect(kinds(outcomes)).toEqual([
      'accepted',
      'rejected',
      'rejected',
      'rejected',
      'rejected',
      'accepted',
      'vanished',
    ]);
    const rejections = outcomes.flatMap((outcome) => (outcome.kind === 'rejected' ? [outcome.rejection] : []));
    expect(rejections.map(({ property }) => property)).toEqual(['lead_tier', 'no_such', 'lead_score', 'createdate']);
    expect(rejections[0]).toMatchObject({
      category: 'VALIDATION_ERROR',
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(rejections[0]?.message).toBe(
      'lead_tier: lukewarm was not one of the allowed options: [hot, cold] (INVALID_OPTION)',
    );
    expect(outcomes[6]).toMatchObject({ rejection: { category: 'OBJECT_NOT_FOUND' } });
  });

  it('splits a batch that is refused as a whole, and writes every good row once (facts 8)', async () => {
    await sandbox.change({ switches: { tracedUpdateIsPartial: false } });
    const ids = await seedContacts(100);
    const bad = new Set([3, 57, 58]);
    const outcomes = await update(
      updates(ids).map((row, index) => (bad.has(index) ? { ...row, properties: { lead_tier: 'lukewarm' } } : row)),
    );
    expect(kinds(outcomes)).toEqual(ids.map((_, index) => (bad.has(index) ? 'rejected' : 'accepted')));
    const records = await sandbox.records('contacts');
    expect(records.map(({ writes }) => writes)).toEqual(ids.map((_, index) => (bad.has(index) ? 0 : 1)));
    expect((await sandbox.requests(/batch\/update/)).length - 1).toBeLessThanOrEqual(2 * 3 * (1 + Math.log2(100 / 3)));
  });

  it('isolates the records of a conflict (facts 14)', async () => {
    const ids = await seedContacts(10);
    await sandbox.addFaults({ match: { path: 'batch/update' }, effect: { kind: 'conflict', records: [ids[4] ?? ''] } });
    const outcomes = await update(updates(ids));
    expect(kinds(outcomes)).toEqual(ids.map((_, index) => (index === 4 ? 'rejected' : 'accepted')));
  });

  it('never sends one record twice in a batch (facts 6)', async () => {
    const [id = ''] = await seedContacts(1);
    const rows = ['1', '2', '3'].map((value) => ({ traceId: value, recordId: id, properties: { lead_score: value } }));
    expect(count(await update(rows), 'accepted')).toBe(3);
    expect((await sandbox.requests(/batch\/update/)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await sandbox.records('contacts'))[0]?.properties.lead_score).toBe('3');
  });

  it.each([
    ['names no results', { kind: 'empty_results' }],
    ['is empty though it was carried out', { kind: 'empty_results', commit: true }],
  ] as const)('does not count as accepted what an answer that %s passes over (facts 5)', async (_, effect) => {
    const ids = await seedContacts(3);
    await sandbox.addFaults({ match: { path: 'batch/update' }, times: 1, effect });
    expect(kinds(await update(updates(ids)))).toEqual(['deferred', 'deferred', 'deferred']);
    expect(count(await update(updates(ids)), 'accepted')).toBe(3);
  });

  it('defers the rows whose results are missing', async () => {
    const ids = await seedContacts(10);
    await sandbox.addFaults({
      match: { path: 'batch/update' },
      times: 1,
      effect: { kind: 'missing_results', count: 2 },
    });
    const outcomes = await update(updates(ids));
    expect([count(outcomes, 'accepted'), count(outcomes, 'deferred')]).toEqual([8, 2]);
  });

  it('asks after ids that the answer passes over: unknown ones have vanished (facts 11)', async () => {
    await sandbox.change({ switches: { unknownIdsUnmentioned: true } });
    const [id = ''] = await seedContacts(1);
    const outcomes = await update(updates([id, '999999']));
    expect(kinds(outcomes)).toEqual(['accepted', 'vanished']);
  });

  it('reports merged ids as vanished (facts 19)', async () => {
    const [winner = '', loser = ''] = await seedContacts(2);
    await sandbox.merge('contacts', winner, loser);
    expect(kinds(await update(updates([winner, loser])))).toEqual(['accepted', 'vanished']);
  });

  it('repeats an update whose answer was lost', async () => {
    const ids = await seedContacts(3);
    await sandbox.addFaults({ match: { path: 'batch/update' }, times: 1, effect: { kind: 'drop', commit: true } });
    expect(count(await update(updates(ids)), 'accepted')).toBe(3);
    expect((await sandbox.records('contacts')).map(({ changes }) => changes)).toEqual([1, 1, 1]);
  });

  it('writes deals and custom objects by their ids as well', async () => {
    const [deal = ''] = await sandbox.seed('deals', [{ dealname: 'Big one' }]);
    expect(await update([{ traceId: 't', recordId: deal, properties: { dealname: 'Bigger one' } }], 'deals')).toEqual([
      { kind: 'accepted', recordId: deal, created: false },
    ]);
  });
});

const people = (size: number): RecordCreate[] =>
  emails(size).map((email, index) => ({
    traceId: `row-${index}`,
    matchValue: email,
    properties: { lead_score: String(index) },
  }));

describe('creating contacts', () => {
  it('creates each once and updates those that exist, by primary or secondary address (facts 13)', async () => {
    await sandbox.seed('contacts', [
      { email: 'person1@acme.example' },
      { email: 'main@acme.example', hs_additional_emails: 'person2@acme.example' },
    ]);
    const outcomes = await createContacts(people(4));
    expect(outcomes.map((outcome) => outcome.kind === 'accepted' && outcome.created)).toEqual([
      true,
      false,
      false,
      true,
    ]);
    const records = await sandbox.records('contacts');
    expect(records).toHaveLength(4);
    expect(new Set(records.map(({ properties }) => properties.email))).toEqual(
      new Set(['person0@acme.example', 'person1@acme.example', 'main@acme.example', 'person3@acme.example']),
    );
    expect(records.map(({ writes }) => writes)).toEqual([1, 1, 1, 1]);
  });

  it('rejects an address that HubSpot refuses, without repeating it in the message', async () => {
    const outcomes = await createContacts([
      ...people(1),
      { traceId: 'bad', matchValue: 'Jo.Doe at acme', properties: { lead_score: '1' } },
    ]);
    expect(kinds(outcomes)).toEqual(['accepted', 'rejected']);
    const [, bad] = outcomes;
    const rejection = bad?.kind === 'rejected' ? bad.rejection : undefined;
    expect(rejection?.category).toBe('VALIDATION_ERROR');
    expect(rejection?.message).toContain('INVALID_EMAIL');
    expect(rejection?.message.toLowerCase()).not.toContain('jo.doe');
  });

  it.each([
    ['a connection that breaks after the work', { kind: 'drop', commit: true }],
    ['a connection that breaks in the middle of the answer', { kind: 'drop', commit: true, midway: true }],
    ['a 504 after the work', { kind: 'gateway', status: 504, commit: true }],
    ['an empty answer after the work', { kind: 'empty_answer', commit: true }],
    ['broken JSON', { kind: 'broken_json' }],
  ] as const)('creates nobody twice after %s', async (_, effect) => {
    await sandbox.addFaults({ match: { path: 'batch/create' }, times: 1, effect });
    const outcomes = await createContacts(people(50));
    expect(outcomes.every((outcome) => outcome.kind === 'accepted' && outcome.created)).toBe(true);
    const records = await sandbox.records('contacts');
    expect(records).toHaveLength(50);
    // The values were there already: nothing was written again.
    expect(records.every(({ writes }) => writes === 1)).toBe(true);
    expect(await sandbox.requests(/batch\/create/)).toHaveLength(1);
  });

  it.each([
    ['a connection that breaks before the work', { kind: 'drop' }],
    ['a 502 before the work', { kind: 'gateway', status: 502 }],
    ['a lock', { kind: 'locked' }],
    ['a limit', { kind: 'rate_limited' }],
  ] as const)('creates everybody after %s', async (_, effect) => {
    await sandbox.addFaults({ match: { path: 'batch/create' }, times: 1, effect });
    const outcomes = await createContacts(people(50));
    expect(outcomes.every((outcome) => outcome.kind === 'accepted' && outcome.created)).toBe(true);
    expect(await sandbox.records('contacts')).toHaveLength(50);
  });

  it('defers a create whose answers are lost again and again, and the next one finds the records', async () => {
    await sandbox.addFaults({ match: { path: 'batch/create' }, times: 3, effect: { kind: 'drop' } });
    expect(count(await createContacts(people(2)), 'deferred')).toBe(2);
    expect(count(await createContacts(people(2)), 'accepted')).toBe(2);
    expect(await sandbox.records('contacts')).toHaveLength(2);
  });

  it('sends two rows of one address one after the other', async () => {
    const outcomes = await createContacts([
      { traceId: 'a', matchValue: 'Jo@acme.example', properties: { lead_score: '1' } },
      { traceId: 'b', matchValue: 'jo@ACME.example', properties: { lead_score: '2' } },
    ]);
    expect(outcomes).toMatchObject([
      { kind: 'accepted', created: true },
      { kind: 'accepted', created: false },
    ]);
    expect((await sandbox.records('contacts'))[0]?.properties.lead_score).toBe('2');
  });

  it('says that the token was taken back in the middle', async () => {
    await sandbox.addFaults({ match: { path: 'batch/create' }, effect: { kind: 'unauthorized' } });
    const failure = expect.objectContaining({ code: 'DESTINATION_UNAUTHORIZED' });
    expect(await createContacts(people(1))).toEqual([{ kind: 'deferred', reason: expect.any(String), failure }]);
  });

  it('names the scope that is missing', async () => {
    await sandbox.addFaults({
      match: { path: 'batch/create' },
      effect: { kind: 'missing_scope', scope: 'crm.objects.contacts.write' },
    });
    const reason = expect.stringContaining('crm.objects.contacts.write');
    expect(await createContacts(people(1))).toMatchObject([{ kind: 'deferred', reason }]);
  });

  it('knows what became of the other parts of a batch when the token is taken back', async () => {
    const body = { status: 'error', category: 'VALIDATION_ERROR', message: 'Property values were not valid' };
    await sandbox.addFaults(
      { match: { path: 'batch/create', body: '"lead_score":"0"' }, effect: { kind: 'status', status: 400, body } },
      { match: { path: 'batch/create', body: '"lead_score":"1"' }, effect: { kind: 'unauthorized' } },
    );
    const outcomes = await createContacts(people(4));
    expect(kinds(outcomes)).toEqual(['rejected', 'deferred', 'accepted', 'accepted']);
    expect(outcomes[1]).toMatchObject({ failure: { code: 'DESTINATION_UNAUTHORIZED' } });
    expect(await sandbox.records('contacts')).toHaveLength(2);
  });
});

const firms = (size: number): RecordCreate[] =>
  Array.from({ length: size }, (_, index) => ({
    traceId: `row-${index}`,
    matchValue: `Firm${index}.example`,
    properties: { lead_score: String(index) },
  }));

describe('creating companies', () => {
  it('goes by a unique key of our own, so that doing it again finds the first ones (facts 15)', async () => {
    const first = await createCompanies(firms(3));
    expect(first.map((outcome) => outcome.kind === 'accepted' && outcome.created)).toEqual([true, true, true]);
    const again = await createCompanies(firms(3));
    expect(again.map((outcome) => outcome.kind === 'accepted' && outcome.created)).toEqual([false, false, false]);
    const records = await sandbox.records('companies');
    expect(records.map(({ properties }) => [properties.domain, properties.scoreline_key])).toEqual(
      [0, 1, 2].map((index) => [`firm${index}.example`, `firm${index}.example`]),
    );
  });

  it('creates none twice after a lost answer, though search lags', async () => {
    await sandbox.change({ searchDelayMs: 30_000 });
    await sandbox.addFaults({ match: { path: 'batch/upsert' }, times: 2, effect: { kind: 'drop', commit: true } });
    const outcomes = await createCompanies(firms(20));
    expect(outcomes.every((outcome) => outcome.kind === 'accepted' && outcome.created)).toBe(true);
    expect(await sandbox.records('companies')).toHaveLength(20);
  });

  it('reads a success that is told as 207 like any other (facts 10)', async () => {
    await sandbox.change({ switches: { tracedSuccessIs207: true } });
    expect(count(await createCompanies(firms(5)), 'accepted')).toBe(5);
  });

  it('isolates the company of a conflict in an upsert (facts 14)', async () => {
    await sandbox.addFaults({
      match: { path: 'batch/upsert' },
      effect: { kind: 'conflict', records: ['firm2.example'] },
    });
    const outcomes = await createCompanies(firms(8));
    expect(kinds(outcomes)).toEqual(firms(8).map((_, index) => (index === 2 ? 'rejected' : 'accepted')));
  });
});
