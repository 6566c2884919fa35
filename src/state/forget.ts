import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { findPerson, type Person, type PersonRequest } from './find-person.ts';
import { foldLedger } from './fold-ledger.ts';
import { scrubPlans } from './scrub-plans.ts';
import { instant, type State, stateTable } from './state.ts';

export interface ForgetRequest extends PersonRequest {
  /** ISO. */
  readonly at: string;
}

/** What was erased, without the value itself. */
export interface ForgetReceipt {
  readonly object: string;
  /** ISO. */
  readonly forgottenAt: string;
  /** The salted hashes that stay: what has one of them is never looked up or written again. */
  readonly hashes: readonly { readonly property: string; readonly hash: string }[];
  /** Rows removed, by table. */
  readonly erased: Readonly<Record<string, number>>;
  /** Plans whose printed summary named one of the person's rows, and does so no more. */
  readonly plansScrubbed: number;
  /** Records in HubSpot that the person is known by; they are left as they are. */
  readonly records: readonly { readonly portalId: number; readonly recordId: string }[];
}

/**
 * Erases a person from every state table, whatever syncs and HubSpot accounts know them, and keeps salted hashes of their
 * match values, so that they are not met again. A value never seen leaves its hashes too. Plans with a row of theirs that
 * are not carried out yet are closed. Repeatable. HubSpot and the models are left as they are.
 */
export async function forget(state: State, request: ForgetRequest): Promise<ForgetReceipt> {
  const { object, at, signal } = request;
  const { warehouse } = state;
  const person = await findPerson(state, request);
  const plansScrubbed = await scrubPlans(state, person.keys, signal);
  const deletions = Object.entries(deleteRows(state, person, object));
  const statements = [
    rememberHashes(state, person, request),
    ...foldBrokenOff(state, person, request),
    closePlans(state, person),
    ...deletions.map(([, each]) => each),
  ];
  const touched = await warehouse.script(
    statements.map((statement) => warehouse.dialect.compile(statement)),
    { signal, purpose: 'forget a person' },
  );
  const before = statements.length - deletions.length;
  return {
    object,
    forgottenAt: at,
    hashes: person.identities,
    erased: Object.fromEntries(deletions.map(([table], index) => [table, touched[before + index] ?? 0])),
    plansScrubbed,
    records: person.records,
  };
}

function rememberHashes(state: State, { identities }: Person, { object, at }: ForgetRequest): Fragment {
  const forgotten = stateTable(state, 'forgotten');
  const each = identities.map(
    ({ property, hash }) => sql`select ${sql.lit(hash)} as identity_id, ${sql.lit(property)} as property`,
  );
  return sql`insert into ${forgotten} (identity_id, object, property, forgotten_at)
select h.identity_id, ${sql.lit(object)}, h.property, ${instant(state, at)} from (${sql.join(each, sql` union all `)}) h
where not exists (select 1 from ${forgotten} f where f.identity_id = h.identity_id)`;
}

/** What an apply that died left in the ledger is folded while it still balances. */
function foldBrokenOff(state: State, person: Person, { at }: ForgetRequest): readonly Fragment[] {
  const plans = stateTable(state, 'plans');
  const ofPerson = sql`plan_id in (select plan_id from ${stateTable(state, 'plan_rows')} where ${ofPlanRow(state, person)})`;
  const brokenOff = sql`plan_id in (select plan_id from ${plans} where status = 'applying' and ${ofPerson})`;
  return [
    ...foldLedger(state, { id: `forget_${Date.parse(at)}`, plans: brokenOff, brokeOff: true }),
    sql`update ${plans} set status = 'partial', applied_at = ${instant(state, at)} where status = 'applying' and ${ofPerson}`,
  ];
}

/** A plan that lost a row is not the plan that somebody agreed to any more. */
function closePlans(state: State, person: Person): Fragment {
  return sql`update ${stateTable(state, 'plans')} set status = 'superseded'
where status in ('draft', 'open', 'partial')
  and plan_id in (select plan_id from ${stateTable(state, 'plan_rows')} where ${ofPlanRow(state, person)})`;
}

/** Statements by table; `identities` last, so that a script that stopped half-way finds the person again. */
function deleteRows(state: State, person: Person, object: string): Readonly<Record<string, Fragment>> {
  const { dialect } = state.warehouse;
  const byIdentity = sql`identity_id in ${dialect.inList(person.identities.map(({ hash }) => hash))}`;
  const byKey = anyOf(
    person.keys.map(
      ({ portalId, sync, modelKey }) => sql`portal_id = ${portalId} and sync = ${sync} and model_key = ${modelKey}`,
    ),
  );
  const byRecord = anyOf(
    person.records.map(({ portalId, recordId }) => sql`portal_id = ${portalId} and record_id = ${recordId}`),
  );
  const ofObject = sql`object = ${object} and operation <> 'list'`;
  const listsOfObject = sql`exists (
  select 1 from ${stateTable(state, 'lists')} n
  where n.portal_id = memberships.portal_id and n.sync = memberships.sync and n.list = memberships.list
    and n.object = ${object}
)`;
  // Unless somebody else has the match value by now.
  const isFormer = sql`identity_id in ${dialect.inList(person.former.length === 0 ? [''] : person.former)} 
and not exists (select 1 from ${stateTable(state, 'snapshot')} s where s.identity_id = identities.identity_id)
and not exists (select 1 from ${stateTable(state, 'plan_rows')} p where p.identity_id = identities.identity_id)`;
  const from = (table: Parameters<typeof stateTable>[1], condition: Fragment) =>
    sql`delete from ${stateTable(state, table)} where ${condition}`;
  return {
    candidates: from('candidates', byIdentity),
    lookups: from('lookups', byIdentity),
    plan_rows: from('plan_rows', ofPlanRow(state, person)),
    ledger: from('ledger', sql`${byIdentity} or ${byKey} or (${ofObject} and ${byRecord})`),
    memberships: from('memberships', sql`${byKey} or (${listsOfObject} and ${byRecord})`),
    rejections: from('rejections', sql`${byIdentity} or ${byKey} or (object = ${object} and ${byRecord})`),
    snapshot: from('snapshot', sql`${byIdentity} or ${byKey} or (object = ${object} and ${byRecord})`),
    identities: from('identities', sql`${byIdentity} or (object = ${object} and ${byRecord}) or (${isFormer})`),
  };
}

/** `plan_rows` has neither account nor sync: its plan has. */
function ofPlanRow(state: State, { identities, keys }: Person): Fragment {
  const { dialect } = state.warehouse;
  const plans = stateTable(state, 'plans');
  const byKey = keys.map(
    ({ portalId, sync, modelKey }) =>
      sql`model_key = ${modelKey} and plan_id in (select plan_id from ${plans} where portal_id = ${portalId} and sync = ${sync})`,
  );
  return sql`identity_id in ${dialect.inList(identities.map(({ hash }) => hash))} or ${anyOf(byKey)}`;
}

function anyOf(conditions: readonly Fragment[]): Fragment {
  if (conditions.length === 0) return sql`false`;
  return sql`(${sql.join(
    conditions.map((condition) => sql`(${condition})`),
    sql` or `,
  )})`;
}
