import type { Plan } from './plan-types.ts';
import { PlanWriter } from './plan-writer.ts';
import { rollBackMembers } from './rollback-members.ts';
import { rollBackRows } from './rollback-rows.ts';
import type { PlanRollbackRequest, Rollback } from './rollback-types.ts';

/**
 * Freezes a plan that restores what a run found in one sync's records and lists, from the old values in the ledger. A
 * value is restored only where HubSpot still holds what the run wrote. Records that the run made are emptied and stay.
 * @returns a null plan where nothing is left to restore
 * @throws DESTINATION_*, WAREHOUSE_*, RUN_INTERRUPTED
 */
export async function planRollback(
  request: PlanRollbackRequest,
): Promise<{ readonly rollback: Rollback; readonly plan: Plan | null }> {
  const { sync, account, rolledBackRunId } = request;
  const scope = { ...request, portalId: account.portalId };
  const writer = new PlanWriter(request);
  try {
    await writer.begin();
    const rows = await rollBackRows(scope, writer);
    const { members, createdLists, lists } = await rollBackMembers(scope, writer);
    const rollback = { sync: sync.name, object: sync.object, runId: rolledBackRunId, ...rows, members, createdLists };
    if (rows.restored + members.toAdd + members.toRemove === 0) return { rollback, plan: null };
    return { rollback, plan: await writer.finish(rows.written - rows.restored, lists) };
  } finally {
    await writer.cancel();
  }
}
