import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HubSpot } from '../../src/hubspot/types.ts';
import { type ControlledSandbox, controlledSandbox } from '../support/controlled-sandbox.ts';
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

/** Key → category and message of the rejection. */
async function refused() {
  const rows = await world.table('rejections');
  return Object.fromEntries(rows.map((row) => [row.model_key, `${row.category}: ${row.message}`]));
}

async function heldValue(email: string, name: string) {
  const records = await sandbox.records('contacts');
  return records.find(({ properties }) => properties.email === email)?.properties[name];
}

/** Rows of a value each, with the address `<key>@one.example`. */
function values(type: string, rows: Readonly<Record<string, string>>): Promise<void> {
  const list = Object.entries(rows).map(
    ([key, value]) => `('${key}', '${key}@one.example', cast(${value} as ${type}))`,
  );
  return world.score(
    `select *, cast(null as varchar) as tier from (values ${list.join(', ')}) v (lead_id, email, score)`,
  );
}

describe('values', () => {
  test('numbers that HubSpot cannot hold are rejected, the others arrive as plain decimals', async () => {
    await values('double', {
      nan: "'NaN'",
      infinite: "'Infinity'",
      below: "'-Infinity'",
      huge: '1e300',
      zero: "'-0.0'",
      large: '1e20',
      small: '-1e-9',
      third: '1.0/3',
    });
    const sync = leadSync({ properties: [scoreProperty] });
    expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 8, created: 4, rejected: 4, deferred: 0 });
    const why = 'INVALID_VALUE: The value of lead_score is not finite, or has too many digits';
    expect(await refused()).toEqual({ nan: why, infinite: why, below: why, huge: why });
    const held = await Promise.all(
      ['zero', 'large', 'small', 'third'].map((key) => heldValue(`${key}@one.example`, 'lead_score')),
    );
    expect(held).toEqual(['0', '100000000000000000000', '0', '0.333333']);
    expect(await world.run(sync, { hubspot })).toMatchObject({
      planned: 4,
      rejected: 4,
      newly_rejected: 0,
      unchanged: 4,
    });
  });

  test('decimals keep all of their digits', async () => {
    const digits = '99999999999999999999999999999999999.999';
    await values('decimal(38, 3)', { wide: `'${digits}'`, negative: "'-0.100'", none: 'null' });
    const sync = leadSync({ properties: [scoreProperty] });
    expect(await world.run(sync, { hubspot })).toMatchObject({ created: 3, rejected: 0 });
    expect(await heldValue('wide@one.example', 'lead_score')).toBe(digits);
    expect(await heldValue('negative@one.example', 'lead_score')).toBe('-0.1');
    expect((await heldValue('none@one.example', 'lead_score')) ?? null).toBeNull();
    expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 0, unchanged: 3 });
  });

  test('times without a year of four digits are rejected', async () => {
    await values('timestamptz', {
      never: "'infinity'",
      ancient: "timestamptz '0001-01-10 00:00:00+00' - interval 100 year",
      late: "'12026-01-01 00:00:00+00'",
      old: "'1815-06-18 11:35:00+00'",
    });
    const at = property('seen_at', { column: 'score', type: 'datetime', field: 'date' });
    const on = property('seen_on', { column: 'score', type: 'date', field: 'date' });
    expect(await world.run(leadSync({ properties: [at, on] }), { hubspot })).toMatchObject({ created: 1, rejected: 3 });
    expect((await refused()).never).toBe('INVALID_VALUE: The value of seen_at has no year of four digits');
    expect(await heldValue('old@one.example', 'seen_on')).toBe('1815-06-18');
  });

  test('text is cut at the limit with a marker, without breaking a character', async () => {
    await values('varchar', {
      long: "repeat('é', 70000)",
      brim: "repeat('x', 65536)",
      odd: `'a' || chr(0) || '\u202e🟢\ufeff\u0301"\\' || chr(10) || 'z ' || chr(9)`,
      empty: "''",
    });
    const sync = leadSync({ properties: [property('why', { column: 'score', field: 'textarea' })] });
    expect(await world.run(sync, { hubspot })).toMatchObject({ created: 4, rejected: 0 });
    const long = await heldValue('long@one.example', 'why');
    expect(long).toHaveLength(65_536);
    expect(long).toMatch(/^é+ … \[cut by Scoreline\]$/);
    expect(await heldValue('brim@one.example', 'why')).toBe('x'.repeat(65_536));
    expect(await heldValue('odd@one.example', 'why')).toBe('a\u0000\u202e🟢\ufeff\u0301"\\\nz');
    expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 0, unchanged: 4 });
  });

  test('a choice that is none of the options is rejected before it is sent', async () => {
    await values('varchar', { good: `'a;b "c"'`, bad: `'a'`, spaced: `' a;b "c"'` });
    const colour = property('colour', {
      column: 'score',
      type: 'enumeration',
      field: 'select',
      options: [{ value: 'a;b "c"', label: 'A' }],
    });
    expect(await world.run(leadSync({ properties: [colour] }), { hubspot })).toMatchObject({ created: 1, rejected: 2 });
    expect((await refused()).bad).toBe('INVALID_VALUE: The value of colour is none of its options');
  });

  test('match values that are missing, empty or shared make no record, and do not stop the others', async () => {
    await world.leads(
      ['1', 'ann@one.example', 1],
      ['2', ' ANN@one.example ', 2],
      ['3', null, 3],
      ['4', '', 4],
      ['5', '   ', 5],
      ['6', 'bob@two.example', 6],
      ['7', 'not an address', 7],
      ['8', 'a"b@x', 8],
      ['9', 'ünï@bücher.example', 9],
    );
    const sync = leadSync({ properties: [scoreProperty] });
    expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 6, created: 2, rejected: 4, unmatched: 3 });
    expect((await refused())['1']).toContain('The rows 1 and 2 have the same email');
    expect((await refused())['7']).toMatch(/^VALIDATION_ERROR: .*INVALID_EMAIL/);
    // An address is personal data, a malformed one too.
    expect((await refused())['7']).not.toContain('not an address');
    expect(await heldValue('ünï@bücher.example', 'lead_score')).toBe('9');
  });

  test('a lifecycle stage that would go backwards is rejected with the one that stays; the rest goes on (facts 18)', async () => {
    await sandbox.seed('contacts', [
      { email: 'ann@one.example', lifecyclestage: 'customer' },
      { email: 'bob@two.example', lifecyclestage: 'lead' },
    ]);
    await world.leads(['1', 'ann@one.example', 1, 'lead'], ['2', 'bob@two.example', 2, 'customer']);
    const stage = property('lifecyclestage', { column: 'tier', type: 'enumeration', field: 'radio', adopt: true });
    const sync = leadSync({
      properties: [
        scoreProperty,
        { ...stage, options: ['lead', 'customer'].map((value) => ({ value, label: value })) },
      ],
    });
    expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 2, updated: 1, rejected: 1 });
    expect(await refused()).toEqual({
      '1': "LIFECYCLE_STAGE_KEPT: HubSpot keeps the lifecycle stage customer: lead would be a step back. The row's other values were written",
    });
    expect(await heldValue('ann@one.example', 'lifecyclestage')).toBe('customer');
    expect(await heldValue('bob@two.example', 'lifecyclestage')).toBe('customer');
    expect(await world.run(sync, { hubspot })).toMatchObject({ planned: 0, unchanged: 1, waiting: 1 });
  });
});

describe('what does not fit is said while planning, and nothing is written:', () => {
  async function problems(sync: ReturnType<typeof leadSync>): Promise<readonly string[]> {
    const error = await world.plan(sync, { hubspot }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(await http.writeRequests()).toEqual([]);
    const { code, problems: found } = error as { code: string; problems: { message: string }[] };
    expect(code).toBe('SYNC_INVALID');
    return found.map(({ message }) => message);
  }

  test('properties that nobody may write, and those of a type that Scoreline does not know', async () => {
    await world.leads(['1', 'ann@one.example', 1, 'hot']);
    const fields = [
      property('createdate', { column: 'tier' }),
      property('phone', { column: 'tier', type: 'number', field: 'number' }),
      property('hs_object_id', { ...scoreProperty, name: 'hs_object_id' }),
    ];
    expect(
      await problems(leadSync({ properties: fields.map((each) => ({ ...each, column: 'score', type: 'number' })) })),
    ).toEqual([
      'HubSpot lets nobody write createdate: it is read-only',
      expect.stringMatching(/^phone exists in HubSpot with type (string|phone_number), the sync says number$/),
      'HubSpot lets nobody write hs_object_id: it is read-only',
    ]);
  });

  test('a column of the wrong type for its property, before HubSpot is asked', async () => {
    await world.leads(['1', 'ann@one.example', 1, 'hot']);
    const before = (await sandbox.requests()).length;
    expect(
      await problems(leadSync({ properties: [property('when', { column: 'tier', type: 'datetime', field: 'date' })] })),
    ).toEqual(['a property of type datetime cannot hold the column "tier", which is text (VARCHAR)']);
    expect(await sandbox.requests()).toHaveLength(before);
  });

  test('a list whose name a dynamic list has, whatever the case of its letters', async () => {
    await http.call('POST', '/crm/v3/lists', {
      name: 'hot LEADS',
      objectTypeId: '0-1',
      processingType: 'DYNAMIC',
      filterBranch: { filterBranchType: 'OR', filterBranches: [], filters: [] },
    });
    await world.leads(['1', 'ann@one.example', 1, 'hot']);
    const error = await world.plan(leadSync({ lists: [hotLeads] }), { hubspot }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'SYNC_INVALID',
      problems: [{ message: expect.stringContaining('"hot LEADS" by its own rules (it is dynamic)') }],
    });
  });
});

describe('the account', () => {
  test('a token revoked in mid-run ends the run; what was accepted is remembered, and a new token does the rest', async () => {
    await world.score(`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, i as score, 'cold' as tier
      from range(2500) r (i)`);
    await sandbox.addFaults({ match: { path: 'batch/create' }, effect: { kind: 'unauthorized' }, after: 5 });
    await expect(world.run(leadSync(), { hubspot })).rejects.toMatchObject({ code: 'DESTINATION_UNAUTHORIZED' });
    const accepted = (await world.table('ledger')).filter(({ outcome }) => outcome === 'created');
    expect(accepted.length).toBeGreaterThanOrEqual(500);
    await sandbox.clearFaults();
    const rest = await world.run(leadSync(), { hubspot });
    expect(rest).toMatchObject({ rejected: 0, deferred: 0 });
    const records = await sandbox.records('contacts');
    expect(records).toHaveLength(2500);
    expect(records.every(({ writes }) => writes === 1)).toBe(true);
  });

  test("another account's token starts from an empty snapshot, and the first one's is kept", async () => {
    const other = await controlledSandbox({ portalId: 4711 });
    const elsewhere = http.connect(other.token, { baseUrl: other.url });
    try {
      await world.leads(['1', 'ann@one.example', 1, 'hot']);
      expect(await world.run(leadSync(), { hubspot })).toMatchObject({ created: 1 });
      const plan = await world.plan(leadSync(), { hubspot: elsewhere });
      expect(plan).toMatchObject({ firstSync: true, portal: { portalId: 4711 }, rows: { creates: 1 } });
      expect(await world.apply(plan, { hubspot: elsewhere })).toMatchObject({ created: 1 });
      expect(await other.records('contacts')).toHaveLength(1);
      expect(await world.run(leadSync(), { hubspot })).toMatchObject({ planned: 0, unchanged: 1 });
    } finally {
      await other.close();
    }
  });

  test('no calls left today: deferred at the first one, and the next day does all of it', async () => {
    await world.leads(['1', 'ann@one.example', 1, 'hot']);
    await sandbox.change({ limits: { perDay: 0 } });
    await expect(world.plan(leadSync(), { hubspot })).rejects.toMatchObject({
      code: 'RUN_DEFERRED',
      details: { retryAt: expect.any(Date) },
    });
    expect(await sandbox.records('contacts')).toEqual([]);
    await sandbox.change({ limits: { perDay: 1000 } });
    const tomorrow = http.connect(sandbox.token);
    expect(
      await world.run(leadSync({ properties: [scoreProperty, tierProperty] }), { hubspot: tomorrow }),
    ).toMatchObject({
      created: 1,
    });
  });
});
