import type { Aliases } from './entity-types.ts';
import type { Decay, Points, ReasonTemplate, Rule } from './rule-types.ts';
import type {
  DurationSetting,
  NumberSetting,
  ParamDeclaration,
  ParamValue,
  SourceFile,
  SqlExpression,
} from './setting-types.ts';

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
  /** Set where builds keep the sums of days. */
  readonly incremental?: Incremental;
}

/** How builds find the days whose events changed. */
export interface Incremental {
  /** The column of all events that says when a row was loaded; absent: the one of their source, if there is one. */
  readonly loadedAt?: string;
  /** Days that every build reads again. */
  readonly lookback?: DurationSetting;
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
