import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';

import { foldRejections } from './fold-rejections.ts';
import { leftRecordKey } from './left-record.ts';
import { rememberRecords } from './remember-records.ts';
import { nullableText, type State, stateTable, temporaryTable } from './state.ts';

export interface FoldScope {
  /** Tells this folding from others that run at the same time. */
  readonly id: string;
  /** A predicate over `plan_id`, which ledger and plan rows both have. */
  readonly plans: Fragment;
  /**
   * True where the apply broke off, so that rows without an outcome may have been sent; false where it came to its end,
   * so that they were not.
   */
  readonly brokeOff: boolean;
}

/**
 * Statements that fold outcomes into snapshot, identities, lists, memberships and rejections: at the end of an apply, and
 * at the next start for one that died. The ledger is only read. Folding twice gives the same, so a script that stopped
 * half-way is simply repeated.
 *
 * Rows in large numbers are deleted and inserted: DuckDB keeps what an UPDATE or a MERGE changes in memory until the
 * transaction ends.
 */
export function foldLedger(state: State, scope: FoldScope): readonly Fragment[] {
  const outcomes = temporaryTable('outcomes', scope.id);
  const met = temporaryTable('met', scope.id);
  return [
    sql`create temporary table ${outcomes} as ${lastOutcomes(state, scope)}`,
    sql`create temporary table ${met} as ${rowsMet(state, scope.plans)}`,
    keepLeftRecords(state, scope.plans, { outcomes, met }),
    doubtMerged(state, { outcomes, met }),
    ...foldRows(state, outcomes),
    ...foldMetRows(state, met),
    foldHeldRecords(state, scope.plans),
    forgetCleared(state, outcomes),
    ...doubtRows(state, outcomes),
    doubtReturned(state, outcomes),
    doubtMissing(state, scope.plans),
    ...rememberRecords(state, lastHeard(outcomes)),
    sql`drop table ${met}`,
    sql`drop table ${outcomes}`,
    foldLists(state, scope.plans),
    foldMembers(state, scope.plans),
    forgetOthersMembers(state, scope.plans),
    foldRejections(state, scope.plans),
  ];
}

/** One row per row of a sync that was sent or may have been; `unanswered` where it is not known what its record holds. */
function lastOutcomes(state: State, { plans, brokeOff }: FoldScope): Fragment {
  const unheard = brokeOff ? sql`l.outcome is null or l.outcome = 'deferred'` : sql`l.outcome = 'deferred'`;
  // HubSpot has written such a row but for one property.
  const isWritten = sql`l.outcome = 'rejected' and l.category = 'LIFECYCLE_STAGE_KEPT'`;
  return sql`select n.portal_id, n.sync, n.object, p.plan_id, p.model_key, p.identity_id,
  coalesce(l.record_id, p.record_id) as record_id, l.attempted_at,
  case when ${unheard} or (${isWritten}) then 'unanswered' else l.outcome end as outcome,
  case when ${isWritten} then p.beside_stage end as beside_stage
from (select * from ${stateTable(state, 'plan_rows')} where ${plans}) p
join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
left join (
  select plan_id, model_key, record_id, outcome, category, attempted_at,
    row_number() over (partition by plan_id, model_key order by attempted_at desc, sequence desc) as recency
  from ${stateTable(state, 'ledger')} where ${plans} and list is null
) l on l.plan_id = p.plan_id and l.model_key = p.model_key and l.recency = 1
where p.list is null and p.verdict = 'send'`;
}

const accepted = sql`o.outcome in ('created', 'updated')`;

/** Written, also where HubSpot has kept the lifecycle stage: plans of older versions do not say what was written beside it. */
const written = sql`(${accepted} or (o.beside_stage is not null and o.record_id is not null))`;

/**
 * A row that moved to another record leaves one behind that holds its values, unless that is gone. That one stays under a
 * key of its own, which no model has: a removal like any other.
 */
function keepLeftRecords(state: State, scope: Fragment, { outcomes, met }: FoldedTables): Fragment {
  const snapshot = stateTable(state, 'snapshot');
  return sql`insert into ${snapshot} (portal_id, sync, model_key, object, record_id, identity_id, property_values,
  values_hash, companions_hash, tier, plan_id, accepted_at)
select s.portal_id, s.sync, ${leftRecordKey(sql`s.model_key`, sql`s.record_id`)}, s.object, s.record_id, s.identity_id,
  s.property_values, s.values_hash, s.companions_hash, s.tier, s.plan_id, s.accepted_at
from ${snapshot} s
join (
  select portal_id, sync, model_key, record_id from ${outcomes} o where ${written}
  union distinct
  select portal_id, sync, model_key, record_id from ${met} m
) moved on moved.portal_id = s.portal_id and moved.sync = s.sync and moved.model_key = s.model_key
where s.record_id <> moved.record_id and not exists (
  select 1 from ${stateTable(state, 'ledger')} l
  where ${scope} and l.list is null and l.outcome = 'vanished' and l.portal_id = s.portal_id and l.sync = s.sync
    and l.model_key = s.model_key and l.record_id = s.record_id
)`;
}

interface FoldedTables {
  readonly outcomes: Fragment;
  readonly met: Fragment;
}

/**
 * A match value that leads to another record by now, as another row found: merged, or deleted and made again. The row that
 * had the match value before, and may have it again without a change of its own, has to look where its record is; so have
 * the rows of other syncs that have it.
 */
function doubtMerged(state: State, { outcomes, met }: FoldedTables): Fragment {
  return sql`update ${stateTable(state, 'snapshot')} set values_hash = null
where values_hash is not null and exists (
  select 1 from (
    select portal_id, identity_id, record_id from ${outcomes} o where ${accepted}
    union all
    select portal_id, identity_id, record_id from ${met} m
  ) h
  where h.portal_id = snapshot.portal_id and h.identity_id = snapshot.identity_id
    and h.record_id <> snapshot.record_id
)`;
}

/**
 * What HubSpot accepted replaces what it held before, of the row and of the record: who had the record has left the model
 * or moved on. Where it kept the lifecycle stage, the row is in doubt, and its other values are emptied when it goes. A row
 * whose record vanished stays, so that a record that someone deleted is not created again.
 */
function foldRows(state: State, outcomes: Fragment): readonly Fragment[] {
  const snapshot = stateTable(state, 'snapshot');
  return [
    ...releaseRows(state, outcomes, written),
    sql`insert into ${snapshot} (portal_id, sync, model_key, object, record_id, identity_id, property_values, values_hash,
  companions_hash, tier, plan_id, accepted_at)
select o.portal_id, o.sync, o.model_key, o.object, o.record_id, o.identity_id,
  coalesce(o.beside_stage, p.own_values, p.row_values), p.values_hash, p.companions_hash, p.tier,
  case when o.outcome <> 'unanswered' then o.plan_id end, o.attempted_at
from ${outcomes} o
join ${stateTable(state, 'plan_rows')} p on p.plan_id = o.plan_id and p.model_key = o.model_key and p.list is null and p.verdict = 'send'
where ${written}`,
    sql`merge into ${snapshot} t
using (select * from ${outcomes} o where o.outcome = 'vanished') s
on t.portal_id = s.portal_id and t.sync = s.sync and t.model_key = s.model_key
when matched then update set record_id = ${nullableText(state, null)}, vanished_at = s.attempted_at`,
  ];
}

/** Takes the rows and the records of a relation out of the snapshot. */
function releaseRows(state: State, relation: Fragment, condition: Fragment): readonly Fragment[] {
  return ['model_key', 'record_id'].map((name) => {
    const same = sql`${sql.ref(`o.${name}`)} = ${sql.ref(`snapshot.${name}`)}`;
    return sql`delete from ${stateTable(state, 'snapshot')} where exists (
  select 1 from ${relation} o
  where ${condition} and o.portal_id = snapshot.portal_id and o.sync = snapshot.sync and ${same}
)`;
  });
}

/** Rows with nothing to send, with the plan that wrote them last, if any did. */
function rowsMet(state: State, scope: Fragment): Fragment {
  return sql`select n.portal_id, n.sync, n.object, n.created_at, p.model_key, p.record_id, p.identity_id, p.row_values,
  p.values_hash, p.companions_hash, p.tier, s.plan_id as written_by
from (select * from ${stateTable(state, 'plan_rows')} where ${scope} and verdict = 'met' and list is null) p
join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
left join ${stateTable(state, 'snapshot')} s
  on s.portal_id = n.portal_id and s.sync = n.sync and s.model_key = p.model_key`;
}

/** HubSpot was read to hold what these rows should: from here on, these values count as ours. A record has one row. */
function foldMetRows(state: State, met: Fragment): readonly Fragment[] {
  return [
    ...releaseRows(state, met, sql`1 = 1`),
    sql`insert into ${stateTable(state, 'snapshot')} (portal_id, sync, model_key, object, record_id, identity_id,
  property_values, values_hash, companions_hash, tier, plan_id, accepted_at)
select portal_id, sync, model_key, object, record_id, identity_id, row_values, values_hash, companions_hash, tier,
  written_by, created_at
from ${met} m`,
  ];
}

/** Values of ours in records that no row of the snapshot has, not even by now: they stand under a key that no model has. */
function foldHeldRecords(state: State, scope: Fragment): Fragment {
  const snapshot = stateTable(state, 'snapshot');
  return sql`insert into ${snapshot} (portal_id, sync, model_key, object, record_id, identity_id, property_values, accepted_at)
select portal_id, sync, model_key, object, record_id, identity_id, row_values, created_at
from (
  select n.portal_id, n.sync, n.object, n.created_at, p.model_key, p.record_id, p.identity_id, p.row_values
  from (select * from ${stateTable(state, 'plan_rows')} where ${scope} and verdict = 'held') p
  join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
) h
where not exists (
  select 1 from ${snapshot} s where s.portal_id = h.portal_id and s.sync = h.sync and s.record_id = h.record_id
)`;
}

/** A record that was emptied has no value of ours any more, whichever row of the snapshot it stands in. */
function forgetCleared(state: State, outcomes: Fragment): Fragment {
  return sql`delete from ${stateTable(state, 'snapshot')}
where exists (
  select 1 from ${outcomes} o
  where o.outcome = 'cleared' and o.portal_id = snapshot.portal_id and o.sync = snapshot.sync
    and o.record_id = snapshot.record_id and o.attempted_at >= snapshot.accepted_at
)`;
}

/**
 * A row that was sent, or may have been, and has no answer: HubSpot holds the values before or those sent. Whatever the
 * model says next, all values are written again; the digest says so by its absence. That goes for the record's row too,
 * if another row was about to take the record over.
 */
function doubtRows(state: State, outcomes: Fragment): readonly Fragment[] {
  // One statement each: Snowflake takes a subquery over rows of both tables where AND alone stands around it.
  return ['model_key', 'record_id'].map(
    (name) => sql`update ${stateTable(state, 'snapshot')} set values_hash = null
where values_hash is not null and exists (
  select 1 from ${outcomes} o
  where o.outcome = 'unanswered' and o.portal_id = snapshot.portal_id and o.sync = snapshot.sync
    and ${sql.ref(`o.${name}`)} = ${sql.ref(`snapshot.${name}`)}
)`,
  );
}

/** Values of others that a rollback was to put back, and may have: they are not Scoreline's to empty unread. */
function doubtReturned(state: State, outcomes: Fragment): Fragment {
  return sql`merge into ${stateTable(state, 'snapshot')} t
using (
  select o.portal_id, o.sync, o.model_key, p.own_values
  from ${outcomes} o
  join ${stateTable(state, 'plan_rows')} p on p.plan_id = o.plan_id and p.model_key = o.model_key and p.list is null and p.verdict = 'send'
  where o.outcome = 'unanswered' and p.own_values is not null
) s
on t.portal_id = s.portal_id and t.sync = s.sync and t.model_key = s.model_key
when matched then update set property_values = s.own_values`;
}

/** A list takes no member whose record is gone, so the rows of that record are looked up again, also if nothing else changes. */
function doubtMissing(state: State, plans: Fragment): Fragment {
  return sql`update ${stateTable(state, 'snapshot')} set values_hash = null
where values_hash is not null and exists (
  select 1 from (
    select portal_id, object, record_id from ${stateTable(state, 'ledger')}
    where ${plans} and list is not null and operation = 'add' and outcome = 'missing'
  ) m
  where m.portal_id = snapshot.portal_id and m.object = snapshot.object and m.record_id = snapshot.record_id
)`;
}

/**
 * Rows that two syncs share are told apart by time: the last to hear of a record is right. A clear may be of the record
 * that an identity led to before, so it says nothing.
 */
function lastHeard(outcomes: Fragment): Fragment {
  return sql`(
    select portal_id, identity_id, record_id, heard_at from (
      select o.portal_id, o.identity_id, case when o.outcome <> 'vanished' then o.record_id end as record_id,
        o.attempted_at as heard_at,
        row_number() over (partition by o.portal_id, o.identity_id order by o.attempted_at desc) as recency
      from ${outcomes} o
      where (${accepted} or o.outcome = 'vanished') and o.identity_id is not null
    ) heard
    where recency = 1
  )`;
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
 * that was in the list before is not ours, nor one of a list that somebody else made again. A change without an answer
 * leaves a member unconfirmed (`added_at` is null): ours to remove, and to be added again.
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
    where ${scope} and operation in ('add', 'remove') and record_id is not null
  ) l
  join ${stateTable(state, 'lists')} n on n.portal_id = l.portal_id and n.sync = l.sync and n.list = l.list
  where l.recency = 1 and l.outcome not in ('deferred', 'rejected')
) s
on t.portal_id = s.portal_id and t.sync = s.sync and t.list = s.list and t.record_id = s.record_id
when matched and s.outcome in ('removed', 'missing') then delete
when matched then update set list_id = s.list_id, model_key = s.model_key, own = case when t.list_id = s.list_id then t.own or s.outcome = 'added' else s.outcome <> 'kept' end,
  plan_id = s.plan_id, added_at = s.added_at
when not matched and s.operation = 'add' and s.outcome <> 'missing' then insert (portal_id, sync, list, list_id, record_id,
  model_key, own, plan_id, added_at)
  values (s.portal_id, s.sync, s.list, s.list_id, s.record_id, s.model_key, s.outcome <> 'kept', s.plan_id, s.added_at)`;
}

/** Members whom others added and whom the audience has no more. */
function forgetOthersMembers(state: State, scope: Fragment): Fragment {
  return sql`delete from ${stateTable(state, 'memberships')}
where not own and exists (
  select 1 from ${stateTable(state, 'plan_rows')} p
  join ${stateTable(state, 'plans')} n on n.plan_id = p.plan_id
  where p.verdict = 'met' and p.list is not null and n.portal_id = memberships.portal_id and n.sync = memberships.sync
    and p.list = memberships.list and p.record_id = memberships.record_id and p.plan_id in (
      select plan_id from ${stateTable(state, 'plans')} where ${scope}
    )
)`;
}
