/**
 * A project as the rest of the engine sees it: read, validated and normalised. Keys are camelCase here and snake_case in
 * the files; everything is plain data except `SourceFile.locate`, which finds the line of a key for an error.
 */

export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SourceFile {
  /** Relative to the project's directory, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /**
   * The place of a YAML key's value (`['rules', 2, 'where']`), or of the nearest parent that exists. Keys as in the file
   * (snake_case). For text it is where its first character stands: after a quote, or on the line below `|`, so that lines
   * of the text can be counted from it. For a file that is not YAML: line 1, column 1.
   */
  locate(path: readonly (string | number)[]): Position;
}

/** A number or duration that a YAML file takes from a parameter: `"{{ param('half_life') }}"`. */
export interface ParamReference {
  readonly param: string;
}

export interface Duration {
  readonly amount: number;
  readonly unit: 'minute' | 'hour' | 'day' | 'week';
}

export type NumberSetting = number | ParamReference;
export type DurationSetting = Duration | ParamReference;

/** SQL over the columns of a relation, with the same template calls as a SQL file. */
export interface SqlExpression {
  readonly sql: string;
}

export type ParamType = 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp' | 'duration' | 'string_list';

/** Dates as `2026-01-31`, timestamps as ISO instants with zone, durations as written (`14d`). */
export type ParamValue = string | number | boolean | readonly string[];

/** A parameter's value for one run. */
export interface ResolvedParam {
  readonly type: ParamType;
  readonly value: ParamValue;
}

export interface ParamDeclaration {
  readonly type: ParamType;
  readonly default?: ParamValue;
  readonly description?: string;
}

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
  /** Project-wide defaults; a model that declares a parameter of the same name overrides them. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** The selected one, and those of the others that the environment's variables suffice for. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly models: ReadonlyMap<string, Model>;
  readonly syncs: ReadonlyMap<string, Sync>;
}

/** How long the state keeps what grows, in days. */
export interface Retention {
  readonly ledgerDays: number;
  readonly plansDays: number;
  readonly rejectionsDays: number;
  readonly runsDays: number;
}

export interface Entity {
  readonly name: string;
  /** A template, such as `{{ ref('leads') }}`; one row per key. */
  readonly relation: string;
  readonly key: string;
  /** Parent entity's name → this entity's column that holds the parent's key. */
  readonly belongsTo: Readonly<Record<string, string>>;
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

/** Only DuckDB is built yet; the other types are refused while the project is read. */
export interface WarehouseSettings {
  readonly type: 'duckdb';
  /** Absolute. */
  readonly path: string;
  /** DuckDB's own notation, such as `1GB`. */
  readonly memoryLimit: string;
  readonly threads?: number;
}

export type HubSpotSettings =
  /** A HubSpot inside this job, whose records stay in `statePath` beside the DuckDB file. */
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

export type Model = SqlModel | ScorecardModel | AudienceModel;

interface ModelBase {
  /** The file's stem. */
  readonly name: string;
  readonly file: SourceFile;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly params: Readonly<Record<string, ParamDeclaration>>;
  readonly columns: readonly ColumnDeclaration[];
  /** Of the whole model; those of a column stand with the column. */
  readonly tests: readonly ModelTest[];
}

export interface SqlModel extends ModelBase {
  readonly kind: 'sql';
  readonly sql: SourceFile;
  /** Empty where the model declares none. */
  readonly key: readonly string[];
  readonly materialize: 'table' | 'view' | 'inline';
}

export interface ScorecardModel extends ModelBase {
  readonly kind: 'scorecard';
  readonly entity: string;
  readonly range?: { readonly min: NumberSetting; readonly max: NumberSetting };
  readonly base: NumberSetting;
  readonly groups: ReadonlyMap<string, Group>;
  readonly rules: readonly Rule[];
  /** Highest first; the last one may have no `at`. Empty where the card has none. */
  readonly tiers: readonly Tier[];
  /** The step scores are rounded to, or `none`. */
  readonly round: number | 'none';
}

export interface AudienceModel extends ModelBase {
  readonly kind: 'audience';
  readonly entity: string;
  /** Either rows of a scored model that fulfil `where`, or a SELECT of its own that yields the entity's key. */
  readonly members:
    | { readonly kind: 'from'; readonly from: string; readonly where?: string }
    | { readonly kind: 'sql'; readonly sql: SourceFile };
}

export interface Group {
  readonly name: string;
  readonly min?: NumberSetting;
  readonly max?: NumberSetting;
}

export interface Tier {
  readonly name: string;
  readonly label?: string;
  /** Inclusive; absent on the lowest tier. */
  readonly at?: NumberSetting;
}

export type Points = NumberSetting | SqlExpression;

interface RuleBase {
  readonly id: string;
  /** In a marketer's words; made from the id where absent. */
  readonly label: string;
  readonly description?: string;
  readonly points: Points;
  /** Cap on this rule's points, in absolute value. */
  readonly limit?: NumberSetting;
  readonly group?: string;
}

export type Rule = EventRule | AttributeRule | AbsenceRule | NumericRule;

export interface EventRule extends RuleBase {
  readonly kind: 'event';
  /** A template that names a relation: one row per event, carrying the entity's key. */
  readonly events: string;
  /** SQL over the event's row. */
  readonly at: string;
  readonly where?: string;
  readonly within?: DurationSetting;
  readonly count:
    | { readonly kind: 'each' }
    | { readonly kind: 'once' }
    | { readonly kind: 'distinct'; readonly column: string };
  readonly maxPerDay?: NumberSetting;
  readonly decay?: Decay;
}

export type Decay =
  | { readonly kind: 'half_life'; readonly halfLife: DurationSetting }
  | { readonly kind: 'linear'; readonly to: DurationSetting }
  /** `by` is a share, 0 to 1, lost at every full `every`. */
  | { readonly kind: 'step'; readonly every: DurationSetting; readonly by: NumberSetting };

export interface AttributeRule extends RuleBase {
  readonly kind: 'attribute';
  readonly when: string;
}

/** Fires where none of the relations has an event of the entity in the window. */
export interface AbsenceRule extends RuleBase {
  readonly kind: 'absence';
  readonly noEvents: readonly string[];
  readonly at: string;
  readonly where?: string;
  readonly within: DurationSetting;
}

/** Points times the value of a SQL expression over the entity's row. */
export interface NumericRule extends RuleBase {
  readonly kind: 'numeric';
  readonly value: string;
}

export interface ColumnDeclaration {
  readonly name: string;
  readonly description?: string;
  /** Personal data: values are not shown. */
  readonly pii?: boolean;
  readonly tests: readonly ModelTest[];
}

/** `column` is absent in tests of a whole model. Positions are found by `path` in the model's file. */
export type ModelTest = (
  | { readonly kind: 'unique' | 'not_null'; readonly columns: readonly string[] }
  | {
      readonly kind: 'accepted_values';
      readonly column: string;
      readonly values: readonly (string | number | boolean)[];
    }
  | { readonly kind: 'between'; readonly column: string; readonly min?: number; readonly max?: number }
  /** Every value that is not null stands in `field` of the model `to`. */
  | { readonly kind: 'relationship'; readonly column: string; readonly to: string; readonly field: string }
  | { readonly kind: 'row_count'; readonly min?: number; readonly max?: number }
  /** A SELECT that must return no row. */
  | { readonly kind: 'sql'; readonly name: string; readonly sql: SourceFile | SqlExpression }
) & { readonly path: readonly (string | number)[] };

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
