import type { Entity } from './entity-types.ts';
import type { Model, ReasonSettings, UnitTest } from './model-types.ts';
import type { Duration, ParamValue, SourceFile } from './setting-types.ts';
import type { Sync } from './sync-types.ts';
import type { WarehouseSettings } from './warehouse-types.ts';

/**
 * A project as the rest of the engine sees it: read, validated and normalised. Keys are camelCase here and snake_case in
 * the files; everything is plain data except `SourceFile.locate`, which finds the line of a key for an error.
 */

export interface Project {
  /** Absolute. */
  readonly dir: string;
  readonly name: string;
  readonly file: SourceFile;
  readonly timezone: string;
  readonly defaultTarget: string;
  readonly entities: ReadonlyMap<string, Entity>;
  readonly sources: ReadonlyMap<string, Source>;
  readonly retention: Retention;
  /** For all cards; a card may say otherwise. */
  readonly reasons?: ReasonSettings;
  /** Project-wide defaults; a model that declares a parameter of the same name overrides them. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** The selected one, and those of the others that the environment's variables suffice for. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly models: ReadonlyMap<string, Model>;
  readonly syncs: ReadonlyMap<string, Sync>;
  readonly unitTests: readonly UnitTest[];
}

/** How long the state keeps what grows, in days. */
export interface Retention {
  readonly ledgerDays: number;
  readonly plansDays: number;
  readonly rejectionsDays: number;
  readonly runsDays: number;
}

export interface Source {
  readonly name: string;
  readonly database?: string;
  readonly schema?: string;
  readonly tables: ReadonlyMap<string, SourceTable>;
}

export interface SourceTable {
  readonly name: string;
  /** The name in the warehouse, where it differs. */
  readonly identifier: string;
  /** The column that says when a row was loaded. */
  readonly loadedAt?: string;
  /** How old the newest row may be before a run warns, and before it stops; only with `loadedAt`. */
  readonly warnAfter?: Duration;
  readonly errorAfter?: Duration;
}

export interface Target {
  readonly name: string;
  readonly warehouse: WarehouseSettings;
  readonly hubspot: HubSpotSettings;
  /** Stands in front of the names of HubSpot properties that syncs write; empty for none. */
  readonly propertyPrefix: string;
  /** Where models are built; state lives in `<schema>_state`. */
  readonly schema: string;
  readonly sources: ReadonlyMap<string, SourceOverride>;
  readonly params: Readonly<Record<string, ParamValue>>;
}

export interface SourceOverride {
  readonly database?: string;
  readonly schema?: string;
  /** Table → absolute path or glob (CSV, Parquet, JSON) that DuckDB reads as it is. */
  readonly files: ReadonlyMap<string, string>;
}

export type HubSpotSettings =
  /** A HubSpot inside this job, whose records stay in `statePath`. */
  | { readonly kind: 'sandbox'; readonly statePath: string }
  | {
      readonly kind: 'account';
      /** A secret: never printed. */
      readonly token: string;
      /** `https://api.hubapi.com`, or what HUBSPOT_BASE_URL says. */
      readonly baseUrl: string;
      readonly portalId?: number;
      readonly burstPer10s?: number;
      /** Members of a list in one request. */
      readonly membersPerCall: number;
      /** Share of the daily pool that is left to other integrations, 0 to 1. */
      readonly dailyReserveRatio: number;
      readonly apiVersion: 'v3' | '2026-09';
    };
