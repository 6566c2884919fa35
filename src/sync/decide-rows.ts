import { sql } from 'kysely';
import type { Sync, SyncProperty } from '../project/types.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import { nullableText, type State, stateTable, temporaryTable } from '../state/state.ts';
import { keyText, type SyncModel } from './sync-model.ts';

export interface DecideRequest {
  readonly state: State;
  readonly planId: string;
  readonly portalId: number;
  readonly sync: Sync;
  readonly model: SyncModel;
}

/** The table that `decideRows` makes for the rest of its script: one row per candidate, with its verdict. */
export function decidedTable(planId: string): Fragment {
  return temporaryTable('decided', planId);
}

/**
 * Says for every candidate what becomes of it, now that records are known, and freezes what will be sent:
 *
 * - `unmatched`: no match value, or no record and none may be made
 * - `rejected`: HubSpot cannot hold a value, or two rows lead to one record
 * - `send`: a record to create, or one whose values differ by enough
 * - `suppressed`: differs within the dead band or in going-along columns alone; `unchanged`: does not differ after all
 *
 * A record that is another one than the snapshot's, or in doubt, gets all values.
 */
export function decideRows(request: DecideRequest): readonly Fragment[] {
  const { state, planId } = request;
  const decided = decidedTable(planId);
  const planned = sql.join(plannedColumns.map((name) => sql.id(name)));
  return [
    sql`create temporary table ${decided} as ${decide(request)}`,
    sql`insert into ${stateTable(state, 'plan_rows')} (plan_id, priority, ${planned})
select ${nullableText(state, planId)}, 0, ${planned} from ${decided} where verdict in ('send', 'rejected', 'unmatched')`,
    sql`merge into ${stateTable(state, 'plans')} t
using (
  select sum(case when verdict = 'unchanged' then 1 else 0 end) as unchanged_rows,
    sum(case when verdict = 'suppressed' then 1 else 0 end) as suppressed_rows
  from ${decided}
) s
on t.plan_id = ${planId}
when matched then update set unchanged_rows = t.unchanged_rows + coalesce(s.unchanged_rows, 0),
  suppressed_rows = t.suppressed_rows + coalesce(s.suppressed_rows, 0)`,
  ];
}

const plannedColumns = [
  'model_key',
  'operation',
  'verdict',
  'record_id',
  'identity_id',
  'changed',
  'row_values',
  'old_values',
  'values_hash',
  'companions_hash',
  'tier',
  'old_tier',
  'category',
  'message',
] as const;

/** Names of one property's columns: value of the model, value of the snapshot, whether they differ. */
interface PropertyColumns {
  readonly property: SyncProperty;
  readonly wanted: Fragment;
  readonly held: Fragment;
  readonly differs: Fragment;
}

function decide(request: DecideRequest): Fragment {
  const { state, sync } = request;
  const { dialect } = state.warehouse;
  const columns: readonly PropertyColumns[] = sync.properties.map((property, index) => ({
    property,
    wanted: sql.ref(`n${index}`),
    held: sql.ref(`o${index}`),
    differs: sql.ref(`d${index}`),
  }));
  const members = columns.map(
    ({ property, wanted, held }) =>
      [property.name, property.nulls === 'skip' ? sql`coalesce(${wanted}, ${held})` : wanted] as const,
  );
  const changed = columns.map(({ property, differs }) => sql`case when ${differs} then ${sql.lit(property.name)} end`);
  return sql`with facts as (${gatherFacts(request)}),
claims as (${findClaims(request)}),
extracted as (
  select f.*, c.first_key, c.last_key,
    ${sql.join(
      columns.map(
        ({ property, wanted, held }) =>
          sql`${dialect.jsonText(sql`f.row_values`, property.name)} as ${wanted}, ${dialect.jsonText(sql`f.known_values`, property.name)} as ${held}`,
      ),
    )}
  from facts f
  left join claims c on c.record_id = f.record_id
),
differing as (
  select e.*, ${sql.join(columns.map((column) => sql`${differs(column)} as ${column.differs}`))}
  from extracted e
),
judged as (
  select d.*, ${verdict(dialect, sync, columns)} as verdict from differing d
)
select model_key, identity_id, record_id, verdict, values_hash, companions_hash, tier, old_tier,
  case when verdict in ('send', 'rejected') then case when record_id is null then 'create' else 'update' end end as operation,
  case when verdict = 'send' then ${dialect.joinText(changed, ',')} end as changed,
  case when verdict = 'send' then case when is_known then ${dialect.jsonObject(members)} else row_values end end as row_values,
  case when verdict = 'send' then known_values end as old_values,
  case when verdict = 'rejected' then case
    when several is not null then 'AMBIGUOUS_MATCH'
    when bad_property is not null then 'INVALID_VALUE'
    when twin_key is not null then 'DUPLICATE_MATCH'
    else 'DUPLICATE_RECORD' end end as category,
  case when verdict = 'rejected' then case
    when several is not null then concat(${sql.lit(`Several records have the same ${sync.match.property}: `)}, several)
    when bad_property is not null then concat('The value of ', bad_property, ' is not finite, or has too many digits')
    when twin_key is not null then concat('The rows ', model_key, ' and ', twin_key, ${sql.lit(` have the same ${sync.match.property}`)})
    else concat('The rows ', first_key, ' and ', last_key, ' lead to the same record ', record_id) end end as message
from judged`;
}

/** Candidates with what is known of their records: the values that HubSpot accepted last, unless a later write is in doubt. */
function gatherFacts({ state, planId, portalId, sync }: DecideRequest): Fragment {
  const isKnown = sql`s.record_id = i.record_id and s.values_hash is not null`;
  return sql`
  select c.*, i.record_id, l.several, s.vanished_at,
    coalesce(${isKnown}, false) as is_known,
    case when ${isKnown} then s.property_values end as known_values,
    case when s.record_id = i.record_id then s.tier end as old_tier
  from ${stateTable(state, 'candidates')} c
  left join ${stateTable(state, 'identities')} i on i.identity_id = c.identity_id and i.portal_id = ${portalId}
  left join ${stateTable(state, 'lookups')} l on l.identity_id = c.identity_id and l.plan_id = c.plan_id
  left join ${stateTable(state, 'snapshot')} s
    on s.model_key = c.model_key and s.portal_id = ${portalId} and s.sync = ${sync.name}
  where c.plan_id = ${planId}`;
}

/**
 * Records that two rows lead to, with both keys: candidates, and rows of the model that are as they were. A row that left
 * the model claims nothing, so its record is free for another row.
 */
function findClaims({ state, portalId, sync, model }: DecideRequest): Fragment {
  return sql`
  select record_id, min(model_key) as first_key, max(model_key) as last_key
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

/** A null is sent only where nulls clear, and to no record that is yet to be made. */
function differs({ property, wanted, held }: PropertyColumns): Fragment {
  const another = sql`${wanted} is distinct from ${held}`;
  return property.nulls === 'skip'
    ? sql`(${wanted} is not null and ${another})`
    : sql`(${another} or (record_id is not null and not is_known))`;
}

function verdict(dialect: Dialect, sync: Sync, columns: readonly PropertyColumns[]): Fragment {
  const mayCreate = sync.mode === 'upsert' ? sql`vanished_at is null` : sql`false`;
  const causes = columns.filter(({ property }) => !property.withChangesOnly);
  return sql`case
      when identity_id is null then 'unmatched'
      when record_id is null and several is null and not (${mayCreate}) then 'unmatched'
      when several is not null or bad_property is not null or twin_key is not null or first_key is not null then 'rejected'
      when record_id is null then 'send'
      when ${anyOf(causes.map((column) => isCause(dialect, column)))} then 'send'
      when ${anyOf(columns.map((column) => column.differs))} then 'suppressed'
      else 'unchanged'
    end`;
}

/** Whether a difference is reason enough to write: the dead band is open while the tier moves. */
function isCause(dialect: Dialect, { property, wanted, held, differs }: PropertyColumns): Fragment {
  if (property.minChange === undefined) return differs;
  const double = dialect.type({ kind: 'double' });
  // Values have few decimals, so that rounding the difference takes away the noise of binary fractions.
  const distance = dialect.roundTo(sql`abs(cast(${wanted} as ${double}) - cast(${held} as ${double}))`, 38, 6);
  return sql`(${differs} and (not is_known or tier is distinct from old_tier or ${wanted} is null or ${held} is null or ${distance} >= ${sql.lit(property.minChange)}))`;
}

function anyOf(conditions: readonly Fragment[]): Fragment {
  return conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`;
}

/** Takes away what was needed only to make the plan. */
export function endDeciding({ state, planId }: Pick<DecideRequest, 'state' | 'planId'>): readonly Fragment[] {
  return [
    sql`delete from ${stateTable(state, 'candidates')} where plan_id = ${planId}`,
    sql`delete from ${stateTable(state, 'lookups')} where plan_id = ${planId}`,
    sql`drop table ${decidedTable(planId)}`,
  ];
}
