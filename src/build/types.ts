import type { Model, ModelTest } from '../project/model-types.ts';
import type { Project, Source, SourceTable, Target } from '../project/types.ts';
import type { CardFacts } from '../scoring/card-facts.ts';
import type { WeightCheck } from '../scoring/weight-check.ts';
import type { AsOf, CompiledSql, Dialect, Fragment, RelationName } from '../sql/types.ts';

/** What models are compiled for. */
export interface CompileRequest {
  readonly project: Project;
  readonly target: Target;
  readonly dialect: Dialect;
  readonly asOf: AsOf;
  /** `--param` as typed: name → text. */
  readonly params: Readonly<Record<string, string>>;
  /** Where a model is read from; its table or view in the target's schema by default. */
  readonly relationOf?: RelationOf;
  /** Where a source's table is read from; what the target says by default. */
  readonly sourceOf?: SourceOf;
  /** Where tiers before are read from; the target's score history by default. */
  readonly history?: Fragment;
}

/** Where whoever reads a model finds its rows. */
export type RelationOf = (model: Model) => ModelRelation;

/** Stands behind FROM; null where the target has no such table. */
export type SourceOf = (source: Source, table: SourceTable) => Fragment | null;

export type ModelRelation =
  | { readonly kind: 'relation'; readonly name: RelationName }
  /** A common table expression of that name, which compiling puts in front of whoever reads it: the model's own SELECT. */
  | { readonly kind: 'inline'; readonly name: string }
  /** A common table expression of that name, which whoever sends the statement puts in front of it. */
  | { readonly kind: 'given'; readonly name: string };

/** Every model of a project for one target and instant, in the order of building. */
export interface CompiledProject extends Required<CompileRequest> {
  readonly models: ReadonlyMap<string, CompiledModel>;
}

export interface CompiledModel {
  readonly model: Model;
  readonly relation: ModelRelation;
  /** Scored models and audiences are always tables. */
  readonly materialize: 'table' | 'view' | 'inline';
  /** Its SELECT by itself, which reads inline models as if they were there. */
  readonly body: Fragment;
  /** A whole SELECT that runs as it is: inline models stand in front of it. */
  readonly select: Fragment;
  /** The same, as it is sent. */
  readonly statement: CompiledSql;
  /** The primary key; empty where a SQL model declares none. */
  readonly key: readonly string[];
  /** In the order in which they are judged, those of the primary key first. */
  readonly tests: readonly CompiledTest[];
  /** What the table is asked besides its tests; of scorecards. */
  readonly facts?: CardFacts;
  /** Inline models that the tests read, each after those that it reads itself. */
  readonly inlineForTests: readonly CommonTableExpression[];
  /** Models that its SELECT reads, inline ones included. */
  readonly refs: ReadonlySet<string>;
  /** `source.table` that its own templates read, those of inline models left out. */
  readonly sources: ReadonlySet<string>;
  /** Parameters that its own templates read, `as_of` among them. */
  readonly params: ReadonlySet<string>;
  /** Models that have to be there before this one is built: those it reads, and those its tests read. */
  readonly dependencies: ReadonlySet<string>;
  /** A fingerprint of all that can change its rows, beside data and `as_of`. */
  readonly modelVersion: string;
  /** The file that the warehouse's complaints are about. */
  readonly origin: { readonly file: string; readonly line: number; readonly text: string };
}

export interface CommonTableExpression {
  readonly name: string;
  readonly body: Fragment;
}

export interface CompiledTest {
  readonly test: ModelTest;
  /** Not written in the model's file: every key is tested. */
  readonly isPrimaryKey: boolean;
  /** The rows of a `sql` test, which must be none; of a `relationship`, the relation on its other side. */
  readonly reads?: Fragment;
  /** Not written in the model's file either: weights that roll-ups and bridges count by. */
  readonly weights?: WeightCheck;
  /** Nor this: what a build tells of the data of a scored model. */
  readonly notice?: Notice;
}

/** What a build tells of a scored model's data though nobody wrote a test for it: always a warning. */
export interface Notice {
  /** A SELECT of one row per finding, in words in the column `example`. */
  readonly failing: Fragment;
  /** What one finding says. */
  readonly one: string;
  /** What several say, behind their number. */
  readonly many: string;
}
