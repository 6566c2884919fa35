import type { BuiltModel } from '../build/build-event.ts';
import { selectModels } from '../build/select-models.ts';
import type { CompiledProject } from '../build/types.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { HubSpot } from '../hubspot/types.ts';
import type { Sync } from '../project/types.ts';
import { openState } from '../state/open-state.ts';
import { finishRun, startRun } from '../state/run-records.ts';
import type { State } from '../state/state.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { buildNamed } from './build-selected.ts';
import { checkPortal } from './check-portal.ts';
import { compileTarget } from './compile-target.ts';
import type { Report } from './report.ts';
import { selectSyncs } from './select-syncs.ts';
import { type Workspace, withHubSpot, withWarehouse } from './workspace.ts';

export interface EndedRun {
  /** What ended the run after a part of its work was done. */
  readonly failure?: ScorelineError;
}

/** What a run has at hand once its models are built. */
export interface RunScope {
  readonly workspace: Workspace;
  readonly syncs: readonly Sync[];
  readonly warehouse: Warehouse;
  readonly compiled: CompiledProject;
  readonly hubspot: HubSpot;
  readonly state: State;
}

/**
 * Builds what the syncs read, opens the state, writes the run down, does `work`, and writes down how the run ended: with
 * the outcome's failure, if it has one.
 */
export async function withRun<Outcome extends EndedRun>(
  workspace: Workspace,
  selectors: readonly string[],
  command: 'plan' | 'run',
  work: (scope: RunScope) => Promise<Outcome>,
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
