import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import type { CommonTableExpression, ModelRelation } from './types.ts';

/** A model's SELECT before inline models are put in front of it. */
export interface InlineModel {
  readonly relation: ModelRelation;
  readonly body: Fragment;
  readonly refs: ReadonlySet<string>;
}

/**
 * Inline models that a SELECT needs, directly or through others, each after those that it reads itself.
 * @param refs models that the SELECT reads
 */
export function inlineModels<M extends InlineModel>(
  models: ReadonlyMap<string, M>,
  refs: Iterable<string>,
): readonly M[] {
  const seen = new Set<M>();
  const found: M[] = [];
  const visit = (name: string) => {
    const model = models.get(name);
    if (model === undefined || model.relation.kind !== 'inline' || seen.has(model)) return;
    seen.add(model);
    for (const ref of model.refs) visit(ref);
    found.push(model);
  };
  for (const ref of refs) visit(ref);
  return found;
}

/** The same, ready to be put in front of the SELECT. */
export function inlineExpressions(
  models: ReadonlyMap<string, InlineModel>,
  refs: Iterable<string>,
): readonly CommonTableExpression[] {
  return inlineModels(models, refs).flatMap(({ relation, body }) =>
    relation.kind === 'inline' ? [{ name: relation.name, body }] : [],
  );
}

/**
 * Puts common table expressions in front of a SELECT of somebody else's, which stands in parentheses, since it may begin
 * with a WITH of its own.
 */
export function withExpressions(
  expressions: readonly CommonTableExpression[],
  select: Fragment,
  alias: string,
): Fragment {
  if (expressions.length === 0) return select;
  return sql`${withClause(expressions)}select * from (\n${select}\n) as ${sql.id(alias)}`;
}

/** `with "a" as (…), "b" as (…)` and a line's end; nothing for no expressions. */
export function withClause(expressions: readonly CommonTableExpression[]): Fragment {
  if (expressions.length === 0) return sql``;
  const written = expressions.map(({ name, body }) => sql`${sql.id(name)} as (\n${body}\n)`);
  return sql`with ${sql.join(written, sql`,\n`)}\n`;
}
