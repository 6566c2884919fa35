import type { Model, ModelTest, Project, Target } from '../project/types.ts';
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
}

/** Where whoever reads a model finds its rows. */
export type RelationOf = (model: Model) => ModelRelation;

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
  /** Inline models that the tests read, each after those that it reads itself. */
  readonly inlineForTests: readonly CommonTableExpression[];
  /** Models that its SELECT reads, inline ones included. */
  readonly refs: ReadonlySet<string>;
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
}
