import { sql } from 'kysely';
import type { Aliases } from '../project/entity-types.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import { happenedBy } from './age-bounds.ts';
import type { Expression } from './card.ts';
import { name } from './literals.ts';
import { meaningOf } from './memberships.ts';
import type { SettingReader, YamlPath } from './setting-reader.ts';
import type { ScoringContext } from './types.ts';

export interface AliasMapRequest {
  readonly aliases: Aliases;
  /** Of the file that the aliases stand in, at `path`. */
  readonly reader: SettingReader;
  readonly path: YamlPath;
  /** The entity's key column, which the relation of the aliases has too. */
  readonly key: string;
  readonly context: ScoringContext;
}

/**
 * Other ids and whose they are, as a SELECT in parentheses with `alias__id` and `alias__key`, both as text, one row per id. Rows with an
 * `at` after `as_of` do not count; of several rows of an id the newest does, of equals the one of the lowest key. Where an
 * id stands in the key's own column, an id may lead to another one: such chains are followed up to eight steps; ids in a
 * circle, and those of longer chains, lead nowhere and stand for themselves.
 */
export function aliasMap({ aliases, reader, path, key, context }: AliasMapRequest): Expression {
  const rows = reader.relation([...path, 'relation'], aliases.relation);
  const at = aliases.at === undefined ? null : reader.expression([...path, 'at'], aliases.at);
  const id = sql.id(aliases.id);
  const owner = sql.id(key);
  const known = at === null ? sql`` : sql` and ${happenedBy(at.fragment, context)}`;
  const newest = at === null ? owner : sql`${at.fragment} desc, ${owner}`;
  const place = sql`row_number() over (partition by ${id} order by ${newest}) as alias__place`;
  const { dialect } = context;
  const columns = sql`${asText(id, dialect)} as alias__id, ${asText(owner, dialect)} as alias__key, ${place}`;
  const ranked = sql`select ${columns}\n      from ${rows.fragment}\n      where ${id} is not null and ${owner} is not null${known}`;
  const direct = sql`select alias__id, alias__key from (\n      ${ranked}) as ranked_aliases where alias__place = 1`;
  return {
    fragment: aliases.on === key ? followed(direct) : sql`(${direct})`,
    meaning: meaningOf([rows.meaning, { sql: aliases.id, params: {} }, ...(at === null ? [] : [at.meaning])]),
  };
}

/** Ids and keys may be of different types. */
export function asText(value: Fragment, dialect: Dialect): Fragment {
  return sql`cast(${value} as ${dialect.type({ kind: 'text' })})`;
}

/** Each round doubles the steps followed, so that three of them follow eight. */
const rounds = ['twofold', 'fourfold', 'eightfold'] as const;

function followed(direct: Fragment): Fragment {
  let before: string = 'onefold';
  const steps = [sql`onefold as (${direct})`];
  for (const round of rounds) {
    const key = sql`coalesce(next.alias__key, here.alias__key) as alias__key`;
    const from = sql`${name(before)} as here left join ${name(before)} as next on next.alias__id = here.alias__key`;
    steps.push(sql`${name(round)} as (select here.alias__id, ${key} from ${from})`);
    before = round;
  }
  const ends = sql`not exists (select 1 from onefold where onefold.alias__id = ${name(before)}.alias__key)`;
  return sql`(with ${sql.join(steps)} select alias__id, alias__key from ${name(before)} where ${ends})`;
}
