import type { SourceFile } from './setting-types.ts';

export interface Sync {
  /** The file's stem. */
  readonly name: string;
  readonly file: SourceFile;
  readonly description?: string;
  readonly tags: readonly string[];
  /** `contacts`, `companies`, `deals`, or a custom object's type. */
  readonly object: string;
  /** One, or several scored models of one entity: their columns are then named `model.column`. */
  readonly models: readonly string[];
  readonly match: { readonly property: string; readonly column: string };
  readonly mode: 'update' | 'upsert' | 'mirror';
  /** What happens to the properties of a row that left the model; `clear` in mode `mirror`. */
  readonly removed: 'keep' | 'clear';
  /** Rows that are never written: `when` is SQL over the model's columns. */
  readonly exclude?: { readonly when: string; readonly properties: 'keep' | 'clear' };
  /** SQL over the model's columns: the rows for which it is true go first. */
  readonly priority?: string;
  /** Whether a record that vanished from HubSpot is created again. */
  readonly recreate: boolean;
  readonly nulls: 'skip' | 'clear';
  /** Which changes of tier `crossed_at` and `crossings` tell of: those that something or somebody brought, or all. */
  readonly announce: 'behaviour' | 'all';
  readonly properties: readonly SyncProperty[];
  readonly propertyGroup: string;
  readonly lists: readonly SyncList[];
  readonly guards: Guards;
  /** Rows that are written first and read back; absent: none. */
  readonly canary?: Canary;
}

/** What a plan may do at most. Absent members of a limit are no limit; a plan that goes above any of them is stopped. */
export interface Guards {
  readonly maxChanged: GuardLimit;
  readonly maxRemoved: GuardLimit;
  readonly maxCreated: GuardLimit;
  readonly maxTierMoves: GuardLimit;
  readonly maxNull: GuardLimit;
  /** Rows that the model must have; 0: any. */
  readonly minRows: number;
}

export interface GuardLimit {
  /** 0.2 is 20%. */
  readonly shareRatio?: number;
  readonly rows?: number;
}

export interface Canary {
  readonly rows: number;
  /** The share is of the canary's rows. */
  readonly maxRejected: GuardLimit;
}

export type PropertyType = 'string' | 'number' | 'date' | 'datetime' | 'bool' | 'enumeration';

export interface SyncProperty {
  /** In HubSpot. */
  readonly name: string;
  readonly column: string;
  readonly type: PropertyType;
  /** HubSpot's fieldType, such as `textarea`; a default by type where the file names none. */
  readonly field: string;
  readonly label: string;
  readonly description?: string;
  /** Of an enumeration; absent: the model's tiers. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  readonly decimals?: number;
  /** Dead band: a smaller difference counts as none, unless the tier moved. */
  readonly minChange?: number;
  /** Sent only when another property of the row changed. */
  readonly withChangesOnly: boolean;
  readonly nulls: 'skip' | 'clear';
  /** Whether values that Scoreline did not write are overwritten; otherwise they are left alone and counted. */
  readonly adopt: boolean;
  /** `if_empty`: only where HubSpot has no value, and never again. */
  readonly write: 'always' | 'if_empty';
}

export interface SyncList {
  /** The key in the file. */
  readonly id: string;
  /** In HubSpot. */
  readonly name: string;
  readonly audience: string;
}
