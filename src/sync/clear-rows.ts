import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { isUnheardRecord, leftRecordKey } from '../state/left-record.ts';
import { nullableText, stateTable, temporaryTable } from '../state/state.ts';
import { type DecideRequest, decidedTable } from './decide-request.ts';
import { leftOverRows } from './deferred-first.ts';
import { isNamedIn } from './names-in.ts';
import { presentRows } from './sync-model.ts';
import { emptiesUnheard, writtenUnheard } from './unheard-rows.ts';

/** Behind all rows of the model. */
const clearPriority = 9;

/**
 * What rows are known to have left behind (`found`), with what else they may have written without being heard. Where another
 * row leads to the record that is not emptied. Either way it is `held`: whatever becomes of that row, or of the emptying, the
 * snapshot is to know of it.
 */
function withUnheard(request: DecideRequest): Fragment {
  const { dialect } = request.state.warehouse;
  return sql`, unheard as (
${writtenUnheard(request)}
)
select 'send' as verdict, f.model_key, f.record_id, f.identity_id, coalesce(h.changed, f.changed) as changed,
  coalesce(h.property_values, f.property_values) as property_values, f.tier
from found f left join unheard h on h.record_id = f.record_id
union all
select w.verdict, h.model_key, h.record_id, h.identity_id, h.changed, h.property_values,
  cast(null as ${dialect.type({ kind: 'text' })})
from unheard h
join (select 'held' as verdict, 1 as has_row union all select 'held', 0 union all select 'send', 0) w on w.has_row = h.has_row
where not exists (select 1 from found f where f.record_id = h.record_id)`;
}

/**
 * Freezes the records whose properties are emptied: those of rows that left the model or moved to another record
 * (`removed: clear`), also where nobody heard that they were written, and of rows that are excluded
 * (`exclude.properties: clear`). Only values that Scoreline wrote are emptied, and none of a record that another row leads
 * to by now. To be run in the script of `decideRows`.
 *
 * The record that a row moved away from has a key of its own, since the row itself has another operation in the plan. A
 * clear that was refused is left alone in its pause; it is no row of the model, so it is not counted as waiting.
 */
export function clearRows(request: DecideRequest): readonly Fragment[] {
  const { state, planId, portalId, sync, model } = request;
  const clearsExcluded = sync.exclude?.properties === 'clear';
  const { dialect } = state.warehouse;
  const decided = decidedTable(planId);
  const names = sync.properties.map(({ name }) => name);
  const forgetRefusedClears = sql`delete from ${stateTable(state, 'rejections')}
where portal_id = ${portalId} and sync = ${sync.name} and operation = 'clear'`;
  if (names.length === 0 || !emptiesUnheard(sync)) return [forgetRefusedClears];
  const ours = names.map(
    (name) => sql`case when ${dialect.jsonText(sql`s.property_values`, name)} is not null then ${sql.lit(name)} end`,
  );
  // Of a record that is emptied, nothing.
  const heldMembers = names.map((name) => {
    const isHeld = sql`l.verdict = 'held' and ${isNamedIn(sql`l.changed`, name)}`;
    return [name, sql`case when ${isHeld} then ${dialect.jsonText(sql`l.property_values`, name)} end`] as const;
  });
  const hasMoved = sql`d.record_id <> s.record_id and d.verdict in ('send', 'unchanged', 'suppressed')`;
  const causes = [
    ...(sync.removed === 'clear' ? [sql`m.model_key is null`, hasMoved] : []),
    ...(clearsExcluded ? [sql`coalesce(m.is_excluded, 0) = 1`, isUnheardRecord('s')] : []),
  ];
  const leftBehind = temporaryTable('left_behind', planId);
  const rejections = stateTable(state, 'rejections');
  return [
    sql`create temporary table ${leftBehind} as with found as (
select case when has_moved then ${leftRecordKey(sql`model_key`, sql`record_id`)} else model_key end as model_key, record_id,
  identity_id, changed, property_values, tier
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
) left_rows
where changed <> ''
)
${withUnheard(request)}`,
    sql`insert into ${stateTable(state, 'plan_rows')} (plan_id, operation, verdict, priority, model_key, record_id, identity_id,
  changed, row_values, old_values, old_tier)
select ${nullableText(state, planId)}, case when l.verdict = 'send' then 'clear' end, l.verdict, ${sql.lit(clearPriority)} + coalesce(w.lifted, 0), l.model_key, l.record_id, l.identity_id,
  l.changed, ${dialect.jsonObject(heldMembers)}, l.property_values, l.tier
from ${leftBehind} l
left join (${leftOverRows(request)}) w on w.model_key = l.model_key
where not exists (
  select 1 from ${rejections} r
  where r.portal_id = ${portalId} and r.sync = ${sync.name} and r.model_key = l.model_key and r.operation = 'clear'
    and r.record_id = l.record_id
    and r.next_attempt_at > (select created_at from ${stateTable(state, 'plans')} where plan_id = ${planId})
)`,
    // Rows that are back in the model, or whose record has another row by now.
    sql`${forgetRefusedClears} and not exists (select 1 from ${leftBehind} l where l.model_key = rejections.model_key)`,
    sql`drop table ${leftBehind}`,
  ];
}
