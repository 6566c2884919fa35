import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { stateTable } from '../state/state.ts';
import type { RollbackRequest } from './rollback-types.ts';

/**
 * One row per row that the run wrote, or may have written unheard: its last accepted outcome, how it stands now, and who
 * wrote it last.
 */
export function rowsOfRun(request: RollbackRequest): Fragment {
  const { state, portalId, sync, rolledBackRunId } = request;
  const noText = sql`cast(null as ${state.warehouse.dialect.type({ kind: 'text' })})`;
  const accepted = sql`l.portal_id = ${portalId} and l.sync = ${sync.name} and l.list is null
    and l.outcome in ('created', 'updated', 'cleared') and l.record_id is not null`;
  return sql`select w.model_key, w.record_id, w.identity_id, w.outcome, w.changed, w.old_values, w.new_values, p.old_tier,
  p.adopted, p.old_values as planned_old_values, later.writes as later_writes, later.found, later.first_wrote, later.second_wrote,
  s.record_id as now_record_id, s.property_values, s.values_hash, s.companions_hash, s.tier, h.model_key as holder, i.property, i.match_value, n.run_id as last_run
from (
  select plan_id, model_key, record_id, identity_id, outcome, ${noText} as changed, old_values, new_values from (
    select l.*, row_number() over (partition by l.model_key order by l.attempted_at desc, l.sequence desc) as recency
    from ${stateTable(state, 'ledger')} l where ${accepted} and l.run_id = ${rolledBackRunId}
  ) heard where recency = 1
  union all ${unheardOfRun(request)}
) w
left join ${stateTable(state, 'snapshot')} s
  on s.portal_id = ${portalId} and s.sync = ${sync.name} and s.model_key = w.model_key
left join (
  select record_id, max(model_key) as model_key from ${stateTable(state, 'snapshot')}
  where portal_id = ${portalId} and sync = ${sync.name} and record_id is not null group by record_id
) h on h.record_id = w.record_id
left join ${stateTable(state, 'identities')} i on i.identity_id = w.identity_id and i.portal_id = ${portalId}
left join ${stateTable(state, 'plan_rows')} p on p.plan_id = w.plan_id and p.model_key = w.model_key and p.list is null and p.verdict = 'send'
left join (
  select l.model_key, l.run_id, row_number() over (partition by l.model_key order by l.attempted_at desc, l.sequence desc) as recency
  from ${stateTable(state, 'ledger')} l where ${accepted}
) n on n.model_key = w.model_key and n.recency = 1
left join (${laterWrites(request)}) later on later.model_key = w.model_key`;
}

/** One row per row that the run may have written unheard and that other runs wrote later: how often, and the first two writes. */
function laterWrites({ state, portalId, sync, rolledBackRunId }: RollbackRequest): Fragment {
  const plans = sql`${stateTable(state, 'plans')} where applied_by = ${rolledBackRunId} and portal_id = ${portalId} and sync = ${sync.name}`;
  const of = (place: number, column: string) =>
    sql`max(case when place = ${sql.lit(place)} then ${sql.ref(column)} end)`;
  return sql`
  select model_key, count(*) as writes, ${of(1, 'old_values')} as found, ${of(1, 'new_values')} as first_wrote, ${of(2, 'new_values')} as second_wrote
  from (
    select l.model_key, l.old_values, l.new_values, row_number() over (
      partition by l.model_key order by l.attempted_at, l.sequence
    ) as place
    from ${stateTable(state, 'ledger')} l
    where l.portal_id = ${portalId} and l.sync = ${sync.name} and l.list is null
      and l.outcome in ('created', 'updated', 'cleared') and l.run_id <> ${rolledBackRunId}
      and l.attempted_at > (select max(created_at) from ${plans})
      and l.model_key in (
        select model_key from ${stateTable(state, 'plan_rows')} where plan_id in (select plan_id from ${plans})
      )
  ) written
  group by model_key`;
}

/**
 * Rows that were written but for their lifecycle stage, were sent and had no answer, or may have been in flight when the run
 * came to a bad end. A record whose id is not known is found by the next run of the sync.
 */
function unheardOfRun({ state, portalId, sync, rolledBackRunId }: RollbackRequest): Fragment {
  return sql`select p.plan_id, p.model_key, coalesce(p.record_id, i.record_id) as record_id, p.identity_id,
    case when l.is_kept = 1 then 'updated' when p.operation = 'create' then 'created unheard' else 'unheard' end as outcome, p.changed, p.old_values, p.row_values as new_values
  from ${stateTable(state, 'plan_rows')} p
  join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
  left join ${stateTable(state, 'runs')} r on r.run_id = n.applied_by
  left join ${stateTable(state, 'identities')} i on i.identity_id = p.identity_id and i.portal_id = ${portalId}
  left join (
    select l.model_key, l.plan_id, max(case when l.category = 'LIFECYCLE_STAGE_KEPT' then 1 else 0 end) as is_kept,
      max(case when l.outcome = 'deferred' or l.category = 'LIFECYCLE_STAGE_KEPT' then 0 else 1 end) as is_answered
    from ${stateTable(state, 'ledger')} l where l.portal_id = ${portalId} and l.sync = ${sync.name} and l.list is null
    group by l.model_key, l.plan_id
  ) l on l.plan_id = p.plan_id and l.model_key = p.model_key
  where n.applied_by = ${rolledBackRunId} and n.portal_id = ${portalId} and n.sync = ${sync.name}
    and p.list is null and p.verdict = 'send' and coalesce(p.record_id, i.record_id) is not null
    and (l.is_answered = 0 or (l.is_answered is null and coalesce(r.status, 'killed') <> 'finished'))`;
}
