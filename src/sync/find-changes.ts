import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { isScoreHistoryColumn } from '../project/history-columns.ts';
import type { Sync } from '../project/sync-types.ts';
import { moreColumns } from '../sql/more-columns.ts';
import type { Fragment } from '../sql/types.ts';
import { identityOf, isCaseless } from '../state/identity.ts';
import { nullableText, type State, stateTable, temporaryTable } from '../state/state.ts';
import type { Column } from '../warehouse/port.ts';
import { formatValue, trimEnds } from './format-value.ts';
import { findColumn, isExcluded, keyText, type SyncModel } from './sync-model.ts';

export interface ChangesRequest {
  readonly state: State;
  readonly planId: string;
  readonly portalId: number;
  readonly sync: Sync;
  readonly model: SyncModel;
  /** Enumeration → the options that it will have; a value that is none of them rejects its row. */
  readonly options?: ReadonlyMap<string, readonly string[]>;
  /** Properties that HubSpot does not have: whatever it accepted of them is gone. */
  readonly made?: ReadonlySet<string>;
}

/**
 * Compares the model with the snapshot by digests, so that a row that is the same never leaves the warehouse and its
 * JSON is never looked into. What differs goes to `candidates` with its values, match values that are new to
 * `identities`, and the plan's row gets the counts of the rest.
 *
 * A row is a candidate too if its match value is another one than before or is shared by two rows, if its record
 * vanished or is in doubt, and if HubSpot cannot hold one of its values.
 * @returns statements to be run as one script, behind the one that makes the plan's own row
 */
export function findChanges(request: ChangesRequest): readonly Fragment[] {
  const { state, planId, portalId, sync, model } = request;
  const compared = temporaryTable('compared', planId);
  const twins = temporaryTable('twins', planId);
  const identities = stateTable(state, 'identities');
  const identity = identityOfRow(request, 'c');
  const inOrder = state.warehouse.dialect.textOrder(sql`model_key`);
  return [
    sql`create temporary table ${compared} as ${compareRows(request)}`,
    sql`create temporary table ${twins} as
select match_value, min(${inOrder}) as first_key, max(${inOrder}) as last_key
${ofDiffering(compared, 'match_value')}`,
    sql`insert into ${stateTable(state, 'candidates')} (plan_id, model_key, identity_id, row_values, values_hash,
  companions_hash, tier, priority, bad_property, twin_key)
select ${nullableText(state, planId)}, c.model_key, ${identity}, c.row_values, c.values_hash, c.companions_hash, c.tier,
  c.priority, c.bad_property, case when c.model_key = t.first_key then t.last_key else t.first_key end
from ${compared} c
left join ${twins} t on t.match_value = c.match_value
where c.model_key is not null and (c.verdict = 'differs' or t.match_value is not null)`,
    sql`insert into ${identities} (portal_id, identity_id, object, property, match_value)
select ${portalId}, n.identity_id, ${nullableText(state, sync.object)}, ${nullableText(state, sync.match.property)}, n.match_value
from (
  select distinct c.match_value, ${identity} as identity_id from ${compared} c
  where c.verdict = 'differs' and c.match_value is not null
) n
where not exists (select 1 from ${identities} i where i.portal_id = ${portalId} and i.identity_id = n.identity_id)`,
    sql`merge into ${stateTable(state, 'plans')} t
using (
  select (select count(*) from (${model.select}) model) as model_rows,
    (select count(*) from (select model_key ${ofDiffering(compared, 'model_key')}) repeated)
      + sum(case when c.model_key is null then 1 else 0 end) as bad_keys,
    sum(case when c.verdict = 'unchanged' and t.match_value is null then 1 else 0 end) as unchanged_rows,
    sum(case when c.verdict = 'suppressed' and t.match_value is null then 1 else 0 end) as suppressed_rows,
    sum(case when c.verdict = 'excluded' then 1 else 0 end) as excluded_rows,
    sum(c.keeps_tier) as tiered_rows, ${countNulls(request)} as null_rows
  from ${compared} c
  left join ${twins} t on t.match_value = c.match_value
) s
on t.plan_id = ${planId}
when matched then update set model_rows = s.model_rows, bad_keys = coalesce(s.bad_keys, 0),
  unchanged_rows = coalesce(s.unchanged_rows, 0), suppressed_rows = coalesce(s.suppressed_rows, 0),
  excluded_rows = coalesce(s.excluded_rows, 0), tiered_rows = coalesce(s.tiered_rows, 0), null_rows = s.null_rows`,
    sql`drop table ${twins}`,
    sql`drop table ${compared}`,
  ];
}

/**
 * Values that occur in several rows. At least one of the rows differs: of rows that are all as HubSpot accepted them, no
 * two share a match value, and two with one key do no harm.
 */
function ofDiffering(compared: Fragment, column: string): Fragment {
  const name = sql.id(column);
  return sql`from ${compared}
where ${name} in (select ${name} from ${compared} where verdict = 'differs')
group by ${name} having count(*) > 1`;
}

/** For `null_rows`: by property that may cause a write, the number of rows without a value and one of their keys. */
function countNulls({ state, sync }: ChangesRequest): Fragment {
  const { dialect } = state.warehouse;
  const text = dialect.type({ kind: 'text' });
  const counts = sync.properties.flatMap(({ name, column, withChangesOnly }, index) => {
    // Most people never crossed a tier, and new ones have no score before.
    if (withChangesOnly || isScoreHistoryColumn(column)) return [];
    const isNull = sql.ref(`c.null${index}`);
    const count = sql`cast(coalesce(sum(${isNull}), 0) as ${text})`;
    const example = sql`coalesce(min(case when ${isNull} = 1 then ${dialect.textOrder(sql`c.model_key`)} end), '')`;
    return [[name, sql`concat(${count}, ' ', ${example})`] as const];
  });
  return counts.length === 0 ? sql`'{}'` : dialect.jsonObject(counts);
}

/** One row per row of the model; values only where they differ. */
function compareRows(request: ChangesRequest): Fragment {
  const { state, portalId, sync, model, options } = request;
  const { dialect } = state.warehouse;
  const values = sync.properties.map((property, index) => {
    const column = columnOf(model, property.column);
    const format = (value: Fragment) => formatValue(dialect, property, column, value, options?.get(property.name));
    const formatted = format(sql.id('m', column.name));
    const alias = sql.ref(`v${index}`);
    if (formatted.digest === undefined) return { property, ...formatted, compared: formatted.text, alias, late: alias };
    // The dear text is made for rows that differ alone.
    const raw = sql.ref(`raw${index}`);
    const compared = sql`${sql.id('m', column.name)} as ${raw}, ${formatted.digest}`;
    return { property, ...formatted, compared, alias, late: format(raw).text };
  });
  const tierColumn = model.tierColumn ?? findColumn(model, 'tier')?.name;
  const tier = tierColumn === undefined ? nullableText(state, null) : castText(state, sql.id('m', tierColumn));
  const bad = values.flatMap(({ property, invalid }) =>
    invalid === null ? [] : [sql`when ${invalid} then ${sql.lit(property.name)}`],
  );
  const badProperty = bad.length === 0 ? nullableText(state, null) : sql`case ${sql.join(bad, sql` `)} end`;
  const digest = (parts: typeof values, more: readonly Fragment[]) => {
    // Another match property makes every row a candidate, as does a property that is new, or whose nulls begin to clear,
    // values of others to be adopted, or dead band to be another one.
    const shape = sha256([
      sync.match.property,
      ...parts.map(({ property: { name, nulls, adopt, write, minChange } }) =>
        minChange === undefined ? [name, nulls, adopt, write] : [name, nulls, adopt, write, minChange],
      ),
    ]).slice(0, 8);
    return dialect.hash([sql`${sql.lit(shape)}`, ...more, ...parts.map(({ alias }) => alias)]);
  };
  const lacksProperties = (request.made?.size ?? 0) > 0 ? sql` or 1 = 1` : sql``;
  const causes = values.filter(({ property }) => !property.withChangesOnly);
  // A dead band is open while the tier moves.
  const opening = causes.some(({ property }) => property.minChange !== undefined) ? [sql`tier`] : [];
  const companions = values.filter(({ property }) => property.withChangesOnly);
  return sql`with model as (
  select ${keyText(dialect, model.key, 'm')} as model_key, ${matchValue(state, sync, model)} as match_value,
    ${isExcluded(model, 'm')} as is_excluded, ${model.firstColumn === undefined ? sql`1` : sql`case when ${sql.id('m', model.firstColumn)} then 1 else 2 end`} as priority,
    ${tier} as tier, ${badProperty} as bad_property${moreColumns(values.map(({ compared, alias }) => sql`${compared} as ${alias}`))}
  from (${model.select}) m
),
digested as (
  select model.*, ${digest(causes, [sql`match_value`, ...opening])} as values_hash, ${digest(companions, [])} as companions_hash
  from model
),
compared as (
  select d.*,
    case
      when d.is_excluded = 1 then 'excluded'
      when s.record_id is null or s.values_hash is null or d.bad_property is not null or d.values_hash <> s.values_hash${lacksProperties}
        then 'differs'
      when d.companions_hash <> s.companions_hash then 'suppressed'
      else 'unchanged'
    end as difference,
    case when d.tier is not null and s.tier is not null then 1 else 0 end as keeps_tier
  from digested d
  left join ${stateTable(state, 'snapshot')} s
    on s.model_key = d.model_key and s.portal_id = ${portalId} and s.sync = ${sync.name}
),
identified as (
  select c.*, case when c.difference = 'differs' then ${identityOfRow(request, 'c')} end as identity_id
  from compared c
),
judged as (
  select i.*, case when f.identity_id is null then i.difference else 'excluded' end as verdict
  from identified i
  left join ${stateTable(state, 'forgotten')} f on f.identity_id = i.identity_id
)
select model_key, verdict, priority, bad_property, keeps_tier,
  ${sql.join(
    values.map(({ alias }, index) => sql`case when ${alias} is null then 1 else 0 end as ${sql.ref(`null${index}`)},`),
    sql` `,
  )}
  case when verdict <> 'excluded' then match_value end as match_value,
  case when verdict = 'differs' then tier end as tier,
  case when verdict = 'differs' then values_hash end as values_hash,
  case when verdict = 'differs' then companions_hash end as companions_hash,
  case when verdict = 'differs' then ${dialect.jsonObject(values.map(({ property, late }) => [property.name, late] as const))} end as row_values
from judged`;
}

/** What stands for a match value outside of `identities`. */
function identityOfRow({ state, sync }: ChangesRequest, row: string): Fragment {
  const matchValue = sql.ref(`${row}.match_value`);
  return sql`case when ${matchValue} is not null then ${identityOf(state, sync.object, sync.match.property, matchValue)} end`;
}

/** The empty text is no value. */
function matchValue(state: State, sync: Sync, model: SyncModel): Fragment {
  const { dialect } = state.warehouse;
  const text = trimEnds(castText(state, sql.id('m', columnOf(model, sync.match.column).name)));
  return sql`nullif(${isCaseless(sync.match.property) ? dialect.lower(text) : text}, '')`;
}

function columnOf(model: SyncModel, name: string): Column {
  const column = findColumn(model, name);
  if (column === undefined) throw new TypeError(`No column ${name}: checkColumns comes before`);
  return column;
}

function castText(state: State, value: Fragment): Fragment {
  return sql`cast(${value} as ${state.warehouse.dialect.type({ kind: 'text' })})`;
}

function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
