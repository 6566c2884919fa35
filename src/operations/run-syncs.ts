import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Usage } from '../hubspot/types.ts';
import { applyPlan } from '../sync/apply-plan.ts';
import type { Plan, SyncResult } from '../sync/plan-types.ts';
import { planInWords } from './plan-in-words.ts';
import { planOne } from './plan-one.ts';
import { type RejectionReason, readRejections } from './rejection-reasons.ts';
import { type EndedRun, type RunScope, withRun } from './with-run.ts';
import type { Workspace } from './workspace.ts';

export interface PlanOutcome extends EndedRun {
  /** ISO, UTC. */
  readonly asOf: string;
  readonly plans: readonly Plan[];
}

export interface RunOutcome extends PlanOutcome {
  /** One per plan, or, where there is a failure, one for each sync that was sent before it. */
  readonly results: readonly SyncResult[];
  /** Why rows were rejected, the most frequent reason first, at most 10. */
  readonly rejections: readonly RejectionReason[];
}

/** What planning a sync cost; its result counts it, since looking is a part of the job. */
interface PlannedSync {
  readonly plan: Plan;
  readonly calls: number;
  readonly retries: number;
  readonly seconds: number;
}

/** The command `plan`: builds what the syncs read, compares, looks up. Writes the warehouse alone. */
export async function planSyncs(workspace: Workspace, selectors: readonly string[]): Promise<PlanOutcome> {
  return withRun<PlanOutcome>(workspace, selectors, 'plan', async (scope) => ({
    asOf: workspace.asOf.instant,
    plans: (await planAll(scope)).map(({ plan }) => plan),
  }));
}

/**
 * The command `run`, the main job: build, plan, apply. All syncs are planned before the first write, so that a model or
 * an account that does not fit stops them all.
 */
export async function runSyncs(workspace: Workspace, selectors: readonly string[]): Promise<RunOutcome> {
  return withRun<RunOutcome>(workspace, selectors, 'run', async (scope) => {
    const planned = await planAll(scope);
    for (const { plan } of planned) {
      workspace.report({ level: 'info', event: 'sync_planned', sync: plan.sync, message: planInWords(plan) });
    }
    const { results, failure } = await applyAll(scope, planned);
    const hasRejected = results.some((result) => result.rejected > 0);
    const rejections = hasRejected ? await readRejections(scope.state, workspace.runId) : [];
    return { asOf: workspace.asOf.instant, plans: planned.map(({ plan }) => plan), results, rejections, failure };
  });
}

async function planAll({ workspace, syncs, ...rest }: RunScope): Promise<readonly PlannedSync[]> {
  const { now } = workspace;
  const { hubspot } = rest;
  const planned: PlannedSync[] = [];
  // What was asked before the first sync is counted as its own.
  let before: Pick<Usage, 'calls' | 'retries'> = { calls: 0, retries: 0 };
  for (const sync of syncs) {
    const startedAt = now();
    const plan = await planOne({ workspace, sync, ...rest });
    const after = hubspot.usage();
    planned.push({
      plan,
      calls: after.calls - before.calls,
      retries: after.retries - before.retries,
      seconds: (now().getTime() - startedAt.getTime()) / 1000,
    });
    before = after;
  }
  return planned;
}

/** Sends one sync after the other. What ends a later one does not take away what is known of the ones before. */
async function applyAll(
  scope: RunScope,
  planned: readonly PlannedSync[],
): Promise<Pick<RunOutcome, 'results' | 'failure'>> {
  const results: SyncResult[] = [];
  for (const each of planned) {
    try {
      results.push(await applyOne(scope, each));
    } catch (error) {
      if (results.length === 0 || !(error instanceof ScorelineError)) throw error;
      return { results, failure: error };
    }
  }
  return { results };
}

async function applyOne(
  { workspace, hubspot, state }: RunScope,
  { plan, calls, retries, seconds }: PlannedSync,
): Promise<SyncResult> {
  const { report, runId, now, signal } = workspace;
  const { creates, updates, clears, rejected } = plan.rows;
  const total = creates + updates + clears - rejected;
  const tell = (done: number) =>
    report({
      level: done < total ? 'debug' : 'info',
      event: 'rows_sent',
      sync: plan.sync,
      message: `${plan.sync}: ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} rows sent`,
      figures: { rows: done },
      passing: true,
      progress: { done, total },
    });
  if (total > 0) tell(0);
  const result = await applyPlan({ state, hubspot, plan, runId, now, signal, onRows: tell });
  return {
    ...result,
    api_calls: result.api_calls + calls,
    retries: result.retries + retries,
    seconds: Number((result.seconds + seconds).toFixed(3)),
  };
}
