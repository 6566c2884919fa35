import { openState } from '../state/open-state.ts';
import {
  countRejections,
  listRejections,
  type RejectedRow,
  type RejectionCount,
  releaseRejections,
} from '../state/rejections.ts';
import { listVanished, type VanishedRows } from '../state/vanished-rows.ts';
import { selectSyncs } from './select-syncs.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

export interface Rejected {
  readonly total: number;
  /** The most frequent reason first. */
  readonly counts: readonly RejectionCount[];
  /** The latest first, at most as many as were asked for. */
  readonly rows: readonly RejectedRow[];
  /** Rows whose pause was ended: the next run tries them. */
  readonly released: number;
  /** Rows whose record is gone: HubSpot refused them once, and is asked for a record of theirs in each run. */
  readonly vanished: VanishedRows;
}

export interface RejectedRequest {
  /** Undefined: all. */
  readonly sync?: string;
  readonly limit: number;
  /** Ends the pauses. */
  readonly retry: boolean;
}

/** The command `rejected`: rows that are refused as things stand. Asks the warehouse alone. */
export async function listRejected(workspace: Workspace, { sync, limit, retry }: RejectedRequest): Promise<Rejected> {
  const { project, target, signal } = workspace;
  const filter = sync === undefined ? {} : { syncs: selectSyncs(project, [sync]).map(({ name }) => name) };
  return withWarehouse(workspace, async (warehouse) => {
    const state = await openState(warehouse, { schema: target.schema, signal });
    const released = retry ? await releaseRejections(state, filter, signal) : 0;
    const counts = await countRejections(state, filter, signal);
    const rows = await listRejections(state, filter, limit, signal);
    const vanished = await listVanished(state, filter, limit, signal);
    return { total: counts.reduce((sum, each) => sum + each.rows, 0), counts, rows, released, vanished };
  });
}
