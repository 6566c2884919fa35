import { sql } from 'kysely';
import leven from 'leven';
import type { ScoredModel } from '../project/model-types.ts';
import { SettingReader } from '../scoring/setting-reader.ts';
import { textOf } from '../state/row-values.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { inlineExpressions, withExpressions } from './inline-models.ts';
import { scoringContext } from './scoring-context.ts';
import type { CompiledProject } from './types.ts';

export interface NearKeysRequest {
  readonly compiled: CompiledProject;
  readonly model: ScoredModel;
  /** The one that is not there. */
  readonly key: string;
  readonly warehouse: Warehouse;
  readonly signal?: AbortSignal;
}

/** Enough to choose from. */
const maxShown = 3;
/** As many as share a half of the key; among more, the nearest one is luck. */
const maxCandidates = 1000;
/** Nobody makes a slip in one of that length and finds it by looking. */
const longestKey = 200;

/**
 * Keys of the model's entity that differ from the given one by a slip or two, the nearest first: one round trip. One slip
 * leaves one half of a key as it was, so the warehouse looks for keys that begin or end alike.
 */
export async function nearKeys(request: NearKeysRequest): Promise<readonly string[]> {
  const { compiled, model, key, warehouse, signal } = request;
  const { dialect, project } = compiled;
  const entity = project.entities.get(model.entity);
  const typed = key.trim().toLowerCase();
  if (entity === undefined || typed === '' || typed.length > longestKey) return [];
  const reader = new SettingReader(project.file, scoringContext(compiled, model));
  const people = reader.relation(['entities', entity.name, 'relation'], entity.relation);
  const known = dialect.lower(sql`cast(${sql.id(entity.key)} as ${dialect.type({ kind: 'text' })})`);
  const half = Math.ceil(typed.length / 2);
  const text = (value: string) => dialect.bind({ kind: 'text' }, value);
  const select = sql`-- Keys that begin or end as one that nobody has.
select distinct cast(${sql.id(entity.key)} as ${dialect.type({ kind: 'text' })}) as near_key
from ${people.fragment}
where length(${known}) between ${sql.lit(typed.length - 2)} and ${sql.lit(typed.length + 2)}
  and (left(${known}, ${sql.lit(half)}) = ${text(typed.slice(0, half))}
    or right(${known}, ${sql.lit(half)}) = ${text(typed.slice(-half))})
order by near_key
limit ${sql.lit(maxCandidates)}`;
  const inline = inlineExpressions(compiled.models, reader.refs);
  const rows = await warehouse.query(dialect.compile(withExpressions(inline, select, 'near_keys')), {
    signal,
    purpose: `look for keys of ${entity.name}`,
  });
  // A key that breaks off is as near as one with a slip.
  const begins = (near: string) => near.toLowerCase().startsWith(typed);
  const most = Math.max(1, Math.min(3, Math.floor(typed.length / 3)));
  return rows
    .map((row) => textOf(row, 'near_key'))
    .map((near) => ({ near, distance: leven(typed, near.toLowerCase()) }))
    .filter(({ near, distance }) => distance <= most || begins(near))
    .toSorted((a, b) => a.distance - b.distance || Number(begins(b.near)) - Number(begins(a.near)))
    .slice(0, maxShown)
    .map(({ near }) => near);
}
