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
  /** Set by `for_each`: the default is the value, whatever else is said. */
  readonly fixed?: true;
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

export interface Entity {
  readonly name: string;
  /** A template, such as `{{ ref('leads') }}`; one row per key. */
  readonly relation: string;
  readonly key: string;
  /** By the parent entity's name. */
  readonly belongsTo: Readonly<Record<string, Belonging>>;
  readonly aliases?: Aliases;
}

/** How rows of an entity find those of its parent. */
export type Belonging =
  /** This entity's column that holds the parent's key. */
  | { readonly kind: 'column'; readonly column: string }
  /** A relation with a row per pair, which has the keys of both; `weight` is SQL over its row. */
  | { readonly kind: 'bridge'; readonly via: string; readonly weight?: string };

/** Other ids that events carry instead of an entity's key, such as those of visitors who became known later. */
export interface Aliases {
  /** A template: one row per other id, with the entity's key. */
  readonly relation: string;
  /** The column of the relation that holds the other id. */
  readonly id: string;
  /** The column of events that holds the other id. */
  readonly on: string;
  /** SQL over the relation's row: since when the id is known to be the entity's. */
  readonly at?: string;
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

export type Model = SqlModel | ScorecardModel | CombineModel | AudienceModel;

/** A model whose rows have a score, a tier and reasons; `isScored` tells. */
export type ScoredModel = ScorecardModel | CombineModel;

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

/** How a score becomes a tier, whatever the score is made of. */
interface ScoredBase extends ModelBase {
  readonly entity: string;
  readonly range?: { readonly min: NumberSetting; readonly max: NumberSetting };
  /** Highest first; the last one may have neither `at` nor `top`. Empty where the model has none. */
  readonly tiers: readonly Tier[];
  /** The step scores are rounded to, or `none`. */
  readonly round: number | 'none';
  /** In the order of the file: of several that hold, the first one is named. */
  readonly disqualify: readonly Gate[];
  /** How far below a tier's threshold a score must fall to lose the tier. */
  readonly hysteresis?: NumberSetting;
  /** The SQL model with what people set by hand. */
  readonly overrides?: string;
}

export interface ScorecardModel extends ScoredBase {
  readonly kind: 'scorecard';
  /** Instead of the entity's own. */
  readonly aliases?: Aliases;
  readonly base: NumberSetting;
  readonly groups: ReadonlyMap<string, Group>;
  readonly rules: readonly Rule[];
  /** The first one that matches is an entity's. */
  readonly segments: readonly Segment[];
  readonly reasons?: ReasonSettings;
}

export interface ReasonSettings {
  /** Characters; longer text is cut. */
  readonly maxLength?: number;
  /** For rules that count events or sessions, without a template of their own. */
  readonly events?: ReasonTemplate;
  /** For those that count distinct values. */
  readonly distinct?: ReasonTemplate;
  /** Words behind the number of a `{window}`; English ones where absent. */
  readonly units?: Readonly<Record<'day' | 'hour' | 'minute', ReasonTemplate>>;
}

/** A score from the scores of other models. */
export interface CombineModel extends ScoredBase {
  readonly kind: 'combine';
  /** In the order of the file, names unique. */
  readonly inputs: readonly CombineInput[];
  /** SQL over the inputs' names. */
  readonly score: string;
  readonly grade?: Grade;
}

export interface CombineInput {
  readonly name: string;
  /** A scored model of the entity or of one that it belongs to. */
  readonly model: string;
}

/** `B2`: a letter for one input, a digit for another. Thresholds are the highest first, inclusive. */
export interface Grade {
  readonly letter: GradeAxis;
  readonly digit: GradeAxis;
}

export interface GradeAxis {
  readonly input: string;
  readonly thresholds: readonly NumberSetting[];
}

/** Who it holds for is disqualified, whatever the score. */
export interface Gate {
  readonly id: string;
  /** In a marketer's words; made from the id where absent. */
  readonly label: string;
  /** A predicate over the entity's row. */
  readonly when: string;
}

/** A part of an entity's rows that is scored in another way. */
export interface Segment {
  readonly name: string;
  /** A predicate over the entity's row; absent: all that no segment before matched. */
  readonly when?: string;
  /** By the rule's id. What it leaves out stays as the rule says. */
  readonly rules: ReadonlyMap<string, RuleChange>;
  /** Tier → its threshold here. */
  readonly tiers: ReadonlyMap<string, NumberSetting>;
}

export interface RuleChange {
  readonly points?: Points;
  readonly limit?: NumberSetting | 'none';
  readonly within?: DurationSetting | 'none';
  readonly decay?: Decay | 'none';
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
  /** Inclusive. The lowest tier has neither this nor `top`. */
  readonly at?: NumberSetting;
  /** Instead: the best share of all rows that are not disqualified, 0 to 1. */
  readonly top?: NumberSetting;
}

export type Points = NumberSetting | SqlExpression;

/** Points for frequency, in the file's order: the band with the most events that are reached gives its points, once. */
export interface Bands {
  readonly bands: readonly Band[];
}

export interface Band {
  readonly atLeast: NumberSetting;
  readonly points: NumberSetting;
}

interface RuleBase {
  readonly id: string;
  /** In a marketer's words; made from the id where absent. */
  readonly label: string;
  readonly description?: string;
  /** How a reason names the rule, instead of its label. */
  readonly reason?: ReasonTemplate;
  /** Bends the sum of the rule's points before the limit; not of attributes and absence, which have one value. */
  readonly curve?: Curve;
  /** Cap on this rule's points, in absolute value. */
  readonly limit?: NumberSetting;
  readonly group?: string;
}

/** `{label}`, `{count}` and `{window}` are filled in; `[ in {window}]` goes where there is none. `one` is for a single event. */
export interface ReasonTemplate {
  readonly one: string;
  readonly many: string;
}

export type Curve =
  /** factor × ln(1 + sum) */
  | { readonly kind: 'log'; readonly factor: NumberSetting }
  /** limit × sum / (sum + at): half of the limit where the sum is `at`. */
  | { readonly kind: 'half_at'; readonly at: NumberSetting };

export type Rule = EventRule | AttributeRule | AbsenceRule | NumericRule | RollupRule;

export interface EventRule extends RuleBase {
  readonly kind: 'event';
  /** A template that names a relation: one row per event, carrying the key of the entity or of one that belongs to it. */
  readonly events: string;
  /** Columns of the events that say whose they are; absent: those that their SQL shows. */
  readonly by?: readonly string[];
  /** SQL over the event's row. */
  readonly at: string;
  readonly where?: string;
  /** SQL over the event's row: a link that `explain` shows beside the event. */
  readonly link?: string;
  readonly points: Points | Bands;
  /** The points are given once, where at least so many events count. */
  readonly atLeast?: NumberSetting;
  readonly within?: DurationSetting;
  /** Instead of `within`: events at least as old as `from` and younger than `to`. */
  readonly between?: { readonly from: DurationSetting; readonly to: DurationSetting };
  readonly count:
    | { readonly kind: 'each' }
    | { readonly kind: 'once' }
    | { readonly kind: 'distinct'; readonly column: string };
  readonly maxPerDay?: NumberSetting;
  readonly decay?: Decay;
  readonly recover?: Recovery;
  /** Sessions count instead of events. */
  readonly session?: Session;
}

/** Events of an entity that belong together; a session stands at its first event. */
export interface Session {
  readonly by: /** Events that share a value of the column; without a value, an event is in no session. */
    | { readonly kind: 'column'; readonly column: string }
    /** A session ends where no event follows for so long. */
    | { readonly kind: 'gap'; readonly gap: DurationSetting };
  /** Sessions of so many events or minutes count; of `count`, so many sessions give the points, once. Absent: all count. */
  readonly least?: { readonly measure: 'pages' | 'minutes' | 'count'; readonly atLeast: NumberSetting };
}

/** A penalty ends when such an event follows. */
export interface Recovery {
  /** A template that names a relation of events. */
  readonly on: string;
  readonly at: string;
  readonly where?: string;
}

export type Decay =
  | { readonly kind: 'half_life'; readonly halfLife: DurationSetting }
  | { readonly kind: 'linear'; readonly to: DurationSetting }
  /** `by` is a share, 0 to 1, lost at every full `every`. */
  | { readonly kind: 'step'; readonly every: DurationSetting; readonly by: NumberSetting };

export interface AttributeRule extends RuleBase {
  readonly kind: 'attribute';
  readonly when: string;
  readonly points: Points;
}

/** Fires where none of the relations has an event of the entity in the window. */
export interface AbsenceRule extends RuleBase {
  readonly kind: 'absence';
  readonly noEvents: readonly string[];
  readonly by?: readonly string[];
  readonly at: string;
  readonly where?: string;
  readonly points: Points;
  readonly within: DurationSetting;
  /** The points are given again after each full period of more silence. */
  readonly repeat?: DurationSetting;
  readonly recover?: Recovery;
}

/** Points times the value of a SQL expression over the entity's row. */
export interface NumericRule extends RuleBase {
  readonly kind: 'numeric';
  readonly value: string;
  readonly points: Points;
}

/** Points times what is made of the rows of a child entity's scored model; disqualified ones are left out. */
export interface RollupRule extends RuleBase {
  readonly kind: 'rollup';
  /** The model's name. */
  readonly rollup: string;
  readonly agg: RollupAgg;
  /** SQL over the model's row and its entity's columns, as are `weight` and the column of `distinct`. */
  readonly where?: string;
  readonly weight?: string;
  /** SQL over this card's entity, by which the result is divided. */
  readonly per?: string;
  /** The points are given once, where the result is at least this. */
  readonly atLeast?: NumberSetting;
  readonly points: Points;
}

export type RollupAgg =
  | { readonly kind: 'sum' | 'max' | 'avg' | 'count' | 'noisy_or' }
  /** The mean of the highest so many. */
  | { readonly kind: 'top_avg'; readonly top: number }
  | { readonly kind: 'distinct'; readonly column: string };

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
) & {
  /** `warn`: what fails is told, and the model is swapped in all the same. */
  readonly severity: 'error' | 'warn';
  readonly path: readonly (string | number)[];
};

/** Rows that a model must yield for given rows of what it reads. */
export interface UnitTest {
  readonly name: string;
  readonly description?: string;
  readonly file: SourceFile;
  /** In the file. */
  readonly path: readonly (string | number)[];
  readonly model: string;
  /** ISO, UTC. */
  readonly asOf?: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  /** What the model reads and is not here has no rows. */
  readonly given: readonly TestInput[];
  readonly expected: readonly TestRow[];
}

export interface TestInput {
  readonly relation:
    | { readonly kind: 'ref'; readonly model: string }
    | { readonly kind: 'source'; readonly source: string; readonly table: string }
    /** Tiers before, for hysteresis. */
    | { readonly kind: 'history' };
  readonly rows: readonly TestRow[];
  readonly path: readonly (string | number)[];
}

export interface TestRow {
  readonly values: Readonly<Record<string, TestValue>>;
  readonly path: readonly (string | number)[];
}

/** Dates and times are texts. */
export type TestValue = string | number | boolean | null;

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
