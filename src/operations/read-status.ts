import { type BuiltModel, readBuiltModels } from '../build/built-models.ts';
import { type Freshness, measureFreshness } from '../build/measure-freshness.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { type HeldLease, readHeldLeases } from '../state/held-leases.ts';
import { openState } from '../state/open-state.ts';
import { countRejections, type RejectionCount } from '../state/rejections.ts';
import { type RunRecord, readRuns } from '../state/run-history.ts';
import { readSyncStatus, type SyncStatus } from '../sync/sync-status.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { compileTarget } from './compile-target.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

export interface Status {
  readonly target: string;
  /** The newest first. */
  readonly runs: readonly RunRecord[];
  readonly syncs: readonly SyncStatus[];
  readonly models: readonly BuiltModel[];
  /** How old the source tables with a limit are by now; null where that could not be measured. */
  readonly freshness: readonly Freshness[] | null;
  /** Why it could not. */
  readonly freshnessError?: ScorelineError;
  /** Rows that are refused as things stand, by reason. */
  readonly rejections: readonly RejectionCount[];
  readonly leases: readonly HeldLease[];
}

/** The command `status`: what the state knows. Asks the warehouse alone, and changes nothing but a state of an older version. */
export async function readStatus(workspace: Workspace, maxRuns: number): Promise<Status> {
  const { project, target, signal } = workspace;
  return withWarehouse(workspace, async (warehouse) => {
    const state = await openState(warehouse, { schema: target.schema, signal });
    const [runs, syncs, models, rejections, leases, measured] = await Promise.all([
      readRuns(state, maxRuns, signal),
      readSyncStatus(state, signal),
      readBuiltModels({ warehouse, schema: target.schema, models: project.models, signal }),
      countRejections(state, {}, signal),
      readHeldLeases(state, signal),
      measureSources(workspace, warehouse),
    ]);
    return { target: target.name, runs, syncs, models, rejections, leases, ...measured };
  });
}

/** A project with a mistake in it, or a source that is gone, must not hide how the runs went. */
async function measureSources(
  workspace: Workspace,
  warehouse: Warehouse,
): Promise<Pick<Status, 'freshness' | 'freshnessError'>> {
  const { project, signal } = workspace;
  try {
    const compiled = compileTarget(workspace);
    const models = new Set(project.models.keys());
    return { freshness: await measureFreshness({ compiled, warehouse, models, signal }) };
  } catch (error) {
    if (!(error instanceof ScorelineError) || signal?.aborted) throw error;
    return { freshness: null, freshnessError: error };
  }
}
