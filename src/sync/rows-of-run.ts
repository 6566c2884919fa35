import { sql } from 'kysely';
import { moreColumns } from '../sql/more-columns.ts';
import type { Fragment } from '../sql/types.ts';
import { stateTable } from '../state/state.ts';
import { isNamedIn } from './names-in.ts';
import type { RollbackRequest } from './rollback-types.ts';

/**
 * One row per row that the run wrote, or may have written unheard: its last accepted outcome, how it stands now, who wrote it
 * last, which row has its record since then (`holder`), and whether a sync has made the record since the run's plan
 * (`was_made`): it was empty then. Of what other runs wrote after one that may be unheard:
 * `wrote0`, `wrote1` … per property of the sync, 1 where one of them wrote it, and `found0` …, what the first of them found.
 */
export function rowsOfRun(request: RollbackRequest): Fragment {
  const { state, portalId, sync, rolledBackRunId } = request;
  const later = moreColumns(
    sync.properties.flatMap((_, index) => [sql.ref(`later.wrote${index}`), sql.ref(`later.found${index}`)]),
  );
  const noText = sql`cast(null as ${state.warehouse.dialect.type({ kind: 'text' })})`;
  const accepted = sql`l.portal_id = ${portalId} and l.sync = ${sync.name} and l.list is null
    and l.outcome in ('created', 'updated', 'cleared') and l.record_id is not null`;
  return sql`select w.model_key, w.record_id, w.identity_id, w.outcome, w.changed, w.old_values, w.new_values, p.old_tier,
  p.adopted, p.old_values as planned_old_values, m.record_id is not null as was_made${later},
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
  where portal_id = ${portalId} and sync = ${sync.name} and record_id is not null
    and accepted_at > (select max(created_at) from ${plansOfRun(request)})
  group by record_id
) h on h.record_id = w.record_id
left join ${stateTable(state, 'identities')} i on i.identity_id = w.identity_id and i.portal_id = ${portalId}
left join ${stateTable(state, 'plan_rows')} p on p.plan_id = w.plan_id and p.model_key = w.model_key and p.list is null and p.verdict = 'send'
left join (
  select l.model_key, l.run_id, row_number() over (partition by l.model_key order by l.attempted_at desc, l.sequence desc) as recency
  from ${stateTable(state, 'ledger')} l where ${accepted}
) n on n.model_key = w.model_key and n.recency = 1
left join (
  select distinct l.plan_id, c.record_id from ${stateTable(state, 'ledger')} c
  join ${stateTable(state, 'plans')} l on l.applied_by = ${rolledBackRunId} and l.portal_id = c.portal_id and l.object = c.object
  where c.portal_id = ${portalId} and c.outcome = 'created' and c.list is null and c.attempted_at > l.created_at
) m on m.plan_id = w.plan_id and m.record_id = w.record_id
left join (${laterWrites(request)}) later on later.model_key = w.model_key`;
}

function plansOfRun({ state, portalId, sync, rolledBackRunId }: RollbackRequest): Fragment {
  return sql`${stateTable(state, 'plans')} where applied_by = ${rolledBackRunId} and portal_id = ${portalId} and sync = ${sync.name}`;
}

/**
 * One row per row of the run's plan that other runs wrote later, or were to write: a record in doubt was read before, so what
 * the first of them found is what this run left.
 */
function laterWrites(request: RollbackRequest): Fragment {
  const { state, portalId, sync, rolledBackRunId } = request;
  const { dialect } = state.warehouse;
  const properties = sync.properties.map(({ name }, index) => ({
    name,
    wrote: sql.ref(`wrote${index}`),
    place: sql.ref(`place${index}`),
    found: sql.ref(`found${index}`),
  }));
  const writes = properties.map(({ name, wrote, place }) => {
    const isWritten = sql`case when ${isNamedIn(sql`p.changed`, name)} then 1 else 0 end`;
    return sql`${isWritten} as ${wrote}, row_number() over (
      partition by p.model_key, ${isWritten} order by n.created_at, n.plan_id
    ) as ${place}`;
  });
  const firsts = properties.map(
    ({ name, wrote, place, found }) => sql`max(${wrote}) as ${wrote},
    max(case when ${wrote} = 1 and ${place} = 1 then ${dialect.jsonText(sql`old_values`, name)} end) as ${found}`,
  );
  return sql`
  select model_key${moreColumns(firsts)}
  from (
    select p.model_key, p.old_values${moreColumns(writes)}
    from ${stateTable(state, 'plan_rows')} p
    join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
    where n.portal_id = ${portalId} and n.sync = ${sync.name} and n.applied_by <> ${rolledBackRunId}
      and n.created_at > (select max(created_at) from ${plansOfRun(request)})
      and p.list is null and p.verdict = 'send' and p.model_key in (
        select model_key from ${stateTable(state, 'plan_rows')} where plan_id in (select plan_id from ${plansOfRun(request)})
      )
  ) written
  group by model_key`;
}

/**
 * Rows that were written but for their lifecycle stage, were sent and had no answer, or may have been in flight when the run
 * came to a bad end. A record whose id is not known is found by the next run of the sync; what one held before that a row's
 * record went into, nobody knows.
 */
function unheardOfRun({ state, portalId, sync, rolledBackRunId }: RollbackRequest): Fragment {
  const recordId = sql`case when l.is_gone = 1 then i.record_id else coalesce(p.record_id, i.record_id) end`;
  return sql`select p.plan_id, p.model_key, ${recordId} as record_id, p.identity_id,
    case when l.is_kept = 1 then 'updated' when p.operation = 'create' then 'created unheard' else 'unheard' end as outcome,
    p.changed, case when coalesce(l.is_gone, 0) = 0 then p.old_values end as old_values, p.row_values as new_values
  from ${stateTable(state, 'plan_rows')} p
  join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
  left join ${stateTable(state, 'runs')} r on r.run_id = n.applied_by
  left join ${stateTable(state, 'identities')} i on i.identity_id = p.identity_id and i.portal_id = ${portalId}
  left join (
    select l.model_key, l.plan_id, max(case when l.category = 'LIFECYCLE_STAGE_KEPT' then 1 else 0 end) as is_kept,
      max(case when l.outcome = 'vanished' then 1 else 0 end) as is_gone,
      max(case when l.outcome in ('deferred', 'vanished') or l.category = 'LIFECYCLE_STAGE_KEPT' then 0 else 1 end) as is_answered
    from ${stateTable(state, 'ledger')} l where l.portal_id = ${portalId} and l.sync = ${sync.name} and l.list is null
    group by l.model_key, l.plan_id
  ) l on l.plan_id = p.plan_id and l.model_key = p.model_key
  where n.applied_by = ${rolledBackRunId} and n.portal_id = ${portalId} and n.sync = ${sync.name}
    and p.list is null and p.verdict = 'send' and ${recordId} is not null
    and (l.is_answered = 0 or (l.is_answered is null and coalesce(r.status, 'killed') <> 'finished'))`;
}
