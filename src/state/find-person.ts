import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import type { Row } from '../warehouse/port.ts';
import { identityOf, isCaseless } from './identity.ts';
import { leftRecordKey } from './left-record.ts';
import { countOf, textOf } from './row-values.ts';
import { type State, stateTable } from './state.ts';

export interface PersonRequest {
  /** HubSpot's object, such as `contacts`. */
  readonly object: string;
  /** A match value: an e-mail address, a domain, a record id … */
  readonly value: string;
  /** Properties that records of the object are found by, beside those that the state knows of. */
  readonly properties: readonly string[];
  readonly signal?: AbortSignal;
}

/** Under what the state knows somebody. */
export interface Person {
  /** Salted hashes of the match values, those of the same records' other values among them. */
  readonly identities: readonly { readonly property: string; readonly hash: string }[];
  readonly records: readonly { readonly portalId: number; readonly recordId: string }[];
  /** Rows of models. */
  readonly keys: readonly { readonly portalId: number; readonly sync: string; readonly modelKey: string }[];
  /** Salted hashes of match values that these rows had before; by now they may be other people's. */
  readonly former: readonly string[];
}

/** Follows a match value to its records, from these to their other match values, and to all rows that stand for them. */
export async function findPerson(state: State, request: PersonRequest): Promise<Person> {
  const { object, value } = request;
  const asked = await readHashes(
    state,
    object,
    (await propertiesOf(state, request)).map((property) => ({ property, value })),
  );
  const records = await readRecords(state, request, hashesOf(asked));
  const ofRecords = await readIdentities(state, object, records);
  const recordIds = records.map(({ recordId }) => ({ property: 'hs_object_id', value: recordId }));
  const found = [...asked, ...ofRecords, ...(await readHashes(state, object, recordIds))];
  const identities = [...new Map(found.map((each) => [each.hash, each])).values()];
  const hashes = hashesOf(identities);
  const rows = await readKeys(state, object, hashes, records);
  const keys = [...rows, ...(await readLeft(state, rows))];
  const former = (await readHashesOfKeys(state, keys)).filter((hash) => !hashes.includes(hash));
  return { identities, records, keys, former };
}

type Identity = Person['identities'][number];
type KnownRecord = Person['records'][number];

function hashesOf(identities: readonly Identity[]): readonly string[] {
  return identities.map(({ hash }) => hash);
}

/** What the value may be a value of. */
async function propertiesOf(state: State, { object, properties, signal }: PersonRequest): Promise<readonly string[]> {
  const known = await query(
    state,
    sql`select distinct property from ${stateTable(state, 'identities')} where object = ${object}`,
    signal,
  );
  const usual = object === 'contacts' ? ['email'] : object === 'companies' ? ['domain'] : [];
  return [...new Set([...usual, ...properties, ...known.map((row) => textOf(row, 'property')), 'hs_object_id'])].sort();
}

async function readHashes(
  state: State,
  object: string,
  values: readonly { readonly property: string; readonly value: string }[],
): Promise<readonly Identity[]> {
  if (values.length === 0) return [];
  const { dialect } = state.warehouse;
  const each = values.map(({ property, value }) => {
    const text = isCaseless(property) ? value.trim().toLowerCase() : value.trim();
    const hash = identityOf(state, object, property, dialect.bind({ kind: 'text' }, text));
    return sql`select ${sql.lit(property)} as property, ${hash} as identity_id`;
  });
  const rows = await query(state, sql.join(each, sql` union all `));
  return rows.map((row) => ({ property: textOf(row, 'property'), hash: textOf(row, 'identity_id') }));
}

async function readRecords(
  state: State,
  { object, value }: PersonRequest,
  hashes: readonly string[],
): Promise<readonly KnownRecord[]> {
  const isTheirs = sql`t.object = ${object} and t.record_id is not null
  and (t.identity_id in ${state.warehouse.dialect.inList(hashes)} or t.record_id = ${value.trim()})`;
  const from = (table: 'identities' | 'snapshot') =>
    sql`select t.portal_id, t.record_id from ${stateTable(state, table)} t where ${isTheirs}`;
  const rows = await query(
    state,
    sql`${from('identities')} union distinct ${from('snapshot')}
union distinct select t.portal_id, t.record_id from ${stateTable(state, 'ledger')} t where t.list is null and ${isTheirs}`,
  );
  return rows.map((row) => ({ portalId: countOf(row, 'portal_id'), recordId: textOf(row, 'record_id') }));
}

async function readIdentities(
  state: State,
  object: string,
  records: readonly KnownRecord[],
): Promise<readonly Identity[]> {
  const rows = await query(
    state,
    sql`select property, identity_id from ${stateTable(state, 'identities')}
where object = ${object} and ${areRecords(records, 'identities')}`,
  );
  return rows.map((row) => ({ property: textOf(row, 'property'), hash: textOf(row, 'identity_id') }));
}

async function readKeys(
  state: State,
  object: string,
  hashes: readonly string[],
  records: readonly KnownRecord[],
): Promise<Person['keys']> {
  const isTheirs = sql`identity_id in ${state.warehouse.dialect.inList(hashes)}`;
  const from = (table: 'snapshot' | 'ledger' | 'rejections') => sql`select portal_id, sync, model_key
from ${stateTable(state, table)}
where model_key is not null and (${isTheirs} or (object = ${object} and ${areRecords(records, table)}))`;
  const rows = await query(
    state,
    sql`${from('snapshot')} union distinct ${from('ledger')} union distinct ${from('rejections')}
union distinct select n.portal_id, n.sync, p.model_key from ${stateTable(state, 'plan_rows')} p
join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
where p.model_key is not null and p.${isTheirs}`,
  );
  return rows.map((row) => ({
    portalId: countOf(row, 'portal_id'),
    sync: textOf(row, 'sync'),
    modelKey: textOf(row, 'model_key'),
  }));
}

/** Records that the rows have left, each under a key of its own. */
async function readLeft(state: State, keys: Person['keys']): Promise<Person['keys']> {
  if (keys.length === 0) return [];
  const rows = await query(
    state,
    sql`select portal_id, sync, model_key from ${stateTable(state, 'snapshot')} t where ${anyKey(
      keys,
      (portalId, syncName, key) => sql`
  t.portal_id = ${portalId} and t.sync = ${syncName} and t.model_key = ${leftRecordKey(sql`${key}`, sql`t.record_id`)}`,
    )}`,
  );
  return rows.map((row) => ({
    portalId: countOf(row, 'portal_id'),
    sync: textOf(row, 'sync'),
    modelKey: textOf(row, 'model_key'),
  }));
}

async function readHashesOfKeys(state: State, keys: Person['keys']): Promise<readonly string[]> {
  if (keys.length === 0) return [];
  const ofKeys = (row: string) =>
    anyKey(
      keys,
      (portalId, syncName, key) =>
        sql`${sql.ref(`${row}.portal_id`)} = ${portalId} and ${sql.ref(`${row}.sync`)} = ${syncName} and t.model_key = ${key}`,
    );
  const from = (table: 'snapshot' | 'ledger' | 'rejections') =>
    sql`select t.identity_id from ${stateTable(state, table)} t where t.identity_id is not null and ${ofKeys('t')}`;
  const rows = await query(
    state,
    sql`${from('snapshot')} union distinct ${from('ledger')} union distinct ${from('rejections')}
union distinct select t.identity_id from ${stateTable(state, 'plan_rows')} t
join ${stateTable(state, 'plans')} n on n.plan_id = t.plan_id where t.identity_id is not null and ${ofKeys('n')}`,
  );
  return rows.map((row) => textOf(row, 'identity_id'));
}

function anyKey(keys: Person['keys'], is: (portalId: number, sync: string, modelKey: string) => Fragment): Fragment {
  const each = keys.map(({ portalId, sync, modelKey }) => sql`(${is(portalId, sync, modelKey)})`);
  return sql`(${sql.join(each, sql` or `)})`;
}

function areRecords(records: readonly KnownRecord[], table: string): Fragment {
  const column = (name: string) => sql.ref(`${table}.${name}`);
  if (records.length === 0) return sql`false`;
  const each = records.map(
    ({ portalId, recordId }) => sql`(${column('portal_id')} = ${portalId} and ${column('record_id')} = ${recordId})`,
  );
  return sql`(${sql.join(each, sql` or `)})`;
}

function query({ warehouse }: State, fragment: Fragment, signal?: AbortSignal): Promise<readonly Row[]> {
  return warehouse.query(warehouse.dialect.compile(fragment), { signal, purpose: 'look for a person to forget' });
}
