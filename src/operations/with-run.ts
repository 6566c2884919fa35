import { ScorelineError } from '../errors/scoreline-error.ts';
import type { HubSpot } from '../hubspot/types.ts';
import { openState } from '../state/open-state.ts';
import { finishRun, type RunEnd, startRun } from '../state/run-records.ts';
import type { State } from '../state/state.ts';
import { steadyClock } from '../state/steady-clock.ts';
import type { MeteredWarehouse } from '../warehouse/metered-warehouse.ts';
import { checkPortal } from './check-portal.ts';
import { pruneState } from './prune-state.ts';
import { withLeases } from './with-leases.ts';
import { type Workspace, withHubSpot, withWarehouse } from './workspace.ts';

/** What every command that plans or applies works with. */
export interface RunScope {
  /** Its clock is one that is never behind the state. */
  readonly workspace: Workspace;
  readonly warehouse: MeteredWarehouse;
  readonly hubspot: HubSpot;
  readonly state: State;
}

export interface RunRequest {
  readonly command: string;
  /** Names of the syncs that are planned or applied. */
  readonly syncs: readonly string[];
  /** True closes their unfinished plans, since they are planned afresh. */
  readonly supersede: boolean;
  /** Comes before anything else, once HubSpot has let us in: building models. */
  prepare?(state: State): Promise<void>;
}

/**
 * Opens warehouse, state and HubSpot, writes the run down, and writes down how it ended whatever happens: an outcome with a
 * `failure` ended badly too.
 */
export async function withRun<T extends object>(
  workspace: Workspace,
  request: RunRequest,
  work: (scope: RunScope) => Promise<T>,
): Promise<T> {
  const { target, signal } = workspace;
  const names = request.syncs.map((sync) => `sync:${sync}`);
  return withWarehouse(workspace, async (warehouse) =>
    withLeases(workspace, await openState(warehouse, { schema: target.schema, signal }), names, async (state) => {
      const now = await steadyClock(state, workspace.now, signal);
      const steady = { ...workspace, now, startedAt: now() };
      const scope = { workspace: steady, warehouse, state };
      let isWrittenDown = false;
      try {
        return await withHubSpot(steady, async (hubspot) => {
          // Before the building, which may take an hour: is it the right account, and does it let us in?
          await checkPortal(workspace, hubspot);
          await withLeases(workspace, state, ['build'], async (building) => request.prepare?.(building));
          isWrittenDown = true;
          return recordRun(request, scope, () => work({ ...scope, hubspot }));
        });
      } catch (error) {
        if (!isWrittenDown) await recordFailedStart(request, scope, error);
        throw error;
      }
    }),
  );
}

/** A night that ended before its plans must not look like none: `status` would show the last good one. */
async function recordFailedStart(request: RunRequest, scope: Omit<RunScope, 'hubspot'>, error: unknown): Promise<void> {
  const fail = () => Promise.reject(error);
  // What ended the run may have been the warehouse, or an interruption; plans that are unfinished stay as they are.
  const workspace = { ...scope.workspace, signal: new AbortController().signal };
  await recordRun({ ...request, supersede: false }, { ...scope, workspace }, fail).catch(() => undefined);
}

async function recordRun<T extends object>(
  { command, syncs, supersede }: RunRequest,
  { workspace, warehouse, state }: Omit<RunScope, 'hubspot'>,
  work: () => Promise<T>,
): Promise<T> {
  const { target, asOf, runId, startedAt, now, signal } = workspace;
  await startRun(state, {
    runId,
    command,
    target: target.name,
    asOf: asOf.instant,
    startedAt: startedAt.toISOString(),
    syncs,
    supersede,
    signal,
  });
  const finish = async (failure: unknown) => {
    const end = { ...statusAfter(failure), spent: await warehouse.spent() };
    await finishRun(state, { runId, endedAt: now().toISOString(), ...end });
    reportEnd(workspace, end);
  };
  try {
    const outcome = await work();
    await finish('failure' in outcome ? outcome.failure : undefined);
    await pruneState(workspace, state);
    return outcome;
  } catch (error) {
    // A warehouse that is gone cannot be told either; the next run finds what this one left.
    await finish(error).catch(() => undefined);
    throw error;
  }
}

function reportEnd({ report }: Workspace, { status, spent }: Pick<RunEnd, 'status' | 'spent'>): void {
  const { statements, seconds, bytesBilled } = spent;
  report({
    level: 'info',
    event: 'run_ended',
    message: `the run ${status}, with ${statements} statements and ${seconds.toFixed(1)} s of waiting for the warehouse`,
    figures: {
      status,
      statements,
      warehouse_seconds: seconds,
      ...(bytesBilled !== null && { bytes_billed: bytesBilled }),
    },
    passing: true,
  });
}

function statusAfter(failure: unknown) {
  if (failure === undefined) return { status: 'finished' as const };
  const errorCode = failure instanceof ScorelineError ? failure.code : 'INTERNAL';
  return { status: errorCode === 'RUN_INTERRUPTED' ? ('interrupted' as const) : ('failed' as const), errorCode };
}
