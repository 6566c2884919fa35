import type { Sync } from '../project/sync-types.ts';
import type { Fragment } from '../sql/types.ts';
import { type State, temporaryTable } from '../state/state.ts';
import type { SyncModel } from './sync-model.ts';

/** What all statements that decide a plan's rows and members are made from. */
export interface DecideRequest {
  readonly state: State;
  readonly planId: string;
  readonly portalId: number;
  readonly sync: Sync;
  readonly model: SyncModel;
  /** Properties that HubSpot does not have: whatever it accepted of them is gone. */
  readonly made?: ReadonlySet<string>;
}

/** The table that `decideRows` makes for the rest of its script: one row per candidate, with its verdict. */
export function decidedTable(planId: string): Fragment {
  return temporaryTable('decided', planId);
}
