import { selectModels } from '../build/select-models.ts';
import type { CompiledProject } from '../build/types.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { HubSpot } from '../hubspot/types.ts';
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
import { planOne } from './plan-one.ts';
import { selectSyncs } from './select-syncs.ts';
import { type Workspace, withHubSpot, withWarehouse } from './workspace.ts';

export interface RunOutcome {
  /** ISO, UTC. */
  readonly asOf: string;
  readonly plans: readonly Plan[];
  /** One per plan; empty where only a plan was asked for. */
  readonly results: readonly SyncResult[];
}

interface Scope {
  readonly workspace: Workspace;
  readonly syncs: readonly Sync[];
  readonly warehouse: Warehouse;
  readonly compiled: CompiledProject;
  readonly hubspot: HubSpot;
  readonly state: State;
}

/** The command `plan`: builds what the syncs read, compares, looks up. Writes the warehouse alone. */
export async function planSyncs(workspace: Workspace, selectors: readonly string[]): Promise<RunOutcome> {
  return withScope(workspace, selectors, 'plan', async (scope) => ({
    asOf: workspace.asOf.instant,
    plans: await planAll(scope),
    results: [],
  }));
}

/**
 * The command `run`, the main job: build, plan, apply. All syncs are planned before the first write, so that a model or
 * an account that does not fit stops them all.
 */
export async function runSyncs(workspace: Workspace, selectors: readonly string[]): Promise<RunOutcome> {
  return withScope(workspace, selectors, 'run', async (scope) => {
    const plans = await planAll(scope);
    const results: SyncResult[] = [];
    for (const plan of plans) results.push(await applyOne(scope, plan));
    return { asOf: workspace.asOf.instant, plans, results };
  });
}

async function withScope(
  workspace: Workspace,
  selectors: readonly string[],
  command: 'plan' | 'run',
  work: (scope: Scope) => Promise<RunOutcome>,
): Promise<RunOutcome> {
  const { project, target, asOf, runId, startedAt, now, signal } = workspace;
  const syncs = selectSyncs(project, selectors);
  return withWarehouse(workspace, async (warehouse) => {
    const compiled = compileTarget(workspace, warehouse.dialect);
    await buildNamed(workspace, warehouse, compiled, modelsOf(compiled, syncs));
    return withHubSpot(workspace, async (hubspot) => {
      await checkPortal(workspace, hubspot);
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
      try {
        const outcome = await work({ workspace, syncs, warehouse, compiled, hubspot, state });
        await finishRun(state, { runId, endedAt: now().toISOString(), status: 'finished' });
        return outcome;
      } catch (error) {
        const known = error instanceof ScorelineError ? error.code : undefined;
        const status = known === 'RUN_INTERRUPTED' ? 'interrupted' : 'failed';
        await finishRun(state, { runId, endedAt: now().toISOString(), status, errorCode: known ?? 'INTERNAL' });
        throw error;
      }
    });
  });
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

async function planAll({ workspace, syncs, ...rest }: Scope): Promise<readonly Plan[]> {
  const plans: Plan[] = [];
  for (const sync of syncs) plans.push(await planOne({ workspace, sync, ...rest }));
  return plans;
}

async function applyOne({ workspace, hubspot, state }: Scope, plan: Plan): Promise<SyncResult> {
  const { report, runId, now, signal } = workspace;
  const { creates, updates, clears, rejected } = plan.rows;
  const total = creates + updates + clears - rejected;
  const tell = (done: number) =>
    report({
      level: 'info',
      event: 'rows_sent',
      sync: plan.sync,
      message: `${plan.sync}: ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} rows sent`,
      figures: { rows: done },
      progress: { done, total },
    });
  if (total > 0) tell(0);
  return applyPlan({ state, hubspot, plan, runId, now, signal, onRows: tell });
}
