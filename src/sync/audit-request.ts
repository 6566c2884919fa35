import type { HubSpot } from '../hubspot/types.ts';
import type { PropertyType, Sync } from '../project/sync-types.ts';
import type { Fragment } from '../sql/types.ts';
import type { State } from '../state/state.ts';
import type { RestoredMember, RestoredRow, WrittenList } from './plan-writer.ts';

export interface AuditRequest {
  readonly state: State;
  readonly hubspot: HubSpot;
  readonly portalId: number;
  readonly sync: Sync;
  /** Properties of the sync that HubSpot has, and their types. */
  readonly types: ReadonlyMap<string, PropertyType>;
  /** A SELECT of `model_key`: rows that the sync leaves alone by now. */
  readonly excluded?: Fragment;
  readonly signal?: AbortSignal;
  /** Columns that are personal data: values of their properties are hidden in examples. */
  readonly personalColumns?: ReadonlySet<string>;
  /** Takes rows that are not as they were left, as they are found. */
  readonly onDrift?: (rows: readonly RestoredRow[]) => Promise<void>;
  /** Takes our members that a list has lost; once per list. The id is null where the list is gone. */
  readonly onMembers?: (list: WrittenList, members: readonly RestoredMember[]) => Promise<void>;
  /** Called with the number of rows read back so far. */
  readonly onProgress?: (done: number) => void;
}
