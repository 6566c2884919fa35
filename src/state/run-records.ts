import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import type { Spending } from '../warehouse/metered-warehouse.ts';
import { foldLedger } from './fold-ledger.ts';
import { instant, nullableText, runScript, type State, stateTable } from './state.ts';

export interface RunStart {
  readonly runId: string;
  /** `run`, `plan` … */
  readonly command: string;
  readonly target: string;
  /** ISO, as are the others. */
  readonly asOf: string;
  readonly startedAt: string;
  /** The syncs that will be planned or applied. */
  readonly syncs: readonly string[];
  /** True closes their unfinished plans, since they are planned afresh. */
  readonly supersede: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Writes a run down and folds what dead runs of its syncs left in the ledger: one round trip. Runs found without an end
 * become `killed`: who holds the leases of its syncs, or the whole file, knows that they are dead.
 */
export async function startRun(state: State, run: RunStart): Promise<void> {
  const runs = stateTable(state, 'runs');
  const plans = stateTable(state, 'plans');
  const startedAt = instant(state, run.startedAt);
  const ofSyncs = sql`sync in ${state.warehouse.dialect.inList(run.syncs)}`;
  const brokenOff = sql`plan_id in (select plan_id from ${plans} where status = 'applying' and ${ofSyncs})`;
  const ofTheirPlans = sql`plan_id in (select plan_id from ${plans} where ${ofSyncs})`;
  const closed = run.supersede ? sql`('draft', 'open', 'partial')` : sql`('draft')`;
  await runScript(state, `start the run ${run.runId}`, run.signal, [
    ...foldLedger(state, { id: run.runId, plans: brokenOff, brokeOff: true }),
    sql`update ${plans} set status = 'partial', applied_at = ${startedAt} where status = 'applying' and ${ofSyncs}`,
    // What a dead run was looking up is looked up again.
    sql`delete from ${stateTable(state, 'candidates')} where ${ofTheirPlans}`,
    sql`delete from ${stateTable(state, 'lookups')} where ${ofTheirPlans}`,
    sql`update ${plans} set status = 'superseded' where status in ${closed} and ${ofSyncs}`,
    sql`update ${runs} set status = 'killed', ended_at = ${startedAt} where status = 'running'${holdingNoLease(state)}`,
    sql`insert into ${runs} (run_id, command, target, as_of, started_at, status)
values (${run.runId}, ${run.command}, ${run.target}, ${instant(state, run.asOf)}, ${startedAt}, 'running')`,
  ]);
}

/** Where several processes work in one warehouse, a run is alive as long as it renews its leases. */
function holdingNoLease(state: State): Fragment {
  const { capabilities, dialect } = state.warehouse;
  if (capabilities.locksWholeFile) return sql``;
  return sql` and not exists (
  select 1 from ${stateTable(state, 'leases')} l where l.run_id = runs.run_id and l.expires_at > ${dialect.now()}
)`;
}

export interface RunEnd {
  readonly runId: string;
  readonly endedAt: string;
  readonly status: 'finished' | 'interrupted' | 'failed';
  readonly errorCode?: string;
  /** Up to here. */
  readonly spent: Spending;
}

/**
 * Writes down how a run ended: one round trip. What an apply that failed or was interrupted left in the ledger is folded;
 * one that finished has done so itself. A run that dies before this is found by the next one, which does the same.
 */
export async function finishRun(state: State, run: RunEnd): Promise<void> {
  const plans = stateTable(state, 'plans');
  const endedAt = instant(state, run.endedAt);
  const { statements, seconds, bytesBilled } = run.spent;
  const number = (kind: 'integer' | 'double', value: number | null) => state.warehouse.dialect.bind({ kind }, value);
  const isOwn = sql`status = 'applying' and applied_by = ${run.runId}`;
  const brokenOff = sql`plan_id in (select plan_id from ${plans} where ${isOwn})`;
  await runScript(state, `finish the run ${run.runId}`, undefined, [
    ...(run.status === 'finished' ? [] : foldLedger(state, { id: run.runId, plans: brokenOff, brokeOff: true })),
    sql`update ${plans} set status = 'partial', applied_at = ${endedAt} where ${isOwn}`,
    sql`update ${stateTable(state, 'runs')} set ended_at = ${endedAt}, status = ${run.status}, error_code = ${nullableText(state, run.errorCode ?? null)},
  statements = ${number('integer', statements)}, warehouse_seconds = ${number('double', seconds)}, bytes_billed = ${number('integer', bytesBilled)}
where run_id = ${run.runId}`,
  ]);
}
