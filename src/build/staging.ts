import type { Model } from '../project/model-types.ts';
import type { RelationName } from '../sql/types.ts';
import type { ModelRelation } from './types.ts';

/** Ends the names of tables that are being built; no model may have a name like that. */
export const stagingSuffix = '__building';

/** Where a table is built beside the live one. */
export function stagedName(live: RelationName): RelationName {
  return { ...live, name: `${live.name}${stagingSuffix}` };
}

/**
 * The rows that a model's tests look at: its staged table, or, where nothing is staged, a common table expression that
 * the tests' statement begins with.
 */
export function testedRelation(model: Model, relation: ModelRelation): ModelRelation {
  const isTable = model.kind !== 'sql' || model.materialize === 'table';
  if (!isTable || relation.kind !== 'relation') return { kind: 'given', name: `tested__${model.name}` };
  return { kind: 'relation', name: stagedName(relation.name) };
}
