import type { PlanWriterRequest } from './plan-writer.ts';

export interface PlanRollbackRequest extends PlanWriterRequest {
  /** The run whose writes are taken back. */
  readonly rolledBackRunId: string;
  /** Restores values too that somebody changed since. */
  readonly overwrite: boolean;
  /** Called with the number of rows read back so far. */
  readonly onProgress?: (done: number) => void;
}

export interface RollbackRequest extends PlanRollbackRequest {
  readonly portalId: number;
}

/** Why something of a run is not rolled back. */
export type KeptCause =
  /** A later run wrote another value, or another row took the record over. */
  | 'later_run'
  /** Somebody changed it in HubSpot. */
  | 'changed_in_hubspot'
  /** The record is gone, or went into another one. */
  | 'record_gone'
  /** The value before is not known: the run wrote the record without having read it. */
  | 'unknown_before'
  /** The sync or HubSpot does not have the property any more. */
  | 'property_gone';

/** What a rollback of one sync restores and what it leaves. Counts are of rows, values or members. */
export interface Rollback {
  readonly sync: string;
  readonly object: string;
  readonly runId: string;
  /** Rows that the run wrote. */
  readonly written: number;
  /** Of these, rows with a value to restore. */
  readonly restored: number;
  /** Of these, records that the run made: they are emptied and stay. */
  readonly created: number;
  /** The records made then, at most 1,000. */
  readonly createdRecords: readonly { readonly key: string; readonly recordId: string }[];
  /** Rows that hold the values before already. */
  readonly already: number;
  /** Values that stay as they are, by cause. */
  readonly kept: Readonly<Record<KeptCause, number>>;
  /** At most 10 of each cause. */
  readonly examples: readonly KeptExample[];
  readonly members: { readonly toAdd: number; readonly toRemove: number; readonly kept: number };
  /** Lists that the run made: they stay. */
  readonly createdLists: readonly { readonly list: string; readonly listId: string }[];
}

export interface KeptExample {
  readonly cause: KeptCause;
  readonly key: string;
  readonly recordId: string;
  readonly property?: string;
  /** Before the run, as the run wrote it, and as HubSpot holds it now. */
  readonly before?: string | null;
  readonly wrote?: string | null;
  readonly holds?: string | null;
  /** The run that wrote the row last. */
  readonly laterRun?: string;
}

export const nothingKept: Readonly<Record<KeptCause, number>> = {
  later_run: 0,
  changed_in_hubspot: 0,
  record_gone: 0,
  unknown_before: 0,
  property_gone: 0,
};
