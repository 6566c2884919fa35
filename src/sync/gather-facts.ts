import { sql } from 'kysely';
import { moreColumns } from '../sql/more-columns.ts';
import type { Fragment } from '../sql/types.ts';
import { stateTable } from '../state/state.ts';
import type { DecideRequest } from './decide-request.ts';
import { withoutEnds } from './format-value.ts';
import { isNamedIn } from './names-in.ts';
import { presentRows } from './sync-model.ts';
import { emptiesUnheard, unheardRows } from './unheard-rows.ts';

/** Whether the snapshot (`s`) says what the record of an identity (`i`) holds: of that record, with no later write in doubt. */
const isKnown = sql`s.record_id = i.record_id and s.values_hash is not null`;

/**
 * A SELECT of the identities whose records must be read before their rows are decided, but for those that wait for the end of
 * a pause: without a known record, met for the first time, in doubt, or about to get a value, or to be emptied of others',
 * where none of ours is; where the sync has a property that the row was accepted without; and where rows that left are
 * emptied, those that may have been written unheard.
 *
 * An identity has one match value, so grouping by both changes nothing but the memory: DuckDB does not count the texts that a
 * `min` keeps, 400 MB of them at 10 million rows. Ids of records are short enough to be kept without.
 */
export function rowsToLookUp(request: DecideRequest): Fragment {
  const { state, planId, portalId, sync } = request;
  const { dialect } = state.warehouse;
  const gaps = sync.properties.map(({ name, adopt, nulls }) => {
    const hasNone = sql`${dialect.jsonText(sql`s.property_values`, name)} is null`;
    if (adopt && nulls === 'clear') return sql` or ${hasNone}`;
    // A value of ours may be there from when the sync had the property before.
    const isNew = sql`replace(s.property_values, ${sql.lit(JSON.stringify(name))}, '') = s.property_values`;
    const isNewThere = request.made?.has(name) ? sql`` : sql` or ${isNew}`;
    return sql` or ((${dialect.jsonText(sql`c.row_values`, name)} is not null${isNewThere}) and ${hasNone})`;
  });
  return sql`select i.identity_id, i.match_value, min(i.record_id) as record_id,
  max(case when s.record_id = i.record_id then 1 else 0 end) as is_own
from ${stateTable(state, 'candidates')} c
join ${stateTable(state, 'identities')} i on i.identity_id = c.identity_id and i.portal_id = ${portalId}
left join ${stateTable(state, 'snapshot')} s
  on s.model_key = c.model_key and s.portal_id = ${portalId} and s.sync = ${sync.name}
left join ${waitingRows(request)} r on r.model_key = c.model_key and r.values_hash = c.values_hash and r.identity_id = c.identity_id
where c.plan_id = ${planId} and (r.model_key is null or i.record_id is null and r.operation <> 'create') and (not coalesce(${isKnown}, false)${sql.join(gaps, sql``)})
group by i.identity_id, i.match_value${emptiesUnheard(sync) ? unheardLookUps(request) : sql``}`;
}

/** Records that a plan which broke off may have written, and that no row of the model leads to. */
function unheardLookUps(request: DecideRequest): Fragment {
  const { state, planId, portalId, sync } = request;
  return sql`
union all
select i.identity_id, i.match_value, min(i.record_id) as record_id, 1 as is_own
from ${unheardRows(request)} u
join ${stateTable(state, 'identities')} i on i.identity_id = u.identity_id and i.portal_id = ${portalId}
where i.property = ${sync.match.property} and u.identity_id not in (
  select identity_id from ${stateTable(state, 'candidates')} where plan_id = ${planId} and identity_id is not null
)
group by i.identity_id, i.match_value`;
}

/**
 * Candidates with what is known of their records: the values that HubSpot accepted last of the row (`known_values`); those
 * it accepted last of whatever row (`owned_values`); those it was just read to hold (`found_values`); and which of these
 * Scoreline has sent, or may have sent before an apply broke off (`own*`).
 */
export function gatherFacts(request: Omit<DecideRequest, 'model'>): Fragment {
  const { state, planId, portalId, sync } = request;
  return sql`
  select c.*, i.record_id, l.several, l.found_values, s.vanished_at,
    coalesce(${isKnown}, false) as is_known,
    case when ${isKnown} then s.property_values end as known_values,
    o.property_values as owned_values${moreColumns(sync.properties.map((_, index) => sql`b.${ownFlag(index)}`))},
    coalesce(s.identity_id = c.identity_id and s.record_id is not null and i.record_id is null, false) as is_gone,
    case when s.record_id = i.record_id then s.tier end as old_tier,
    r.model_key is not null as is_waiting
  from ${stateTable(state, 'candidates')} c
  left join ${stateTable(state, 'identities')} i on i.identity_id = c.identity_id and i.portal_id = ${portalId}
  left join ${stateTable(state, 'lookups')} l on l.identity_id = c.identity_id and l.plan_id = c.plan_id
  left join ${stateTable(state, 'snapshot')} s
    on s.model_key = c.model_key and s.portal_id = ${portalId} and s.sync = ${sync.name}
  left join ${waitingRows(request)} r
    on r.model_key = c.model_key and r.values_hash = c.values_hash and r.identity_id = c.identity_id
  left join (
    select record_id, max(property_values) as property_values from ${stateTable(state, 'snapshot')}
    where portal_id = ${portalId} and sync = ${sync.name} and record_id in (${recordsRead(request)})
    group by record_id
  ) o on o.record_id = ${readRecord}
  left join (${ownValues(request)}) b on b.record_id = ${readRecord}
  where c.plan_id = ${planId}`;
}

/** Refusals that are in their pause. */
function waitingRows({ state, portalId, planId, sync }: Omit<DecideRequest, 'model'>): Fragment {
  return sql`(
    select model_key, values_hash, identity_id, operation from ${stateTable(state, 'rejections')}
    where portal_id = ${portalId} and sync = ${sync.name}
      and next_attempt_at > (select created_at from ${stateTable(state, 'plans')} where plan_id = ${planId})
  )`;
}

/** The record of an identity, where its values were read. One expression, since warehouses hash equalities alone. */
const readRecord = sql`case when l.found_values is not null then i.record_id end`;

function recordsRead({ state, planId }: Omit<DecideRequest, 'model'>): Fragment {
  return sql`select distinct record_id from ${stateTable(state, 'lookups')} where plan_id = ${planId} and record_id is not null`;
}

/**
 * One row per record that was read: `own0`, `own1` …, 1 where the property's value is one that a plan has sent there, or may
 * have sent, or sent to the record of the same match value before others merged it; and where it is the value that the last
 * of them found and was not to adopt, which may not have been written over after all.
 */
function ownValues(request: Omit<DecideRequest, 'model'>): Fragment {
  const { state, portalId, planId, sync } = request;
  const { dialect } = state.warehouse;
  const flags = sync.properties.map(({ name, type }, index) => {
    const value = (json: string) => {
      const text = dialect.jsonText(sql.ref(json), name);
      // Plans of older versions have texts as they were in the model.
      return withoutEnds(type, text);
    };
    return sql`max(case when ${isNamedIn(sql`changed`, name)} and (${value('row_values')} = ${value('found_values')}
      or (recency = 1 and not ${isNamedIn(sql`adopted`, name)} and ${value('old_values')} = ${value('found_values')})) then 1 end) as ${ownFlag(index)}`;
  });
  const began = (found: Fragment, on: Fragment, isSame: number) => sql`
      select k.record_id, k.found_values, p.changed, coalesce(p.own_values, p.row_values) as row_values, p.old_values,
        coalesce(p.adopted, '') as adopted, n.created_at, n.plan_id,
        ${sql.lit(isSame)} as is_same_record
      from ${stateTable(state, 'plan_rows')} p
      join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
      left join ${stateTable(state, 'identities')} i on i.identity_id = p.identity_id and i.portal_id = ${portalId}
      join (${found}) k on ${on}
      where n.portal_id = ${portalId} and n.sync = ${sync.name} and n.applied_by is not null
        and p.list is null and p.verdict = 'send'`;
  const lookups = sql`${stateTable(state, 'lookups')} where plan_id = ${planId} and record_id is not null`;
  const byRecord = sql`select record_id, max(found_values) as found_values from ${lookups} group by record_id`;
  const byIdentity = sql`select identity_id, record_id, found_values from ${lookups}`;
  return sql`
    select record_id${moreColumns(flags)} from (
      select sent.*, row_number() over (
        partition by record_id order by is_same_record desc, created_at desc, plan_id desc
      ) as recency
      from (${began(byRecord, sql`k.record_id = coalesce(p.record_id, i.record_id)`, 1)}
        union all ${began(byIdentity, sql`k.identity_id = p.identity_id`, 0)}
      ) sent
    ) ranked
    group by record_id`;
}

/** The column of `gatherFacts` that is 1 where the property's value is one of ours. */
export function ownFlag(index: number): Fragment {
  return sql.ref(`own${index}`);
}

/**
 * Records that two rows lead to, with both keys: candidates (of the CTE `facts`), and rows of the model that are as they
 * were. A row that left the model or is excluded claims nothing, so its record is free for another row.
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
    join (${presentRows(state.warehouse.dialect, model)}) present
      on present.model_key = s.model_key and present.is_excluded = 0
    where s.portal_id = ${portalId} and s.sync = ${sync.name}
      and s.record_id in (select record_id from facts)
      and not exists (select 1 from facts f where f.model_key = s.model_key)
  ) holders
  group by record_id having count(*) > 1`;
}
