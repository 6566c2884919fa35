import type { Project } from '../project/types.ts';
import type { AsOf, Fragment, RenderContext } from '../sql/types.ts';
import type { CardFacts } from './card-facts.ts';
import type { WeightCheck } from './weight-check.ts';

/** What a model needs to become a query; `scope` is the model's own (its parameters, the relations it may read). */
export interface ScoringContext extends RenderContext {
  readonly project: Project;
  readonly asOf: AsOf;
  /** Before `as_of`, to look ahead: events after it are not there yet, whatever the data says. Absent: `as_of` itself. */
  readonly knownBy?: AsOf;
  /** Fingerprints of the models read, with all that they read in turn; part of `modelVersion`. A missing one counts as ''. */
  readonly modelVersions: ReadonlyMap<string, string>;
  /** The table of score history, as it stands behind FROM: for the tiers that entities had before. */
  readonly history: Fragment;
}

/** A scorecard as a query. One row per entity key, columns in the order of `columns`. */
export interface CompiledScorecard {
  readonly select: Fragment;
  readonly columns: readonly string[];
  /** Models read, for the order of building. */
  readonly refs: ReadonlySet<string>;
  /** What must hold for the weights of roll-ups and bridges before anyone sees the scores; absent for none. */
  readonly weights?: readonly WeightCheck[];
  /** What its table is asked besides its tests, once it is built. */
  readonly facts?: CardFacts;
  /** Fingerprint of everything in the card that can change a score: rules, points, tiers, parameters, SQL. Not `as_of`. */
  readonly modelVersion: string;
}

/** Members of an audience: one row per entity key, one column named as the entity's key. */
export interface CompiledAudience {
  readonly select: Fragment;
  readonly refs: ReadonlySet<string>;
}
