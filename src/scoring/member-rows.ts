import { sql } from 'kysely';
import { isScored } from '../project/scored-model.ts';
import type { Relation } from './card.ts';
import { name } from './literals.ts';
import { type Memberships, meaningOf, memberKey, memberships, memberWeight, ownerKey } from './memberships.ts';
import { scoredRelation } from './scored-relation.ts';
import type { ScoringContext } from './types.ts';
import type { WeightCheck } from './weight-check.ts';

export interface MemberRows {
  /** The columns of the model and its entity's relation, `member__key`, `owner__key`, and `member__weight` if weighted. */
  readonly rows: Relation;
  /** Of the bridges on the way. */
  readonly weights: readonly WeightCheck[];
  /** Models read. */
  readonly refs: ReadonlySet<string>;
}

/**
 * The rows of a scored model, each once for every row of `entity` that it belongs to.
 * @returns null where the model is not of an entity that belongs to `entity`: reading the project reported it
 */
export function memberRows(model: string, entity: string, context: ScoringContext): MemberRows | null {
  const scored = context.project.models.get(model);
  if (scored === undefined || !isScored(scored)) return null;
  const child = context.project.entities.get(scored.entity);
  const members = child === undefined ? null : memberships(child.name, entity, context);
  if (child === undefined || members === null) return null;
  const { relation, refs } = scoredRelation(scored, context);
  const join = sql`${members.fragment} as members on members.${name(memberKey)} = scored.${sql.id(child.key)}`;
  const columns = [sql`scored.*`, ...columnsOf(members)];
  const fragment = sql`(\n    select ${sql.join(columns)}\n    from ${relation} as scored\n    -- Whom they belong to.\n    join ${join}\n  ) as ${name(`rows_of_${model}`)}`;
  const { text, binds } = context.dialect.compile(fragment);
  const rows: Relation = {
    fragment,
    identity: JSON.stringify([text, binds]),
    word: model,
    meaning: meaningOf([{ sql: model, params: {} }, members.meaning]),
    key: ownerKey,
    isWeighted: members.isWeighted,
  };
  return { rows, weights: members.weights, refs: new Set([...refs, ...members.refs]) };
}

function columnsOf({ isWeighted }: Memberships) {
  const names = isWeighted ? [memberKey, ownerKey, memberWeight] : [memberKey, ownerKey];
  return names.map((column) => sql`members.${name(column)}`);
}
