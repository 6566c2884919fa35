import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { type State, stateTable } from './state.ts';

const hourSeconds = 3600;

/** How long a row that HubSpot refused is left alone: 1 h, then 4 h, then a day each time. @param attempts so far, from 1 */
function pauseSeconds(attempts: Fragment): Fragment {
  return sql`case when ${attempts} <= 1 then ${sql.lit(hourSeconds)} when ${attempts} = 2 then ${sql.lit(4 * hourSeconds)}
    else ${sql.lit(24 * hourSeconds)} end`;
}

/**
 * Folds refusals into `rejections`, and takes out rows that have been accepted since. A row refused while planning has no
 * pause: judging it again costs no call, and what stands in its way may be another row.
 * @param scope a predicate over `plan_id`
 */
export function foldRejections(state: State, scope: Fragment): Fragment {
  const { dialect } = state.warehouse;
  const nextAttempt = (attempts: Fragment) =>
    sql`case when s.verdict = 'send' then ${dialect.secondsAfter(sql`s.attempted_at`, pauseSeconds(attempts))} end`;
  return sql`merge into ${stateTable(state, 'rejections')} t
using (
  select l.portal_id, l.sync, l.object, l.model_key, l.operation, l.record_id, l.identity_id, l.outcome, l.category,
    l.message, l.property, l.correlation_id, l.attempted_at, l.plan_id, p.values_hash, p.verdict
  from (
    select ledger.*, row_number() over (
      partition by portal_id, sync, model_key order by attempted_at desc, sequence desc
    ) as recency
    from ${stateTable(state, 'ledger')} ledger
    where ${scope} and list is null and outcome <> 'deferred' and operation <> 'list'
  ) l
  join ${stateTable(state, 'plan_rows')} p on p.plan_id = l.plan_id and p.model_key = l.model_key and p.list is null
    and p.verdict <> 'held'
  where l.recency = 1
) s
on t.portal_id = s.portal_id and t.sync = s.sync and t.model_key = s.model_key
when matched and s.outcome <> 'rejected' and s.attempted_at >= t.rejected_at then delete
when matched and s.outcome = 'rejected' and (t.plan_id <> s.plan_id or t.rejected_at < s.attempted_at) then update set
  object = s.object, operation = s.operation, record_id = s.record_id, identity_id = s.identity_id,
  values_hash = s.values_hash, category = s.category, message = s.message, property = s.property,
  correlation_id = s.correlation_id, attempts = t.attempts + 1, rejected_at = s.attempted_at,
  next_attempt_at = ${nextAttempt(sql`(t.attempts + 1)`)}, plan_id = s.plan_id
when not matched and s.outcome = 'rejected' then insert (portal_id, sync, model_key, object, operation, record_id,
  identity_id, values_hash, category, message, property, correlation_id, attempts, first_rejected_at, rejected_at,
  next_attempt_at, plan_id)
  values (s.portal_id, s.sync, s.model_key, s.object, s.operation, s.record_id, s.identity_id, s.values_hash, s.category,
  s.message, s.property, s.correlation_id, 1, s.attempted_at, s.attempted_at, ${nextAttempt(sql`1`)}, s.plan_id)`;
}
