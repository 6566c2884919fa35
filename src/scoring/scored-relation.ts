import { sql } from 'kysely';
import type { ScorecardModel } from '../project/types.ts';
import type { Fragment } from '../sql/types.ts';
import { entityOf } from './entity-of.ts';
import { SettingReader } from './setting-reader.ts';
import type { ScoringContext } from './types.ts';

export interface ScoredRelation {
  /** Stands behind FROM, with an alias. */
  readonly relation: Fragment;
  /** The scored model and the models that the entity's relation reads. */
  readonly refs: ReadonlySet<string>;
}

/**
 * What whoever reads a scored model sees: a row for each of the model's, with its columns and those of the entity's
 * relation, joined by the key, which comes once. Where both have a column, `clashingColumns` tells: using it would be
 * ambiguous.
 */
export function scoredRelation(model: ScorecardModel, context: ScoringContext): ScoredRelation {
  const entity = entityOf(model, context);
  const scores = context.scope.ref(model.name);
  if (scores === null) throw new TypeError(`The scored model ${model.name} is not in reach`);
  const reader = new SettingReader(context.project.file, context);
  const people = reader.relation(['entities', entity.name, 'relation'], entity.relation);
  const relation = sql`(select * from ${scores} as scores left join ${people.fragment} as people using (${sql.id(entity.key)}))`;
  return { relation, refs: new Set([model.name, ...reader.refs]) };
}

/** Columns other than the key that a score table and the entity's relation both have, as the relation writes them. */
export function clashingColumns(
  scoreColumns: readonly string[],
  entityColumns: readonly string[],
  key: string,
): readonly string[] {
  const taken = new Set(scoreColumns.map((column) => column.toLowerCase()));
  taken.delete(key.toLowerCase());
  return entityColumns.filter((column) => taken.has(column.toLowerCase()));
}
