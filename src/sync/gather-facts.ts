import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { stateTable } from '../state/state.ts';
import type { DecideRequest } from './decide-request.ts';
import { keyText } from './sync-model.ts';
import { unheardRows } from './unheard-rows.ts';

/** Whether the snapshot (`s`) says what the record of an identity (`i`) holds: of that record, with no later write in doubt. */
const isKnown = sql`s.record_id = i.record_id and s.values_hash is not null`;

/**
 * A SELECT of the identities whose records must be read before their rows are decided: without a known record, met for
 * the first time, in doubt, or about to get a value where none of ours is; and where rows that left are emptied, those that
 * may have been written unheard.
 *
 * An identity has one match value, so grouping by both changes nothing but the memory: DuckDB does not count the texts that a
 * `min` keeps, 400 MB of them at 10 million rows. Ids of records are short enough to be kept without.
 */
export function rowsToLookUp(request: Omit<DecideRequest, 'model'>): Fragment {
  const { state, planId, portalId, sync } = request;
  const { dialect } = state.warehouse;
  const gaps = sync.properties.map(
    ({ name }) =>
      sql` or (${dialect.jsonText(sql`c.row_values`, name)} is not null and ${dialect.jsonText(sql`s.property_values`, name)} is null)`,
  );
  return sql`select i.identity_id, i.match_value, min(i.record_id) as record_id
from ${stateTable(state, 'candidates')} c
join ${stateTable(state, 'identities')} i on i.identity_id = c.identity_id and i.portal_id = ${portalId}
left join ${stateTable(state, 'snapshot')} s
  on s.model_key = c.model_key and s.portal_id = ${portalId} and s.sync = ${sync.name}
where c.plan_id = ${planId} and (not coalesce(${isKnown}, false)${sql.join(gaps, sql``)})
group by i.identity_id, i.match_value${sync.removed === 'clear' ? unheardLookUps(request) : sql``}`;
}

/** Records that a plan which broke off may have written, and that no row of the model leads to. */
function unheardLookUps(request: Omit<DecideRequest, 'model'>): Fragment {
  const { state, planId, portalId } = request;
  return sql`
union all
select i.identity_id, i.match_value, min(i.record_id) as record_id
from ${unheardRows(request)} u
join ${stateTable(state, 'identities')} i on i.identity_id = u.identity_id and i.portal_id = ${portalId}
where u.identity_id not in (
  select identity_id from ${stateTable(state, 'candidates')} where plan_id = ${planId} and identity_id is not null
)
group by i.identity_id, i.match_value`;
}

/**
 * Candidates with what is known of their records: the values that HubSpot accepted last of the row (`known_values`); those
 * it accepted last of whatever row (`owned_values`); those it was just read to hold (`found_values`); and those that an
 * apply which broke off may have sent (`sent_*`).
 */
export function gatherFacts(request: Omit<DecideRequest, 'model'>): Fragment {
  const { state, planId, portalId, sync } = request;
  return sql`
  select c.*, i.record_id, l.several, l.found_values, s.vanished_at,
    coalesce(${isKnown}, false) as is_known,
    case when ${isKnown} then s.property_values end as known_values,
    o.property_values as owned_values,
    b.changed as sent_changed, b.row_values as sent_values, b.old_values as sent_old_values,
    coalesce(s.identity_id = c.identity_id and s.record_id is not null and i.record_id is null, false) as is_gone,
    case when s.record_id = i.record_id then s.tier end as old_tier,
    r.model_key is not null as is_waiting
  from ${stateTable(state, 'candidates')} c
  left join ${stateTable(state, 'identities')} i on i.identity_id = c.identity_id and i.portal_id = ${portalId}
  left join ${stateTable(state, 'lookups')} l on l.identity_id = c.identity_id and l.plan_id = c.plan_id
  left join ${stateTable(state, 'snapshot')} s
    on s.model_key = c.model_key and s.portal_id = ${portalId} and s.sync = ${sync.name}
  left join ${stateTable(state, 'rejections')} r
    on r.model_key = c.model_key and r.portal_id = ${portalId} and r.sync = ${sync.name}
    and r.values_hash = c.values_hash and r.identity_id = c.identity_id
    and r.next_attempt_at > (select created_at from ${stateTable(state, 'plans')} where plan_id = ${planId})
  left join (
    select record_id, max(property_values) as property_values from ${stateTable(state, 'snapshot')}
    where portal_id = ${portalId} and sync = ${sync.name} and record_id in (${recordsRead(request)})
    group by record_id
  ) o on o.record_id = ${readRecord}
  left join (${lastSent(request)}) b on b.record_id = ${readRecord}
  where c.plan_id = ${planId}`;
}

/** The record of an identity, where its values were read. One expression, since warehouses hash equalities alone. */
const readRecord = sql`case when l.found_values is not null then i.record_id end`;

function recordsRead({ state, planId }: Omit<DecideRequest, 'model'>): Fragment {
  return sql`select distinct record_id from ${stateTable(state, 'lookups')} where plan_id = ${planId} and record_id is not null`;
}

/** One row per record that was read: what the last plan that was applied, or began to be, would have sent to it. */
function lastSent(request: Omit<DecideRequest, 'model'>): Fragment {
  const { state, portalId, sync } = request;
  return sql`
    select record_id, changed, row_values, old_values from (
      select p.changed, p.row_values, p.old_values, k.record_id,
        row_number() over (partition by k.record_id order by n.created_at desc, n.plan_id desc) as recency
      from ${stateTable(state, 'plan_rows')} p
      join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
      left join ${stateTable(state, 'identities')} i on i.identity_id = p.identity_id and i.portal_id = ${portalId}
      join (${recordsRead(request)}) k on k.record_id = coalesce(p.record_id, i.record_id)
      where n.portal_id = ${portalId} and n.sync = ${sync.name} and n.applied_by is not null
        and p.list is null and p.verdict = 'send'
    ) sent
    where recency = 1`;
}

/**
 * Records that two rows lead to, with both keys: candidates (of the CTE `facts`), and rows of the model that are as they
 * were. A row that left the model claims nothing, so its record is free for another row.
 */
export function findClaims({ state, portalId, sync, model }: DecideRequest): Fragment {
  const inOrder = state.warehouse.dialect.textOrder(sql`model_key`);
  return sql`
  select record_id, min(${inOrder}) as first_key, max(${inOrder}) as last_key
  from (
    select record_id, model_key from facts where record_id is not null
    union all
    select s.record_id, s.model_key
    from ${stateTable(state, 'snapshot')} s
    join (select ${keyText(state.warehouse.dialect, model.key, 'm')} as model_key from (${model.select}) m) present
      on present.model_key = s.model_key
    where s.portal_id = ${portalId} and s.sync = ${sync.name}
      and s.record_id in (select record_id from facts)
      and not exists (select 1 from facts f where f.model_key = s.model_key)
  ) holders
  group by record_id having count(*) > 1`;
}
