import { sql } from 'kysely';
import type { Retention } from '../project/types.ts';
import { instant, type State, stateTable } from './state.ts';

const dayMs = 86_400_000;

/** Rows removed, by table. */
export type Pruned = Readonly<Record<'ledger' | 'plan_rows' | 'plans' | 'rejections' | 'runs', number>>;

/**
 * Removes what is older than its retention: one round trip. Kept whatever its age: all of a plan that is not finished, and
 * the last plan of each sync, which later ones are compared with, and what was sent of those whose outcomes are in the ledger,
 * since a rollback needs both. What HubSpot holds (snapshot, identities, lists,
 * memberships) is no history and stays.
 * @param now ISO
 */
export async function prune(state: State, retention: Retention, now: string, signal?: AbortSignal): Promise<Pruned> {
  const { warehouse } = state;
  const before = (days: number) => instant(state, new Date(Date.parse(now) - days * dayMs).toISOString());
  const [ledger, planRows, plans, rejections, runs] = (
    ['ledger', 'plan_rows', 'plans', 'rejections', 'runs'] as const
  ).map((name) => stateTable(state, name));
  const isFinished = sql`plan_id in (select plan_id from ${plans} where status in ('applied', 'superseded'))
  or plan_id not in (select plan_id from ${plans})`;
  const isOldEntry = sql`attempted_at < ${before(retention.ledgerDays)} and (${isFinished})`;
  const agedPlans = sql`select p.plan_id from ${plans} p
  where p.created_at < ${before(retention.plansDays)} and p.status in ('applied', 'superseded')
    and p.plan_id not in (select last_plan from (
      select n.plan_id as last_plan, row_number() over (
        partition by n.portal_id, n.sync order by n.applied_at desc, n.plan_id desc
      ) as recency
      from ${plans} n where n.applied_at is not null
    ) numbered where recency = 1)`;
  const oldPlans = sql`${agedPlans} and not exists (select 1 from ${ledger} l where l.plan_id = p.plan_id)`;
  const statements = [
    sql`update ${runs} set ledger_pruned_at = ${instant(state, now)} where ledger_pruned_at is null
  and run_id in (select run_id from ${ledger} where ${isOldEntry})`,
    sql`delete from ${ledger} where ${isOldEntry}`,
    sql`delete from ${planRows} where plan_id in (${oldPlans}) or (verdict <> 'send' and plan_id in (${agedPlans}))`,
    sql`delete from ${plans} where plan_id in (${oldPlans})`,
    sql`delete from ${rejections} where rejected_at < ${before(retention.rejectionsDays)}`,
    sql`delete from ${runs} where started_at < ${before(retention.runsDays)} and status <> 'running'
  and not exists (select 1 from ${ledger} l where l.run_id = runs.run_id)`,
  ];
  const [, ...touched] = await warehouse.script(
    statements.map((statement) => warehouse.dialect.compile(statement)),
    { signal, purpose: 'prune the state' },
  );
  const [ofLedger = 0, ofPlanRows = 0, ofPlans = 0, ofRejections = 0, ofRuns = 0] = touched;
  return { ledger: ofLedger, plan_rows: ofPlanRows, plans: ofPlans, rejections: ofRejections, runs: ofRuns };
}
