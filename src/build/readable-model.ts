import { sql } from 'kysely';
import { scoreHistoryColumns } from '../project/history-columns.ts';
import { isScored } from '../project/scored-model.ts';
import type { Sync } from '../project/sync-types.ts';
import { peopleAlias, scoredRelation, scoredRelations } from '../scoring/scored-relation.ts';
import type { Fragment } from '../sql/types.ts';
import { inlineExpressions, withExpressions } from './inline-models.ts';
import { scoreTrail } from './score-trail.ts';
import { scoringContext } from './scoring-context.ts';
import { relationFragment } from './template-scope.ts';
import type { CompiledModel, CompiledProject } from './types.ts';

export interface ReadableModel {
  /** A whole SELECT of what is in the warehouse. */
  readonly select: Fragment;
  /** Columns of the primary key; empty where the model declares none. */
  readonly key: readonly string[];
}

export interface ReadOptions {
  /** Adds the columns of the score history to a scored model's, with what a sync announces. */
  readonly announce?: Sync['announce'];
}

/**
 * A model as those see it who read it from outside of the models, such as a sync: its rows as they were built last, and
 * beside a scored model's columns those of its entity's relation, joined by the key.
 * @throws RangeError for a name that is no model's
 */
export function readableModel(compiled: CompiledProject, name: string, { announce }: ReadOptions = {}): ReadableModel {
  const found = compiled.models.get(name);
  if (found === undefined) throw new RangeError(`There is no model ${name}`);
  const { model, relation, key } = found;
  if (!isScored(model)) {
    const select = sql`select * from ${relationFragment(compiled.dialect, relation)}`;
    return { select: withExpressions(inlineExpressions(compiled.models, [name]), select, name), key };
  }
  const { relation: joined, refs } = scoredRelation(model, scoringContext(compiled, model));
  const select =
    announce === undefined
      ? sql`select * from ${joined} as ${sql.id(name)}`
      : withTrail(compiled, found, joined, announce);
  return { select: withExpressions(inlineExpressions(compiled.models, refs), select, name), key };
}

function withTrail(
  compiled: CompiledProject,
  { model, key }: CompiledModel,
  joined: Fragment,
  announce: Sync['announce'],
): Fragment {
  if (!isScored(model)) throw new TypeError(`${model.name} has no scores`);
  const columns = scoreHistoryColumns.map((column) => sql`trail.${sql.id(column)}`);
  const keyText = sql`cast(scored.${sql.id(key[0] ?? '')} as ${compiled.dialect.type({ kind: 'text' })})`;
  return sql`select scored.*, ${sql.join(columns)}
from ${joined} as scored
left join (\n${scoreTrail(compiled, model, announce)}\n) as trail on trail.trail_key = ${keyText}`;
}

/** Several scored models of one entity, as a sync of them reads their rows. */
export interface ReadableModels {
  readonly key: readonly string[];
  /** Relations with columns of their own: under FROM's alias, a SELECT of all its columns. */
  readonly parts: readonly { readonly alias: string; readonly select: Fragment }[];
  /** A whole SELECT of expressions over those relations; columns of the entity's relation need no name in front. */
  select(expressions: readonly Fragment[]): Fragment;
}

/** @param names of scored models of one entity; the rows are those of the first */
export function readableModels(compiled: CompiledProject, names: readonly string[]): ReadableModels {
  const models = names.flatMap((name) => {
    const model = compiled.models.get(name)?.model;
    return model !== undefined && isScored(model) ? [model] : [];
  });
  const [first] = models;
  if (first === undefined || models.length < names.length) throw new RangeError(`Not all scored: ${names.join(', ')}`);
  const { from, people, key, refs } = scoredRelations(models, scoringContext(compiled, first));
  const whole = (select: Fragment) =>
    withExpressions(inlineExpressions(compiled.models, refs), select, 'scoreline_models');
  return {
    key: [key],
    parts: [
      ...names.map((alias) => ({ alias, select: readableModelAlone(compiled, alias) })),
      { alias: peopleAlias, select: whole(sql`select * from ${people} as ${sql.id(peopleAlias)}`) },
    ],
    select: (expressions) => whole(sql`select ${sql.join(expressions)} from ${from}`),
  };
}

/** Without its entity's columns. */
function readableModelAlone(compiled: CompiledProject, name: string): Fragment {
  const found = compiled.models.get(name);
  if (found === undefined) throw new RangeError(`There is no model ${name}`);
  return sql`select * from ${relationFragment(compiled.dialect, found.relation)}`;
}
