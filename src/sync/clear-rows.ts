import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { nullableText, stateTable } from '../state/state.ts';
import { type DecideRequest, decidedTable } from './decide-request.ts';
import { presentRows } from './sync-model.ts';

/** Behind all rows of the model. */
const clearPriority = 9;

/**
 * Freezes the records whose properties are emptied: those of rows that left the model or moved to another record
 * (`removed: clear`), and of rows that are excluded (`exclude.properties: clear`). Only values that Scoreline wrote are
 * emptied, and none of a record that another row leads to by now. To be run in the script of `decideRows`.
 *
 * The record that a row moved away from has a key of its own, since the row itself has another operation in the plan.
 * @returns no statement where the sync keeps the values of all of them
 */
export function clearRows({ state, planId, portalId, sync, model }: DecideRequest): readonly Fragment[] {
  const clearsExcluded = sync.exclude?.properties === 'clear';
  if (sync.removed === 'keep' && !clearsExcluded) return [];
  const { dialect } = state.warehouse;
  const decided = decidedTable(planId);
  const names = sync.properties.map(({ name }) => name);
  if (names.length === 0) return [];
  const ours = names.map(
    (name) => sql`case when ${dialect.jsonText(sql`s.property_values`, name)} is not null then ${sql.lit(name)} end`,
  );
  const noText = sql`cast(null as ${dialect.type({ kind: 'text' })})`;
  const hasMoved = sql`d.record_id <> s.record_id and d.verdict in ('send', 'unchanged', 'suppressed')`;
  const causes = [
    ...(sync.removed === 'clear' ? [sql`m.model_key is null`, hasMoved] : []),
    ...(clearsExcluded ? [sql`coalesce(m.is_excluded, 0) = 1`] : []),
  ];
  return [
    sql`insert into ${stateTable(state, 'plan_rows')} (plan_id, operation, verdict, priority, model_key, record_id, identity_id,
  changed, row_values, old_values, old_tier)
select ${nullableText(state, planId)}, 'clear', 'send', ${sql.lit(clearPriority)},
  case when has_moved then concat(model_key, ' (record ', record_id, ')') else model_key end, record_id, identity_id,
  changed, ${dialect.jsonObject(names.map((name) => [name, noText] as const))}, property_values, tier
from (
  select s.model_key, s.record_id, s.identity_id, s.property_values, s.tier, ${dialect.joinText(ours, ',')} as changed,
    coalesce(${hasMoved}, false) as has_moved
  from ${stateTable(state, 'snapshot')} s
  left join (${presentRows(dialect, model)}) m on m.model_key = s.model_key
  left join ${decided} d on d.model_key = s.model_key
  where s.portal_id = ${portalId} and s.sync = ${sync.name} and s.record_id is not null
    and (${sql.join(causes, sql` or `)})
    and not exists (
      select 1 from ${decided} o
      where o.record_id = s.record_id and o.model_key <> s.model_key and o.verdict <> 'unmatched'
    )
) left_behind
where changed <> ''`,
  ];
}
