import type { BuiltModel } from '../build/build-event.ts';
import { selectModels } from '../build/select-models.ts';
import type { CompiledProject } from '../build/types.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { HubSpot, Usage } from '../hubspot/types.ts';
import type { Sync } from '../project/types.ts';
import { openState } from '../state/open-state.ts';
import { finishRun, startRun } from '../state/run-records.ts';
import type { State } from '../state/state.ts';
import { applyPlan } from '../sync/apply-plan.ts';
import type { Plan, SyncResult } from '../sync/plan-types.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { buildNamed } from './build-selected.ts';
import { checkPortal } from './check-portal.ts';
import { compileTarget } from './compile-target.ts';
import { planInWords } from './plan-in-words.ts';
import { planOne } from './plan-one.ts';
import { type RejectedRow, readRejected } from './rejected-rows.ts';
import type { Report } from './report.ts';
import { selectSyncs } from './select-syncs.ts';
import { type Workspace, withHubSpot, withWarehouse } from './workspace.ts';

export interface PlanOutcome {
  /** ISO, UTC. */
  readonly asOf: string;
  readonly plans: readonly Plan[];
}

export interface RunOutcome extends PlanOutcome {
  /** One per plan, as far as the run came. */
  readonly results: readonly SyncResult[];
  /** Examples of rejected rows, at most 10. */
  readonly rejected: readonly RejectedRow[];
  /** What ended the run after a part of the syncs was sent; those have results. */
  readonly failure?: ScorelineError;
}

interface Scope {
  readonly workspace: Workspace;
  readonly syncs: readonly Sync[];
  readonly warehouse: Warehouse;
  readonly compiled: CompiledProject;
  readonly hubspot: HubSpot;
  readonly state: State;
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
  return withScope(workspace, selectors, 'plan', async (scope) => ({
    asOf: workspace.asOf.instant,
    plans: (await planAll(scope)).map(({ plan }) => plan),
  }));
}

/**
 * The command `run`, the main job: build, plan, apply. All syncs are planned before the first write, so that a model or
 * an account that does not fit stops them all.
 */
export async function runSyncs(workspace: Workspace, selectors: readonly string[]): Promise<RunOutcome> {
  return withScope(workspace, selectors, 'run', async (scope) => {
    const planned = await planAll(scope);
    for (const { plan } of planned) {
      workspace.report({ level: 'info', event: 'sync_planned', sync: plan.sync, message: planInWords(plan) });
    }
    const { results, failure } = await applyAll(scope, planned);
    const rejected = results.some((result) => result.rejected > 0)
      ? await readRejected(scope.state, workspace.runId)
      : [];
    return { asOf: workspace.asOf.instant, plans: planned.map(({ plan }) => plan), results, rejected, failure };
  });
}

async function withScope<Outcome extends PlanOutcome & { readonly failure?: ScorelineError }>(
  workspace: Workspace,
  selectors: readonly string[],
  command: 'plan' | 'run',
  work: (scope: Scope) => Promise<Outcome>,
): Promise<Outcome> {
  const { project, target, asOf, runId, startedAt, now, signal, report } = workspace;
  const syncs = selectSyncs(project, selectors);
  const compiled = compileTarget(workspace);
  const selected = modelsOf(compiled, syncs);
  return withWarehouse(workspace, async (warehouse) =>
    withHubSpot(workspace, async (hubspot) => {
      // Before the building, which may take an hour: is it the right account, and does it let us in?
      await checkPortal(workspace, hubspot);
      const { models } = await buildNamed(workspace, warehouse, compiled, selected);
      reportBuilt(report, models);
      const state = await openState(warehouse, { schema: target.schema, signal });
      await startRun(state, {
        runId,
        command,
        target: target.name,
        asOf: asOf.instant,
        startedAt: startedAt.toISOString(),
        syncs: syncs.map((sync) => sync.name),
        supersede: true,
        signal,
      });
      const finish = (failure: unknown) =>
        finishRun(state, { runId, endedAt: now().toISOString(), ...statusAfter(failure) });
      try {
        const outcome = await work({ workspace, syncs, warehouse, compiled, hubspot, state });
        await finish(outcome.failure);
        return outcome;
      } catch (error) {
        // A warehouse that is gone cannot be told either; the next run finds what this one left.
        await finish(error).catch(() => undefined);
        throw error;
      }
    }),
  );
}

function reportBuilt(report: Report, models: readonly BuiltModel[]): void {
  const tests = models.reduce((sum, model) => sum + model.tests.length, 0);
  const seconds = models.reduce((sum, model) => sum + model.seconds, 0);
  report({
    level: 'info',
    event: 'models_built',
    message: `built ${models.length} models, ${tests} tests passed (${seconds.toFixed(1)} s)`,
    figures: { models: models.length, tests, seconds: Number(seconds.toFixed(3)) },
  });
}

function statusAfter(failure: unknown) {
  if (failure === undefined) return { status: 'finished' as const };
  const errorCode = failure instanceof ScorelineError ? failure.code : 'INTERNAL';
  return { status: errorCode === 'RUN_INTERRUPTED' ? ('interrupted' as const) : ('failed' as const), errorCode };
}

/** Everything that the syncs' models and audiences are built from, and themselves. */
function modelsOf(compiled: CompiledProject, syncs: readonly Sync[]): ReadonlySet<string> {
  const names = syncs.flatMap((sync) => [sync.model, ...sync.lists.map((list) => list.audience)]);
  return names.length === 0
    ? new Set()
    : selectModels(
        compiled.models,
        [...new Set(names)].map((name) => `+${name}`),
      );
}

async function planAll({ workspace, syncs, ...rest }: Scope): Promise<readonly PlannedSync[]> {
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
  scope: Scope,
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
  { workspace, hubspot, state }: Scope,
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
