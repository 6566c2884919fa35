import { sql } from 'kysely';
import { scoredRelation } from '../scoring/scored-relation.ts';
import type { Fragment } from '../sql/types.ts';
import { inlineExpressions, withExpressions } from './inline-models.ts';
import { scoringContext } from './scoring-context.ts';
import { relationFragment } from './template-scope.ts';
import type { CompiledProject } from './types.ts';

export interface ReadableModel {
  /** A whole SELECT of what is in the warehouse. */
  readonly select: Fragment;
  /** Columns of the primary key; empty where the model declares none. */
  readonly key: readonly string[];
}

/**
 * A model as those see it who read it from outside of the models, such as a sync: its rows as they were built last, and
 * beside a scored model's columns those of its entity's relation, joined by the key.
 * @throws RangeError for a name that is no model's
 */
export function readableModel(compiled: CompiledProject, name: string): ReadableModel {
  const found = compiled.models.get(name);
  if (found === undefined) throw new RangeError(`There is no model ${name}`);
  const { model, relation, key } = found;
  if (model.kind !== 'scorecard') {
    const select = sql`select * from ${relationFragment(compiled.dialect, relation)}`;
    return { select: withExpressions(inlineExpressions(compiled.models, [name]), select, name), key };
  }
  const { relation: joined, refs } = scoredRelation(model, scoringContext(compiled, model));
  const select = sql`select * from ${joined} as ${sql.id(name)}`;
  return { select: withExpressions(inlineExpressions(compiled.models, refs), select, name), key };
}
