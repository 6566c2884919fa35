import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Sync } from '../project/sync-types.ts';
import { openState } from '../state/open-state.ts';
import { type RunWrites, readRuns, readWritesOfRun } from '../state/run-history.ts';
import type { State } from '../state/state.ts';
import type { Plan, SyncResult } from '../sync/plan-types.ts';
import { planRollback } from '../sync/roll-back-run.ts';
import type { Rollback } from '../sync/rollback-types.ts';
import { applyInTurn } from './apply-one.ts';
import type { Confirm } from './guard-plans.ts';
import { readBackRequest } from './read-back-request.ts';
import { type RunScope, withRun } from './with-run.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

export interface RollbackOptions {
  /** Shows the plans and sends nothing. */
  readonly dryRun: boolean;
  /** Restores values too that were changed since. */
  readonly overwrite: boolean;
  readonly confirm: Confirm;
}

export interface RollbackOutcome {
  /** One for each sync that the run wrote. */
  readonly rollbacks: readonly Rollback[];
  /** Of those that have something to restore. */
  readonly plans: readonly Plan[];
  /** One per plan, as far as it came; empty where nothing was sent. */
  readonly results: readonly SyncResult[];
  /** What ended it after a part of the syncs was restored; those have results. */
  readonly failure?: ScorelineError;
}

/**
 * The command `rollback`: restores what a run found, as an ordinary plan for each of its syncs. Guards do not judge it: to
 * undo a mass change is a mass change, and somebody has asked for it.
 * @throws USAGE_INVALID for a run that the state does not know; DESTINATION_PORTAL for one of another account;
 * STATE_PRUNED where the ledger has not all of it any more
 */
export async function rollBack(
  workspace: Workspace,
  rolledBackRunId: string,
  options: RollbackOptions,
): Promise<RollbackOutcome> {
  const writes = await findWrites(workspace, rolledBackRunId);
  if (writes.length === 0) return { rollbacks: [], plans: [], results: [] };
  const syncs = writes.map(({ sync }) => sync);
  return withRun(workspace, { command: 'rollback', syncs, supersede: !options.dryRun }, async (scope) => {
    await checkAccount(scope, writes);
    const found = [];
    for (const sync of syncsOf(workspace, writes)) {
      const request = await readBackRequest(scope, sync);
      found.push(await planRollback({ ...request, rolledBackRunId, overwrite: options.overwrite }));
    }
    const rollbacks = found.map(({ rollback }) => rollback);
    const plans = found.flatMap(({ plan }) => (plan === null ? [] : [plan]));
    const isWanted = !options.dryRun && plans.length > 0 && (await mayApply(plans, options.confirm));
    return { rollbacks, plans, ...(isWanted ? await applyInTurn(scope, plans, {}) : { results: [] }) };
  });
}

/** @throws DESTINATION_PORTAL for a run that wrote to another account than the token's */
async function checkAccount({ hubspot, workspace }: RunScope, writes: readonly RunWrites[]): Promise<void> {
  const { portalId } = await hubspot.account(workspace.signal);
  const other = writes.find((each) => each.portalId !== portalId);
  if (other === undefined) return;
  throw new ScorelineError(
    'DESTINATION_PORTAL',
    `The run wrote to HubSpot account ${other.portalId}; the access token belongs to ${portalId}`,
    {
      hint: `Use a target with a token of account ${other.portalId}.`,
      details: { portal_id: portalId, wanted: other.portalId },
    },
  );
}

/** Whoever typed the command is asked where there is a terminal; a script has said all with the command. */
async function mayApply(plans: readonly Plan[], confirm: Confirm): Promise<boolean> {
  const rows = plans.reduce((sum, plan) => sum + plan.rows.updates + plan.rows.clears, 0);
  const members = plans.flatMap((plan) => plan.lists).reduce((sum, list) => sum + list.adds + list.removes, 0);
  const what = `Restore ${rows.toLocaleString('en-US')} records and ${members.toLocaleString('en-US')} list members`;
  return (await confirm(`${what} in HubSpot account ${plans[0]?.portal.portalId}?`)) !== 'no';
}

async function findWrites(workspace: Workspace, runId: string): Promise<readonly RunWrites[]> {
  const { target, signal } = workspace;
  return withWarehouse(workspace, async (warehouse) => {
    const state = await openState(warehouse, { schema: target.schema, signal });
    const writes = await readWritesOfRun(state, runId, signal);
    await checkRun(state, { runId, isWriter: writes.length > 0, signal });
    return writes;
  });
}

interface CheckedRun {
  readonly runId: string;
  readonly isWriter: boolean;
  readonly signal: AbortSignal;
}

/** @throws USAGE_INVALID or STATE_PRUNED; a run that wrote nothing is no error */
async function checkRun(state: State, { runId, isWriter, signal }: CheckedRun): Promise<void> {
  const runs = await readRuns(state, 1000, signal);
  const run = runs.find((each) => each.runId === runId);
  if (run === undefined) {
    if (isWriter) return;
    const last = runs.slice(0, 3).map((each) => each.runId);
    throw new ScorelineError('USAGE_INVALID', `The state knows no run "${runId}"`, {
      hint:
        last.length === 0
          ? 'Nothing has run yet.'
          : `The last ones: ${last.join(', ')}; \`scoreline status\` has more.`,
    });
  }
  if (run.ledgerPrunedAt === null) return;
  throw new ScorelineError(
    'STATE_PRUNED',
    `What run "${runId}" wrote was removed from the ledger at ${run.ledgerPrunedAt}, or a part of it`,
    {
      details: { run_id: runId, pruned_at: run.ledgerPrunedAt },
    },
  );
}

/** @throws USAGE_INVALID naming the syncs that the project does not have any more */
function syncsOf({ project }: Workspace, writes: readonly RunWrites[]): readonly Sync[] {
  const gone = writes.filter(({ sync }) => !project.syncs.has(sync)).map(({ sync }) => sync);
  if (gone.length > 0) {
    throw new ScorelineError(
      'USAGE_INVALID',
      `The run wrote syncs that the project does not have: ${gone.join(', ')}`,
      {
        hint: 'Bring their files back under syncs/, roll back, and remove them again.',
      },
    );
  }
  return writes.flatMap(({ sync }) => project.syncs.get(sync) ?? []);
}
