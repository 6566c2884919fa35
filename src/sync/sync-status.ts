import { sql } from 'kysely';
import { countOf, textOf, textOrNull } from '../state/row-values.ts';
import { type State, stateTable } from '../state/state.ts';
import { isAbout } from './match-outcomes.ts';

/** How one sync stands with one HubSpot account, as far as the state knows. */
export interface SyncStatus {
  readonly sync: string;
  readonly portalId: number;
  /** Rows whose values HubSpot accepted. */
  readonly accepted: number;
  /** Of these, rows whose record vanished. */
  readonly vanished: number;
  /** Members that Scoreline put into the sync's lists. */
  readonly members: number;
  /** ISO: when a plan was last carried out, and the instant of its scores. */
  readonly appliedAt: string | null;
  readonly asOf: string | null;
  /** Of the last plan: `applied`, or `partial` where the rest is left for the next run. */
  readonly lastPlan: string | null;
  /** Operations of the last plan that have no final outcome. */
  readonly deferred: number;
  /** Rows of the last plan that were refused. */
  readonly refused: number;
}

/** @returns one entry for each sync and account that was ever planned, in the order of their names */
export async function readSyncStatus(state: State, signal?: AbortSignal): Promise<readonly SyncStatus[]> {
  const { warehouse } = state;
  const plans = stateTable(state, 'plans');
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`with last_plans as (
  select * from (
    select plan_id, portal_id, sync, as_of, applied_at, status,
      row_number() over (partition by portal_id, sync order by applied_at desc, plan_id desc) as recency
    from ${plans} where applied_at is not null
  ) numbered
  where recency = 1
),
syncs as (select distinct portal_id, sync from ${plans}),
snapshots as (
  select portal_id, sync, count(*) as accepted, sum(case when record_id is null then 1 else 0 end) as vanished
  from ${stateTable(state, 'snapshot')} group by portal_id, sync
),
members as (
  select portal_id, sync, count(*) as members from ${stateTable(state, 'memberships')} where own group by portal_id, sync
),
unsent as (
  select p.plan_id, count(*) as deferred
  from ${stateTable(state, 'plan_rows')} p
  join last_plans n on n.plan_id = p.plan_id
  where p.verdict = 'send' and not exists (
    select 1 from ${stateTable(state, 'ledger')} l
    where ${isAbout('l', 'p')} and l.outcome not in ('deferred', 'attempted')
  )
  group by p.plan_id
),
refused as (
  select plan_id, count(distinct model_key) as refused from ${stateTable(state, 'ledger')}
  where outcome = 'rejected' and list is null group by plan_id
)
select s.portal_id, s.sync, n.as_of, n.applied_at, n.status, coalesce(a.accepted, 0) as accepted,
  coalesce(a.vanished, 0) as vanished, coalesce(m.members, 0) as members, coalesce(u.deferred, 0) as deferred,
  coalesce(r.refused, 0) as refused
from syncs s
left join last_plans n on n.portal_id = s.portal_id and n.sync = s.sync
left join snapshots a on a.portal_id = s.portal_id and a.sync = s.sync
left join members m on m.portal_id = s.portal_id and m.sync = s.sync
left join unsent u on u.plan_id = n.plan_id
left join refused r on r.plan_id = n.plan_id
order by s.sync, s.portal_id`),
    { signal, purpose: 'read how the syncs stand' },
  );
  return rows.map((row) => ({
    sync: textOf(row, 'sync'),
    portalId: countOf(row, 'portal_id'),
    accepted: countOf(row, 'accepted'),
    vanished: countOf(row, 'vanished'),
    members: countOf(row, 'members'),
    appliedAt: textOrNull(row, 'applied_at'),
    asOf: textOrNull(row, 'as_of'),
    lastPlan: textOrNull(row, 'status'),
    deferred: countOf(row, 'deferred'),
    refused: countOf(row, 'refused'),
  }));
}
