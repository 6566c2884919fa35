import type { Project } from '../project/types.ts';
import type { AsOf, Fragment, RenderContext } from '../sql/types.ts';

/** What a model needs to become a query; `scope` is the model's own (its parameters, the relations it may read). */
export interface ScoringContext extends RenderContext {
  readonly project: Project;
  readonly asOf: AsOf;
  /** Fingerprints of the models read, with all that they read in turn; part of `modelVersion`. A missing one counts as ''. */
  readonly modelVersions: ReadonlyMap<string, string>;
}

/** A scorecard as a query. One row per entity key, columns in the order of `columns`. */
export interface CompiledScorecard {
  readonly select: Fragment;
  readonly columns: readonly string[];
  /** Models read, for the order of building. */
  readonly refs: ReadonlySet<string>;
  /** Fingerprint of everything in the card that can change a score: rules, points, tiers, parameters, SQL. Not `as_of`. */
  readonly modelVersion: string;
}

/** Members of an audience: one row per entity key, one column named as the entity's key. */
export interface CompiledAudience {
  readonly select: Fragment;
  readonly refs: ReadonlySet<string>;
}
