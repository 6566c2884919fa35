import { sql } from 'kysely';
import type { Entity } from '../project/entity-types.ts';
import type { ScoredModel } from '../project/model-types.ts';
import { isScored } from '../project/scored-model.ts';
import { memberKey, memberships, ownerKey } from '../scoring/memberships.ts';
import { oneRow } from '../sql/one-row.ts';
import type { Fragment } from '../sql/types.ts';
import type { HistoryRequest } from './history-request.ts';
import { inlineExpressions, withExpressions } from './inline-models.ts';
import { scoringContext } from './scoring-context.ts';

/**
 * Keys of a model (`model_key`, as text) for which one of the scored models that it reads moved since the build before, and
 * not by time alone: what those rows say of their cause, their parents and children have by them.
 */
export function inputNews({ compiled, model, previous }: HistoryRequest): Fragment {
  const { dialect, asOf, project, history } = compiled;
  const text = dialect.type({ kind: 'text' });
  const none = sql`select cast(null as ${text}) as model_key from ${oneRow} where 1 = 0`;
  const own = project.entities.get(isScored(model.model) ? model.model.entity : '');
  if (previous === null || own === undefined) return none;
  const read = [...model.refs].flatMap((name) => {
    const other = project.models.get(name);
    return other !== undefined && isScored(other) ? [other] : [];
  });
  const parts = read.map((other) => {
    const moved = sql`select key from ${history}
  where model = ${dialect.bind({ kind: 'text' }, other.name)} and cause <> 'time'
    and as_of > ${dialect.bind({ kind: 'timestamp' }, previous.instant)}
    and as_of <= ${dialect.bind({ kind: 'timestamp' }, asOf.instant)}`;
    return keysOf({ compiled, model, moved, own, other });
  });
  return parts.length === 0
    ? none
    : sql`select distinct model_key from (\n${sql.join(parts, sql`\nunion all\n`)}\n) as news`;
}

interface NewsRequest extends Pick<HistoryRequest, 'compiled' | 'model'> {
  readonly moved: Fragment;
  readonly own: Entity;
  readonly other: ScoredModel;
}

/** The keys of the model's entity that belong to the keys that moved: the same ones, children, or parents. */
function keysOf({ compiled, model, moved, own, other }: NewsRequest): Fragment {
  const { dialect, project } = compiled;
  const text = dialect.type({ kind: 'text' });
  const them = project.entities.get(other.entity);
  const unchanged = sql`select key as model_key from (${moved}) as moved`;
  if (them === undefined || other.entity === own.name || !isScored(model.model)) return unchanged;
  const context = scoringContext(compiled, model.model);
  const below = memberships(them.name, own.name, context);
  const pairs = below ?? memberships(own.name, them.name, context);
  if (pairs === null) return unchanged;
  const [mine, theirs] = below === null ? [memberKey, ownerKey] : [ownerKey, memberKey];
  const select = sql`select cast(pairs.${sql.id(mine)} as ${text}) as model_key
from ${pairs.fragment} as pairs
join (${moved}) as moved on moved.key = cast(pairs.${sql.id(theirs)} as ${text})`;
  const inline = inlineExpressions(compiled.models, pairs.refs);
  return inline.length === 0
    ? select
    : sql`select * from (\n${withExpressions(inline, select, 'pairs')}\n) as belonging`;
}
