import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { type State, stateTable } from './state.ts';

export interface FoldScope {
  /** A predicate over `plan_id`, which ledger and plan rows both have. */
  readonly plans: Fragment;
  /**
   * True where the apply broke off, so that rows without an outcome may have been sent; false where it came to its end,
   * so that they were not.
   */
  readonly brokeOff: boolean;
}

/**
 * Statements that fold outcomes into snapshot, identities, lists and memberships: at the end of an apply, and at the
 * next start for one that died. The ledger is only read. Folding twice gives the same, so a script that stopped half-way
 * is simply repeated.
 */
export function foldLedger(state: State, scope: FoldScope): readonly Fragment[] {
  return [
    foldRows(state, scope.plans),
    releaseRecords(state, scope.plans),
    doubtRows(state, scope),
    learnIdentities(state, scope.plans),
    foldLists(state, scope.plans),
    foldMembers(state, scope.plans),
  ];
}

/** One row per row of a sync: its last outcome that says how HubSpot holds it. */
function lastOutcomes(state: State, scope: Fragment): Fragment {
  return sql`(
    select * from (
      select ledger.*, row_number() over (
        partition by portal_id, sync, model_key order by attempted_at desc, sequence desc
      ) as recency
      from ${stateTable(state, 'ledger')} ledger
      where ${scope} and list is null and outcome in ('created', 'updated', 'cleared', 'vanished')
    ) outcomes
    where recency = 1
  )`;
}

/** A row whose record vanished stays, without it, so that a record that someone deleted is not created again. */
function foldRows(state: State, scope: Fragment): Fragment {
  return sql`merge into ${stateTable(state, 'snapshot')} t
using (
  select l.portal_id, l.sync, l.model_key, l.object, l.record_id, l.identity_id, l.plan_id, l.attempted_at, l.outcome,
    p.row_values, p.values_hash, p.companions_hash, p.tier
  from ${lastOutcomes(state, scope)} l
  join ${stateTable(state, 'plan_rows')} p on p.plan_id = l.plan_id and p.model_key = l.model_key and p.list is null
) s
on t.portal_id = s.portal_id and t.sync = s.sync and t.model_key = s.model_key
when matched and s.outcome = 'vanished' then update set record_id = null, vanished_at = s.attempted_at
when matched then update set object = s.object, record_id = s.record_id, identity_id = s.identity_id,
  property_values = s.row_values, values_hash = s.values_hash, companions_hash = s.companions_hash, tier = s.tier,
  plan_id = s.plan_id, accepted_at = s.attempted_at, vanished_at = null
when not matched and s.outcome <> 'vanished' then insert (portal_id, sync, model_key, object, record_id, identity_id,
  property_values, values_hash, companions_hash, tier, plan_id, accepted_at)
  values (s.portal_id, s.sync, s.model_key, s.object, s.record_id, s.identity_id, s.row_values, s.values_hash,
  s.companions_hash, s.tier, s.plan_id, s.attempted_at)`;
}

/** A record has one row: whoever held it before has left the model or moved to another record. */
function releaseRecords(state: State, scope: Fragment): Fragment {
  return sql`delete from ${stateTable(state, 'snapshot')}
where exists (
  select 1 from ${lastOutcomes(state, scope)} l
  where l.outcome <> 'vanished' and l.portal_id = snapshot.portal_id and l.sync = snapshot.sync
    and l.record_id = snapshot.record_id and l.model_key <> snapshot.model_key
)`;
}

/**
 * A row that was sent, or may have been, and has no answer: HubSpot holds the values before or those sent. Whatever the
 * model says next, all values are written again; the digest says so by its absence. That goes for the record's row too,
 * if another row was about to take the record over.
 */
function doubtRows(state: State, { plans, brokeOff }: FoldScope): Fragment {
  const snapshot = stateTable(state, 'snapshot');
  return sql`merge into ${snapshot} t
using (
  with unanswered as (
    select n.portal_id, n.sync, p.model_key, p.record_id
    from (select * from ${stateTable(state, 'plan_rows')} where ${plans}) p
    join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
    left join (
      select plan_id, model_key, outcome,
        row_number() over (partition by plan_id, model_key order by attempted_at desc, sequence desc) as recency
      from ${stateTable(state, 'ledger')} where ${plans} and list is null
    ) l on l.plan_id = p.plan_id and l.model_key = p.model_key and l.recency = 1
    where p.list is null and p.verdict = 'send' and (l.outcome = 'deferred' ${brokeOff ? sql`or l.outcome is null` : sql``})
  )
  select s.portal_id, s.sync, s.model_key from unanswered u
  join ${snapshot} s on s.portal_id = u.portal_id and s.sync = u.sync and s.model_key = u.model_key
  union
  select s.portal_id, s.sync, s.model_key from unanswered u
  join ${snapshot} s on s.portal_id = u.portal_id and s.sync = u.sync and s.record_id = u.record_id
) s
on t.portal_id = s.portal_id and t.sync = s.sync and t.model_key = s.model_key
when matched then update set values_hash = null`;
}

/** Syncs of one object share its identities: the last to hear of a record is right. */
function learnIdentities(state: State, scope: Fragment): Fragment {
  return sql`merge into ${stateTable(state, 'identities')} t
using (
  select portal_id, identity_id, case when outcome <> 'vanished' then record_id end as record_id, attempted_at
  from (
    select l.*, row_number() over (
      partition by portal_id, identity_id order by attempted_at desc, sequence desc
    ) as identity_recency
    from ${lastOutcomes(state, scope)} l
    where l.identity_id is not null
  ) heard
  where identity_recency = 1
) s
on t.portal_id = s.portal_id and t.identity_id = s.identity_id
when matched then update set record_id = s.record_id, looked_up_at = s.attempted_at`;
}

function foldLists(state: State, scope: Fragment): Fragment {
  const { dialect } = state.warehouse;
  return sql`merge into ${stateTable(state, 'lists')} t
using (
  select portal_id, sync, list, record_id as list_id, ${dialect.jsonText(sql`new_values`, 'name')} as name, object,
    outcome = 'created' as created, plan_id
  from (
    select ledger.*, row_number() over (
      partition by portal_id, sync, list order by attempted_at desc, sequence desc
    ) as recency
    from ${stateTable(state, 'ledger')} ledger
    where ${scope} and operation = 'list'
  ) uses
  where recency = 1
) s
on t.portal_id = s.portal_id and t.sync = s.sync and t.list = s.list
when matched then update set name = s.name, object = s.object, plan_id = s.plan_id, list_id = s.list_id,
  created = case when t.list_id = s.list_id then t.created else s.created end
when not matched then insert (portal_id, sync, list, list_id, name, object, created, plan_id)
  values (s.portal_id, s.sync, s.list, s.list_id, s.name, s.object, s.created, s.plan_id)`;
}

/**
 * The last outcome says whether someone is in. A record that HubSpot does not know any more is no member either. A member
 * that was in the list before is not ours. A change without an answer leaves a member unconfirmed (`added_at` is null):
 * ours to remove, and to be added again.
 */
function foldMembers(state: State, scope: Fragment): Fragment {
  return sql`merge into ${stateTable(state, 'memberships')} t
using (
  select l.portal_id, l.sync, l.list, n.list_id, l.record_id, l.model_key, l.plan_id, l.operation, l.outcome,
    case when l.outcome <> 'attempted' then l.attempted_at end as added_at
  from (
    select ledger.*, row_number() over (
      partition by portal_id, sync, list, record_id order by attempted_at desc, sequence desc
    ) as recency
    from ${stateTable(state, 'ledger')} ledger
    where ${scope} and operation in ('add', 'remove') and outcome <> 'deferred' and record_id is not null
  ) l
  join ${stateTable(state, 'lists')} n on n.portal_id = l.portal_id and n.sync = l.sync and n.list = l.list
  where l.recency = 1
) s
on t.portal_id = s.portal_id and t.sync = s.sync and t.list = s.list and t.record_id = s.record_id
when matched and s.outcome in ('removed', 'missing') then delete
when matched then update set list_id = s.list_id, model_key = s.model_key, own = t.own or s.outcome = 'added',
  plan_id = s.plan_id, added_at = s.added_at
when not matched and s.operation = 'add' and s.outcome <> 'missing' then insert (portal_id, sync, list, list_id, record_id,
  model_key, own, plan_id, added_at)
  values (s.portal_id, s.sync, s.list, s.list_id, s.record_id, s.model_key, s.outcome <> 'kept', s.plan_id, s.added_at)`;
}
