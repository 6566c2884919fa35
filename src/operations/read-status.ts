import { type BuiltModel, readBuiltModels } from '../build/built-models.ts';
import { type HeldLease, readHeldLeases } from '../state/held-leases.ts';
import { openState } from '../state/open-state.ts';
import { countRejections, type RejectionCount } from '../state/rejections.ts';
import { type RunRecord, readRuns } from '../state/run-history.ts';
import { readSyncStatus, type SyncStatus } from '../sync/sync-status.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

export interface Status {
  readonly target: string;
  /** The newest first. */
  readonly runs: readonly RunRecord[];
  readonly syncs: readonly SyncStatus[];
  readonly models: readonly BuiltModel[];
  /** Rows that are refused as things stand, by reason. */
  readonly rejections: readonly RejectionCount[];
  readonly leases: readonly HeldLease[];
}

/** The command `status`: what the state knows. Asks the warehouse alone, and changes nothing but a state of an older version. */
export async function readStatus(workspace: Workspace, maxRuns: number): Promise<Status> {
  const { project, target, signal } = workspace;
  return withWarehouse(workspace, async (warehouse) => {
    const state = await openState(warehouse, { schema: target.schema, signal });
    const [runs, syncs, models, rejections, leases] = await Promise.all([
      readRuns(state, maxRuns, signal),
      readSyncStatus(state, signal),
      readBuiltModels({ warehouse, schema: target.schema, models: project.models, signal }),
      countRejections(state, {}, signal),
      readHeldLeases(state, signal),
    ]);
    return { target: target.name, runs, syncs, models, rejections, leases };
  });
}
