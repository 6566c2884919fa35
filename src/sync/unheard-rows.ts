import { sql } from 'kysely';
import type { Sync } from '../project/sync-types.ts';
import type { Fragment } from '../sql/types.ts';
import { leftRecordKey } from '../state/left-record.ts';
import { stateTable } from '../state/state.ts';
import { type DecideRequest, decidedTable } from './decide-request.ts';
import { isAbout } from './match-outcomes.ts';
import { isNamedIn } from './names-in.ts';
import { presentRows } from './sync-model.ts';

/** Whether rows that may have been written unheard make a difference to a sync. */
export function emptiesUnheard({ removed, exclude }: Sync): boolean {
  return removed === 'clear' || exclude?.properties === 'clear';
}

type UnheardRequest = Pick<DecideRequest, 'state' | 'portalId' | 'sync' | 'model'>;

/**
 * A SELECT of writes that may have reached HubSpot while nobody heard of it: `identity_id`, `model_key`, `changed`,
 * `row_values`, and where a rollback was to put back values of others, what was there before (`own_before`; all but `adopted`
 * of it was ours). They are of plans that broke off, until a later plan that compared the model (and counted its nulls) came
 * to its end; an audit or a rollback passes them by. A row that is still in the model is planned again in any case; one that
 * left it, is excluded, or has another match value by now, would leave a record behind that holds its values: where such
 * values are to be emptied, it is among these. So is a row whose record was gone (`is_gone`): it may have been written to the
 * one that it went into.
 */
export function unheardRows(request: UnheardRequest): Fragment {
  const { state, portalId, sync, model } = request;
  const plans = stateTable(state, 'plans');
  const causes = [
    ...(sync.removed === 'clear' ? [sql`coalesce(m.is_excluded, 0) = 0`] : []),
    ...(sync.exclude?.properties === 'clear' ? [sql`m.is_excluded = 1`] : []),
  ];
  return sql`(
  select p.identity_id, p.model_key, p.changed, coalesce(p.own_values, p.row_values) as row_values,
    case when p.own_values is not null then p.old_values end as own_before, p.adopted,
    g.model_key is not null as is_gone
  from ${stateTable(state, 'plan_rows')} p
  join ${plans} n on n.plan_id = p.plan_id
  left join (${presentRows(state.warehouse.dialect, model)}) m on m.model_key = p.model_key
  left join (
    select distinct plan_id, model_key from ${stateTable(state, 'ledger')} where list is null and outcome = 'vanished'
  ) g on g.plan_id = p.plan_id and g.model_key = p.model_key
  where n.portal_id = ${portalId} and n.sync = ${sync.name} and n.applied_by is not null and n.status <> 'applied'
    and not exists (
      select 1 from ${plans} e
      where e.portal_id = n.portal_id and e.sync = n.sync and e.status = 'applied' and e.created_at > n.created_at
        and e.null_rows is not null
    )
    and p.list is null and p.verdict = 'send' and p.operation in ('create', 'update') and (${sql.join(causes, sql` or `)})
    and not exists (
      select 1 from ${stateTable(state, 'ledger')} l where ${isAbout('l', 'p')} and l.outcome not in ('deferred', 'vanished')
    )
)`;
}

/**
 * A SELECT of their records, as far as HubSpot was just read to hold the very values that were sent: `model_key`, one that no
 * row of the model has, `record_id`, `identity_id`, `changed`, `property_values`, and `has_row`: 1 where a row that is to be
 * decided leads to the record, else 0. A record that a row has which is as it was is known already.
 */
export function writtenUnheard(request: DecideRequest): Fragment {
  const { state, planId, portalId, sync, model } = request;
  const { dialect } = state.warehouse;
  const names = sync.properties.map(({ name }) => name);
  const decided = decidedTable(planId);
  const isFound = (json: string, name: string) =>
    sql`${dialect.jsonText(sql.ref(json), name)} = ${dialect.jsonText(sql`k.found_values`, name)}`;
  // To the record that it went into a row goes in full.
  const wasSent = (name: string) => sql`(u.is_gone or ${isNamedIn(sql`u.changed`, name)})
    and (${isFound('u.row_values', name)} or (${isFound('u.own_before', name)} and not ${isNamedIn(sql`u.adopted`, name)}))`;
  // With what is known to have been written there: the record is emptied once, and then forgotten.
  const isKnown = (name: string) => sql`${dialect.jsonText(sql`s.property_values`, name)} is not null`;
  const changed = names.map(
    (name) => sql`max(case when ${isKnown(name)} or (${wasSent(name)}) then ${sql.lit(name)} end)`,
  );
  return sql`select ${leftRecordKey(sql`model_key`, sql`record_id`)} as model_key, record_id, identity_id, changed, found_values as property_values, has_row
from (
  select k.record_id, min(k.identity_id) as identity_id, min(${dialect.textOrder(sql`u.model_key`)}) as model_key,
    min(k.found_values) as found_values, ${dialect.joinText(changed, ',')} as changed,
    max(case when r.record_id is not null then 1 else 0 end) as has_row
  from ${unheardRows(request)} u
  join ${stateTable(state, 'lookups')} k on k.identity_id = u.identity_id and k.plan_id = ${planId}
  left join ${stateTable(state, 'snapshot')} s
    on s.record_id = k.record_id and s.portal_id = ${portalId} and s.sync = ${sync.name}
  left join (select distinct record_id from ${decided}) r on r.record_id = k.record_id
  where k.record_id is not null
    and not exists (
      select 1 from ${stateTable(state, 'snapshot')} s
      join (${presentRows(dialect, model)}) m on m.model_key = s.model_key and m.is_excluded = 0
      where s.portal_id = ${portalId} and s.sync = ${sync.name} and s.record_id = k.record_id
        and not exists (select 1 from ${decided} d where d.model_key = s.model_key)
    )
  group by k.record_id
) unheard
where changed <> ''`;
}
