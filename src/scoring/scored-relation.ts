import { sql } from 'kysely';
import type { ScoredModel } from '../project/model-types.ts';
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
export function scoredRelation(model: ScoredModel, context: ScoringContext): ScoredRelation {
  const entity = entityOf(model, context);
  const scores = context.scope.ref(model.name);
  if (scores === null) throw new TypeError(`The scored model ${model.name} is not in reach`);
  const reader = new SettingReader(context.project.file, context);
  const people = reader.relation(['entities', entity.name, 'relation'], entity.relation);
  const relation = sql`(select * from ${scores} as scores left join ${people.fragment} as people using (${sql.id(entity.key)}))`;
  return { relation, refs: new Set([model.name, ...reader.refs]) };
}

/** Several scored models of one entity side by side: a row for each of the first one's. */
export interface ScoredRelations {
  /** Stands behind FROM: each model under its own name, the entity's relation as `people`. */
  readonly from: Fragment;
  readonly people: Fragment;
  /** The column that comes once, without the name of a relation. */
  readonly key: string;
  readonly refs: ReadonlySet<string>;
}

/** The alias of the entity's relation beside several models; no model's name begins with an underscore. */
export const peopleAlias = '_people';

/** @param models of one entity, at least one */
export function scoredRelations(models: readonly ScoredModel[], context: ScoringContext): ScoredRelations {
  const [first, ...others] = models.map(({ name }) => {
    const scores = context.scope.ref(name);
    if (scores === null) throw new TypeError(`The scored model ${name} is not in reach`);
    return sql`${scores} as ${sql.id(name)}`;
  });
  const [model] = models;
  if (first === undefined || model === undefined) throw new TypeError('No scored model');
  const entity = entityOf(model, context);
  const reader = new SettingReader(context.project.file, context);
  const people = reader.relation(['entities', entity.name, 'relation'], entity.relation);
  const joined = [...others, sql`${people.fragment} as ${sql.id(peopleAlias)}`];
  const key = sql.id(entity.key);
  const from = sql`${first} ${sql.join(
    joined.map((each) => sql`left join ${each} using (${key})`),
    sql` `,
  )}`;
  const refs = new Set([...models.map(({ name }) => name), ...reader.refs]);
  return { from, people: people.fragment, key: entity.key, refs };
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
