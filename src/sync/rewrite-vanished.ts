import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import { stateTable } from '../state/state.ts';
import type { Row } from '../warehouse/port.ts';
import { lookUpRecords } from './look-up-records.ts';
import { parseValues, pickValues } from './row-payload.ts';
import { type ApplyScope, type OutgoingRow, operationOfRow, sendRows, type WrittenRows } from './write-rows.ts';

/**
 * Looks once more for rows whose record was gone: HubSpot gives a merged contact's address to the record it was merged
 * into. Such a row is written there in full, unless another row leads to that record. A row without a record stays
 * vanished, and no record is made for it.
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
    properties: [],
    wanted: sql`select i.identity_id, i.match_value, cast(null as ${warehouse.dialect.type({ kind: 'text' })}) as record_id
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

/** With the key of another row that leads to the record, where there is one. */
function refoundRows(scope: ApplyScope): Fragment {
  const { state, plan } = scope;
  return sql`select p.operation, p.model_key, p.identity_id, i.match_value, k.record_id, p.changed, p.row_values,
  coalesce(
    (select min(${state.warehouse.dialect.textOrder(sql`s.model_key`)}) from ${stateTable(state, 'snapshot')} s
      where s.portal_id = ${plan.portal.portalId} and s.sync = ${plan.sync} and s.record_id = k.record_id
        and s.model_key <> p.model_key),
    (select min(${state.warehouse.dialect.textOrder(sql`q.model_key`)}) from ${stateTable(state, 'plan_rows')} q
      where q.plan_id = p.plan_id and q.list is null and q.record_id = k.record_id and q.model_key <> p.model_key),
    (select min(${state.warehouse.dialect.textOrder(sql`w.model_key`)}) from ${vanishedRows(scope)} w
      join ${stateTable(state, 'lookups')} o on o.identity_id = w.identity_id and o.plan_id = p.plan_id
      where o.record_id = k.record_id and w.model_key <> p.model_key)
  ) as claimed_by
from ${vanishedRows(scope)} v
join ${stateTable(state, 'plan_rows')} p on p.plan_id = ${plan.planId} and p.list is null and p.model_key = v.model_key
join ${stateTable(state, 'lookups')} k on k.plan_id = p.plan_id and k.identity_id = p.identity_id
join ${stateTable(state, 'identities')} i on i.identity_id = p.identity_id and i.portal_id = ${plan.portal.portalId}
where k.record_id is not null`;
}

/** Passes on the rows that may be written and writes down the others as rejected. */
async function* withoutClaimed(
  { ledger }: ApplyScope,
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
    yield chunk.filter((row) => row.claimed_by === null).map(refoundRow);
  }
}

/** All values: the record has none of ours. */
function refoundRow(row: Row): OutgoingRow {
  const values = parseValues(textOrNull(row, 'row_values'));
  const changed = textOf(row, 'changed').split(',').filter(Boolean);
  const names = Object.keys(values).filter((name) => values[name] !== null || changed.includes(name));
  return {
    operation: operationOfRow(row),
    modelKey: textOf(row, 'model_key'),
    identityId: textOf(row, 'identity_id'),
    matchValue: textOf(row, 'match_value'),
    recordId: textOf(row, 'record_id'),
    newValues: pickValues(values, names),
    oldValues: null,
    attempt: 2,
  };
}
