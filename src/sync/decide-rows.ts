import { sql } from 'kysely';
import { lifecycleStage } from '../hubspot/records/kept-stage.ts';
import type { Sync, SyncProperty } from '../project/sync-types.ts';
import { moreColumns } from '../sql/more-columns.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import { nullableText, stateTable } from '../state/state.ts';
import { type DecideRequest, decidedTable } from './decide-request.ts';
import { leftOverRows } from './deferred-first.ts';
import { withoutEnds } from './format-value.ts';
import { findClaims, gatherFacts, ownFlag } from './gather-facts.ts';

/**
 * Says for every candidate what becomes of it, now that records are known, and freezes what will be sent:
 *
 * - `unmatched`: no match value, or no record and none may be made
 * - `rejected`: HubSpot cannot hold a value, or two rows lead to one record
 * - `waiting`: refused before with these very values, and still in its pause
 * - `send`: a record to create, or one whose values differ by enough
 * - `suppressed`: differs within the dead band or in going-along columns alone; `unchanged`: does not differ after all
 *
 * A record that is another one than the snapshot's, or in doubt, is compared with what HubSpot was just read to hold. Of
 * these rows, those with nothing to send are frozen as `met`, so that the snapshot learns of them when the plan is applied.
 */
export function decideRows(request: DecideRequest): readonly Fragment[] {
  const { state, planId } = request;
  const decided = decidedTable(planId);
  const rejections = stateTable(state, 'rejections');
  const planned = sql.join(plannedColumns.map((name) => sql.id(name)));
  const frozen = sql.join(
    plannedColumns.map((name) =>
      name === 'verdict' ? sql`case when d.is_met then 'met' else d.verdict end` : sql.id('d', name),
    ),
  );
  return [
    sql`create temporary table ${decided} as ${decide(request)}`,
    sql`insert into ${stateTable(state, 'plan_rows')} (plan_id, priority, ${planned})
select ${nullableText(state, planId)}, d.priority + case when d.verdict = 'send' then coalesce(w.lifted, 0) else 0 end, ${frozen}
from ${decided} d
left join (${leftOverRows(request)}) w on w.model_key = d.model_key
where d.is_met or d.verdict in ('send', 'rejected', 'unmatched', 'waiting')`,
    sql`merge into ${stateTable(state, 'plans')} t
using (
  select sum(case when verdict = 'unchanged' then 1 else 0 end) as unchanged_rows,
    sum(case when verdict = 'suppressed' then 1 else 0 end) as suppressed_rows
  from ${decided}
) s
on t.plan_id = ${planId}
when matched then update set unchanged_rows = t.unchanged_rows + coalesce(s.unchanged_rows, 0),
  suppressed_rows = t.suppressed_rows + coalesce(s.suppressed_rows, 0)`,
    // Rows that left the model, or that HubSpot holds as they are by now, are refused no more.
    sql`delete from ${rejections} where portal_id = ${request.portalId} and sync = ${request.sync.name}
and operation <> 'clear' and not exists (
  select 1 from ${decided} d where d.model_key = rejections.model_key and d.verdict in ('send', 'rejected', 'waiting')
)`,
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
  'beside_stage',
  'old_values',
  'values_hash',
  'companions_hash',
  'tier',
  'old_tier',
  'kept',
  'adopted',
  'category',
  'message',
] as const;

/** Names of one property's columns. */
export interface PropertyColumns {
  readonly property: SyncProperty;
  /** The model's value. */
  readonly wanted: Fragment;
  /** HubSpot's value: what it accepted last, or was just read to hold. */
  readonly held: Fragment;
  /** Whether HubSpot's value is none that Scoreline wrote or would write. */
  readonly foreign: Fragment;
  /** Whether the model's value is to be sent, if the row is. */
  readonly differs: Fragment;
}

function decide(request: DecideRequest): Fragment {
  const { state, sync } = request;
  const { dialect } = state.warehouse;
  const columns: readonly PropertyColumns[] = sync.properties.map((property, index) => ({
    property,
    wanted: sql.ref(`n${index}`),
    held: sql.ref(`o${index}`),
    foreign: sql.ref(`f${index}`),
    differs: sql.ref(`d${index}`),
  }));
  // What the record holds afterwards. A value that is not ours has no place in the snapshot, so that it is read again
  // before anything is written over it.
  const members = columns.map(
    ({ property, wanted, held, foreign, differs }) =>
      [
        property.name,
        sql`case when verdict = 'send' and ${differs} then ${wanted} when not ${foreign} then ${held} end`,
      ] as const,
  );
  const besideStage = columns.map(({ property: { name }, wanted, held, foreign, differs }) => {
    const isSent = name === lifecycleStage ? sql`false` : differs;
    return [name, sql`case when ${isSent} then ${wanted} when not ${foreign} then ${held} end`] as const;
  });
  const stage = columns.find(({ property }) => property.name === lifecycleStage);
  const heldMembers = columns.map(({ property, held }) => [property.name, held] as const);
  const named = (chosen: readonly PropertyColumns[], when: (column: PropertyColumns) => Fragment) =>
    dialect.joinText(
      chosen.map((column) => sql`case when ${when(column)} then ${sql.lit(column.property.name)} end`),
      ',',
    );
  const keeping = columns.filter(({ property }) => property.write === 'always' && !property.adopt);
  const causes = columns.filter(({ property }) => !property.withChangesOnly);
  // Suppressed rows that the snapshot is to have afresh: just read, so that they are not read in every run; with nothing held
  // back by the dead band; or about to be in doubt since HubSpot has lost a property of theirs.
  const isNewlyKnown = [
    sql`not is_known`,
    sql`found_values is not null`,
    sql`not ${anyOf(causes.map(({ differs }) => differs))}`,
    ...[...(request.made ?? [])].map((name) => sql`${dialect.jsonText(sql`known_values`, name)} is not null`),
  ];
  const adopting = columns.filter(({ property }) => property.adopt);
  return sql`with facts as (${gatherFacts(request)}),
claims as (${findClaims(request)}),
extracted as (
  select f.*, c.first_key, c.last_key${moreColumns(
    columns.map(
      (column) =>
        sql`${withoutEnds(column.property.type, dialect.jsonText(sql`f.row_values`, column.property.name))} as ${column.wanted}, ${heldValue(request, column)} as ${column.held}`,
    ),
  )}
  from facts f
  left join claims c on c.record_id = f.record_id
),
owned as (
  select e.*${moreColumns(columns.map((column, index) => sql`${isForeign(dialect, column, index)} as ${column.foreign}`))}
  from extracted e
),
differing as (
  select o.*${moreColumns(columns.map((column) => sql`${differs(column)} as ${column.differs}`))}
  from owned o
),
judged as (
  select d.*, ${verdict(dialect, sync, columns)} as verdict from differing d
)
select model_key, identity_id, record_id, verdict, priority, values_hash, companions_hash, tier, old_tier,
  case when verdict in ('send', 'rejected') then case when record_id is null then 'create' else 'update' end end as operation,
  verdict = 'unchanged' or (verdict = 'suppressed' and ${anyOf(isNewlyKnown)}) as is_met,
  case when verdict = 'send' then ${named(columns, ({ differs }) => differs)} end as changed,
  case when verdict in ('send', 'unchanged', 'suppressed') then ${dialect.jsonObject(members)} end as row_values,
  ${stage ? sql`case when verdict = 'send' and ${stage.differs} then ${dialect.jsonObject(besideStage)} end` : nullableText(state, null)} as beside_stage,
  case when verdict = 'send' and record_id is not null then ${dialect.jsonObject(heldMembers)} end as old_values,
  case when verdict in ('send', 'unchanged', 'suppressed') then ${named(keeping, ({ property, wanted, foreign }) => (property.nulls === 'clear' ? foreign : sql`${foreign} and ${wanted} is not null`))} end as kept,
  case when verdict = 'send' then ${named(adopting, ({ foreign, differs }) => sql`${foreign} and ${differs}`)} end as adopted,
  case when verdict = 'rejected' then case
    when several is not null then 'AMBIGUOUS_MATCH'
    when bad_property is not null then 'INVALID_VALUE'
    when twin_key is not null then 'DUPLICATE_MATCH'
    else 'DUPLICATE_RECORD' end end as category,
  case when verdict = 'rejected' then case
    when several is not null then concat(${sql.lit(`Several records have the same ${sync.match.property}: `)}, several)
    when bad_property is not null then concat('The value of ', bad_property, ${whyBad(sync)})
    when twin_key is not null then concat('The rows ', model_key, ' and ', twin_key, ${sql.lit(` have the same ${sync.match.property}`)})
    else concat('The rows ', first_key, ' and ', last_key, ' lead to the same record ', record_id) end end as message
from judged`;
}

/** What is wrong with the value of `bad_property`; see `formatValue`. */
function whyBad({ properties }: Sync): Fragment {
  const ofTypes = (...types: readonly SyncProperty['type'][]) => {
    const names = properties.filter(({ type }) => types.includes(type)).map(({ name }) => sql.lit(name));
    return names.length === 0 ? sql`false` : sql`bad_property in (${sql.join(names)})`;
  };
  return sql`case when ${ofTypes('enumeration')} then ' is none of its options'
      when ${ofTypes('date', 'datetime')} then ' has no year of four digits'
      else ' is not finite, or has too many digits' end`;
}

function heldValue({ state, made }: DecideRequest, { property }: PropertyColumns): Fragment {
  const { dialect } = state.warehouse;
  if (made?.has(property.name)) return sql`cast(null as ${dialect.type({ kind: 'text' })})`;
  const [known, found] = [sql`f.known_values`, sql`f.found_values`].map((json) =>
    dialect.jsonText(json, property.name),
  );
  return sql`coalesce(${known}, ${found})`;
}

/** A value that was read, is not the model's, and is none of those that Scoreline has sent, or may have. */
function isForeign(dialect: Dialect, { property, wanted, held }: PropertyColumns, index: number): Fragment {
  const member = (json: string) => dialect.jsonText(sql.ref(json), property.name);
  return sql`coalesce(${held} is not null and ${held} is distinct from ${wanted}
      and ${member('known_values')} is null and ${member('owned_values')} is null and ${ownFlag(index)} is null, false)`;
}

/** A null is sent only where nulls clear, and no value of others is written over unless it is to be adopted. */
export function differs({ property, wanted, held, foreign }: PropertyColumns): Fragment {
  if (property.write === 'if_empty') return sql`(${wanted} is not null and ${held} is null)`;
  const another = sql`${wanted} is distinct from ${held}`;
  const isToSend = property.nulls === 'skip' ? sql`${wanted} is not null and ${another}` : another;
  return property.adopt ? sql`(${isToSend})` : sql`(${isToSend} and not ${foreign})`;
}

function verdict(dialect: Dialect, sync: Sync, columns: readonly PropertyColumns[]): Fragment {
  const mayRecreate = sync.recreate ? sql`true` : sql`vanished_at is null and not is_gone`;
  const mayCreate = sync.mode !== 'update' ? mayRecreate : sql`false`;
  const causes = columns.filter(({ property }) => !property.withChangesOnly);
  return sql`case
      when identity_id is null then 'unmatched'
      when record_id is null and several is null and not (${mayCreate}) then 'unmatched'
      when several is not null or bad_property is not null or twin_key is not null or first_key is not null then 'rejected'
      when is_waiting then 'waiting'
      when record_id is null then 'send'
      when ${anyOf(causes.map((column) => isCause(dialect, column)))} then 'send'
      when ${anyOf(columns.map((column) => column.differs))} then 'suppressed'
      else 'unchanged'
    end`;
}

/**
 * Whether a difference is reason enough to write: the dead band is open while the tier moves. Stands among columns
 * `is_known`, `tier` and `old_tier`.
 */
export function isCause(dialect: Dialect, { property, wanted, held, differs }: PropertyColumns): Fragment {
  if (property.minChange === undefined) return differs;
  const double = dialect.type({ kind: 'double' });
  // Values have few decimals, so that rounding the difference takes away the noise of binary fractions.
  const distance = dialect.roundTo(sql`abs(cast(${wanted} as ${double}) - cast(${held} as ${double}))`, 38, 6);
  return sql`(${differs} and (not is_known or tier is distinct from old_tier or ${wanted} is null or ${held} is null or ${distance} >= ${sql.lit(property.minChange)}))`;
}

export function anyOf(conditions: readonly Fragment[]): Fragment {
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
