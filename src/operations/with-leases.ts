import { hostname } from 'node:os';
import { systemClock } from '../hubspot/clock.ts';
import { takeLeases } from '../state/leases.ts';
import type { State } from '../state/state.ts';
import type { Workspace } from './workspace.ts';

/**
 * Holds leases for the time of `work`, which gets a state whose writes confirm them. Where the warehouse lets one process
 * in at a time there is nothing to hold.
 * @param names such as `sync:leads`
 * @throws RUN_BUSY that says who holds one of them and since when
 */
export async function withLeases<T>(
  { runId, signal, waitMs = 0 }: Workspace,
  state: State,
  names: readonly string[],
  work: (state: State) => Promise<T>,
): Promise<T> {
  if (state.warehouse.capabilities.locksWholeFile || names.length === 0) return work(state);
  const holder = `run ${runId} (process ${process.pid} on ${hostname()})`;
  const lease = await takeLeases(state, { names, runId, holder, waitMs, clock: systemClock, signal });
  const renewals = lease.keepAlive();
  try {
    return await work({ ...state, lease });
  } finally {
    await lease.release();
    await renewals;
  }
}
