/** Why a record is not as Scoreline left it. */
export type DriftCause =
  /** It holds another value. */
  | 'changed'
  /** It holds no value any more. */
  | 'lost'
  /** The record went into another one. */
  | 'merged'
  /** The record is gone. */
  | 'deleted';

/** What an audit of one sync found. Counts are of rows, or of members. */
export interface Audit {
  readonly sync: string;
  readonly object: string;
  readonly portalId: number;
  /** Rows of the snapshot that were read back. */
  readonly audited: number;
  readonly asExpected: number;
  /** One cause a row: the graver one where several apply. */
  readonly drift: Readonly<Record<DriftCause, number>>;
  /** Rows that were not read back: the sync excludes them, or it is known that they are in doubt or have no record. */
  readonly notAudited: { readonly excluded: number; readonly inDoubt: number; readonly vanished: number };
  readonly lists: readonly ListAudit[];
  /** At most 10 of each cause. */
  readonly examples: readonly DriftExample[];
}

export interface ListAudit {
  readonly list: string;
  readonly name: string;
  /** Null where the list is gone. */
  readonly listId: string | null;
  readonly members: number;
  /** Ours, and not on the list any more. */
  readonly removedByOthers: number;
  /** On the list, and not put there by Scoreline; they stay. */
  readonly addedByOthers: number;
}

export interface DriftExample {
  readonly cause: DriftCause;
  /** The model's key. */
  readonly key: string;
  readonly recordId: string;
  /** Of a merged record: the one it went into. */
  readonly nowRecordId?: string;
  /** Of a record that is there: what differs. */
  readonly values: readonly {
    readonly property: string;
    readonly wrote: string | null;
    readonly holds: string | null;
  }[];
}

export const noDrift: Readonly<Record<DriftCause, number>> = { changed: 0, lost: 0, merged: 0, deleted: 0 };

/** Rows and members that are not as Scoreline left them; members that others added are no drift of ours. */
export function driftOf({ drift, lists }: Pick<Audit, 'drift' | 'lists'>): number {
  const rows = Object.values(drift).reduce((sum, count) => sum + count, 0);
  return lists.reduce((sum, list) => sum + list.removedByOthers + (list.listId === null ? 1 : 0), rows);
}
