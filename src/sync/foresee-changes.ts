import { sql } from 'kysely';
import type { Sync } from '../project/sync-types.ts';
import { moreColumns } from '../sql/more-columns.ts';
import type { Fragment } from '../sql/types.ts';
import { countOf } from '../state/row-values.ts';
import { type State, stateTable } from '../state/state.ts';
import { anyOf, differs, isCause, type PropertyColumns } from './decide-rows.ts';
import { formatValue, withoutEnds } from './format-value.ts';
import { findColumn, isExcluded, keyText, type SyncModel } from './sync-model.ts';

export interface ForeseeRequest {
  readonly state: State;
  readonly sync: Sync;
  /** Has all columns that the sync names (`checkColumns`). */
  readonly model: SyncModel;
  readonly signal?: AbortSignal;
}

/** What a sync would do with the rows of its model, as far as it can be told without HubSpot: all counts of rows. */
export interface ForeseenChanges {
  /** HubSpot accepted other values last, by more than the dead band: they would be sent. */
  readonly changed: number;
  /** They differ within the dead band, or in columns that only go along. */
  readonly suppressed: number;
  readonly unchanged: number;
  /** HubSpot accepted none of their values yet: whether they would be sent depends on whether it has a record. */
  readonly unknown: number;
  readonly excluded: number;
  /** Rows that HubSpot accepted and the model has no more; with `removed: clear` they would be cleared. */
  readonly left: number;
}

/**
 * Compares the rows of a model with what HubSpot accepted last, by the rules of `decideRows`, and writes nothing: one round
 * trip. The account is that of the last accepted row. Look-ups could still change a few rows: values that others wrote,
 * two rows that lead to one record, pauses of refused rows.
 */
export async function foreseeChanges(request: ForeseeRequest): Promise<ForeseenChanges> {
  const { state, sync, signal } = request;
  const { warehouse } = state;
  const [row] = await warehouse.query(warehouse.dialect.compile(foreseeQuery(request)), {
    signal,
    purpose: `foresee what ${sync.name} would send`,
  });
  if (row === undefined) throw new TypeError('A count gave no row');
  const [changed, suppressed, unchanged, unknown] = (['changed', 'suppressed', 'unchanged', 'unknown'] as const).map(
    (verdict) => countOf(row, `${verdict}_rows`),
  );
  return {
    changed: changed ?? 0,
    suppressed: suppressed ?? 0,
    unchanged: unchanged ?? 0,
    unknown: unknown ?? 0,
    excluded: countOf(row, 'excluded_rows'),
    left: countOf(row, 'left_rows'),
  };
}

function foreseeQuery({ state, sync, model }: ForeseeRequest): Fragment {
  const { dialect } = state.warehouse;
  const text = dialect.type({ kind: 'text' });
  const columns = sync.properties.map((property, index): PropertyColumns & { readonly formatted: Fragment } => {
    const column = findColumn(model, property.column);
    if (column === undefined) throw new TypeError(`No column ${property.column}: checkColumns comes before`);
    return {
      property,
      formatted: withoutEnds(property.type, formatValue(dialect, property, column, sql.id('m', column.name)).text),
      wanted: sql.ref(`n${index}`),
      held: sql.ref(`o${index}`),
      foreign: sql`false`,
      differs: sql.ref(`d${index}`),
    };
  });
  const tier = model.tierColumn ?? findColumn(model, 'tier')?.name;
  const snapshot = stateTable(state, 'snapshot');
  const causes = columns.filter(({ property }) => !property.withChangesOnly);
  const verdicts = ['changed', 'suppressed', 'unchanged', 'unknown', 'excluded'].map(
    (verdict) =>
      sql`coalesce(sum(case when verdict = ${sql.lit(verdict)} then 1 else 0 end), 0) as ${sql.id(`${verdict}_rows`)}`,
  );
  return sql`with accepted as (
  select * from ${snapshot} where sync = ${sync.name} and record_id is not null and portal_id = (
    select portal_id from ${snapshot} where sync = ${sync.name} order by accepted_at desc, portal_id limit 1
  )
),
model as (
  select ${keyText(dialect, model.key, 'm')} as model_key, ${isExcluded(model, 'm')} as is_excluded,
    ${tier === undefined ? sql`cast(null as ${text})` : sql`cast(${sql.id('m', tier)} as ${text})`} as tier${moreColumns(columns.map(({ formatted, wanted }) => sql`${formatted} as ${wanted}`))}
  from (${model.select}) m
),
compared as (
  select m.*, s.tier as old_tier, s.values_hash is not null as is_known${moreColumns(columns.map(({ property, held }) => sql`${dialect.jsonText(sql`s.property_values`, property.name)} as ${held}`))}
  from model m left join accepted s on s.model_key = m.model_key
),
differing as (
  select c.*${moreColumns(columns.map((column) => sql`${differs(column)} as ${column.differs}`))} from compared c
),
judged as (
  select case
      when is_excluded = 1 then 'excluded'
      when not is_known then 'unknown'
      when ${anyOf(causes.map((column) => isCause(dialect, column)))} then 'changed'
      when ${anyOf(columns.map((column) => column.differs))} then 'suppressed'
      else 'unchanged'
    end as verdict
  from differing
)
select ${sql.join(verdicts)},
  (select count(*) from accepted a where not exists (select 1 from model m where m.model_key = a.model_key)) as left_rows
from judged`;
}
