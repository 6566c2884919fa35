import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import { stateTable } from '../state/state.ts';
import type { Row } from '../warehouse/port.ts';
import { lookUpRecords } from './look-up-records.ts';
import type { Plan } from './plan-types.ts';
import { parseValues, pickValues } from './row-payload.ts';
import { type ApplyScope, type OutgoingRow, operationOfRow, sendRows, type WrittenRows } from './write-rows.ts';

/**
 * Looks once more for rows whose record was gone: HubSpot gives a merged contact's address to the record it was merged
 * into. Such a row is written there in full, unless another row leads to that record. A row without a record stays
 * vanished, and no record is made for it; so does one whose record has values of others, until the next plan judges them.
 */
export async function rewriteVanished(scope: ApplyScope): Promise<WrittenRows> {
  const { state, hubspot, plan, ledger, now, signal } = scope;
  const { warehouse } = state;
  await ledger.flush();
  await lookUpRecords({
    state,
    hubspot,
    planId: plan.planId,
    object: plan.object,
    property: plan.matchProperty,
    properties: plan.properties ?? [],
    wanted: sql`select i.identity_id, i.match_value, cast(null as ${warehouse.dialect.type({ kind: 'text' })}) as record_id,
  0 as is_own
from ${vanishedRows(scope)} v
join ${stateTable(state, 'identities')} i on i.identity_id = v.identity_id and i.portal_id = ${plan.portal.portalId}`,
    now,
    signal,
  });
  const rows = warehouse.stream(warehouse.dialect.compile(refoundRows(scope)), {
    signal,
    purpose: `read the rows of ${plan.sync} whose records were merged`,
  });
  // Their first attempt has been counted as progress.
  return sendRows({ ...scope, onRows: undefined }, withoutClaimed(scope, rows));
}

/** Rows of the plan whose last outcome is that their record was gone. */
function vanishedRows({ state, plan }: ApplyScope): Fragment {
  return sql`(
  select model_key, identity_id, record_id from (
    select l.model_key, l.identity_id, l.record_id, l.outcome,
      row_number() over (partition by l.model_key order by l.attempted_at desc, l.sequence desc) as recency
    from ${stateTable(state, 'ledger')} l
    where l.plan_id = ${plan.planId} and l.list is null
  ) outcomes
  where recency = 1 and outcome = 'vanished'
)`;
}

/** With the key of another row that leads to the record, where there is one: of the snapshot, else of the plan, else found here. */
function refoundRows(scope: ApplyScope): Fragment {
  const { state, plan } = scope;
  const { portalId } = plan.portal;
  const first = (key: Fragment) => sql`min(${state.warehouse.dialect.textOrder(key)}) as claimed_by`;
  return sql`with found as (
  select p.operation, p.model_key, p.identity_id, i.match_value, k.record_id, k.found_values, p.changed, p.row_values, p.old_values
  from ${vanishedRows(scope)} v
  join ${stateTable(state, 'plan_rows')} p on p.plan_id = ${plan.planId} and p.list is null and p.verdict = 'send' and p.model_key = v.model_key
  join ${stateTable(state, 'lookups')} k on k.plan_id = p.plan_id and k.identity_id = p.identity_id
  join ${stateTable(state, 'identities')} i on i.identity_id = p.identity_id and i.portal_id = ${portalId}
  where k.record_id is not null
),
claims as (
  select f.model_key, 1 as place, ${first(sql`s.model_key`)}
  from found f join ${stateTable(state, 'snapshot')} s
    on s.portal_id = ${portalId} and s.sync = ${plan.sync} and s.record_id = f.record_id and s.model_key <> f.model_key
  group by f.model_key
  union all
  select f.model_key, 2 as place, ${first(sql`q.model_key`)}
  from found f join ${stateTable(state, 'plan_rows')} q
    on q.plan_id = ${plan.planId} and q.list is null and q.record_id = f.record_id and q.model_key <> f.model_key
  group by f.model_key
  union all
  select f.model_key, 3 as place, ${first(sql`w.model_key`)}
  from found f join ${stateTable(state, 'lookups')} o on o.plan_id = ${plan.planId} and o.record_id = f.record_id
  join ${vanishedRows(scope)} w on w.identity_id = o.identity_id and w.model_key <> f.model_key
  group by f.model_key
),
placed as (
  select model_key, claimed_by, row_number() over (partition by model_key order by place) as rank_of_claim from claims
)
select f.*, c.claimed_by
from found f left join placed c on c.model_key = f.model_key and c.rank_of_claim = 1`;
}

/** Passes on the rows that may be written and writes down the others as rejected. */
async function* withoutClaimed(
  { ledger, plan }: ApplyScope,
  chunks: AsyncIterable<readonly Row[]>,
): AsyncGenerator<readonly OutgoingRow[]> {
  for await (const chunk of chunks) {
    const claimed = chunk.filter((row) => row.claimed_by !== null);
    await ledger.add(
      claimed.map((row) => ({
        operation: operationOfRow(row),
        modelKey: textOf(row, 'model_key'),
        recordId: textOf(row, 'record_id'),
        identityId: textOf(row, 'identity_id'),
        outcome: 'rejected',
        category: 'DUPLICATE_RECORD',
        message: `The rows ${textOf(row, 'model_key')} and ${textOf(row, 'claimed_by')} lead to the same record ${textOf(row, 'record_id')}`,
        attempt: 2,
      })),
    );
    yield chunk.filter((row) => row.claimed_by === null && !holdsOthers(plan, row)).map((row) => refoundRow(plan, row));
  }
}

/** Names of all values, as the record has none of ours; and of those that the plan empties. */
function namesToSend(row: Row): readonly string[] {
  const values = parseValues(textOrNull(row, 'row_values'));
  const changed = textOf(row, 'changed').split(',').filter(Boolean);
  return Object.keys(values).filter((name) => values[name] !== null || changed.includes(name));
}

/** Whether a value would be written over that is neither the row's, before or after, nor to be adopted. */
function holdsOthers({ properties = [] }: Plan, row: Row): boolean {
  const names = namesToSend(row);
  const [held, before, wanted] = ['found_values', 'old_values', 'row_values'].map((column) =>
    parseValues(textOrNull(row, column)),
  );
  return properties.some(({ name, adopt, write }) => {
    const value = held?.[name] ?? null;
    if (value === null || value === wanted?.[name] || !names.includes(name)) return false;
    return write === 'if_empty' || (!adopt && value !== before?.[name]);
  });
}

function refoundRow({ properties }: Plan, row: Row): OutgoingRow {
  const names = namesToSend(row);
  return {
    operation: operationOfRow(row),
    modelKey: textOf(row, 'model_key'),
    identityId: textOf(row, 'identity_id'),
    matchValue: textOf(row, 'match_value'),
    recordId: textOf(row, 'record_id'),
    newValues: pickValues(parseValues(textOrNull(row, 'row_values')), names),
    oldValues: properties === undefined ? null : pickValues(parseValues(textOrNull(row, 'found_values')), names),
    attempt: 2,
  };
}
