import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import { aliasMap, asText } from './alias-map.ts';
import type { Meaning, Relation } from './card.ts';
import type { EventOwner } from './event-owner.ts';
import { name } from './literals.ts';
import { type Memberships, meaningOf, memberKey, memberWeight, ownerKey } from './memberships.ts';
import type { SettingReader, YamlPath } from './setting-reader.ts';
import type { ScoringContext } from './types.ts';

export interface OwnedEventsRequest {
  /** The relation as the rule names it. */
  readonly events: Relation;
  readonly owner: EventOwner;
  /** The owner's relation. */
  readonly people: Relation;
  /** Where the owner's aliases stand. */
  readonly aliasesAt: { readonly reader: SettingReader; readonly path: YamlPath };
  /** From the owner up to the entity that is scored; null where they are the same. */
  readonly members: Memberships | null;
  readonly context: ScoringContext;
}

/**
 * Events with the key of the entity that is scored in `owner__key`: through aliases, and up to whom their owner belongs
 * to. An event of an owner with several parents is there once for each, with `member__weight` where the bridge has
 * weights. Events that carry the key themselves are left as they are.
 */
export function ownedEvents(request: OwnedEventsRequest): Relation {
  const { events, owner, people, members, context } = request;
  if (members === null && !owner.hasAlias) return events;
  const { key, meanings, from, compared } = identified(request);
  if (members === null) {
    const typed = sql`owners.${sql.id(owner.entity.key)}`;
    const known = sql`${from}\n    -- The key in its own type.\n    join ${people.fragment} as owners on ${compared(typed)} = ${key}`;
    return relationOf(events, { from: known, meanings }, [sql`${typed} as ${name(ownerKey)}`], context.dialect);
  }
  const member = compared(sql`members.${name(memberKey)}`);
  const up = sql`${from}\n    -- Whom they belong to.\n    join ${members.fragment} as members on ${member} = ${key}`;
  const columns = [sql`members.${name(ownerKey)}`];
  if (members.isWeighted) columns.push(sql`members.${name(memberWeight)}`);
  const raised = { from: up, meanings: [...meanings, members.meaning] };
  return { ...relationOf(events, raised, columns, context.dialect), isWeighted: members.isWeighted };
}

interface Identified {
  readonly from: Fragment;
  readonly meanings: readonly Meaning[];
  /** The owner's key; as text where it may come from an alias. */
  readonly key: Fragment;
  /** A key of another relation, as it is compared with it. */
  compared(key: Fragment): Fragment;
}

function identified({ events, owner, aliasesAt, context }: OwnedEventsRequest): Identified {
  const { entity, aliases, hasAlias, hasKey } = owner;
  const own = sql`events.${sql.id(entity.key)}`;
  const from = sql`${events.fragment} as events`;
  if (!hasAlias || aliases === undefined) return { from, meanings: [events.meaning], key: own, compared: (key) => key };
  const text = (value: Fragment) => asText(value, context.dialect);
  const map = aliasMap({ ...aliasesAt, aliases, key: entity.key, context });
  const other = text(sql`events.${sql.id(aliases.on)}`);
  // A key that is there wins, except in the column where either may stand.
  const either =
    aliases.on === entity.key
      ? sql`coalesce(aliases.alias__key, ${other})`
      : sql`coalesce(${text(own)}, aliases.alias__key)`;
  return {
    from: sql`${from}\n    -- Whose the other ids are.\n    left join ${map.fragment} as aliases on aliases.alias__id = ${other}`,
    meanings: [events.meaning, map.meaning, { sql: aliases.on, params: {} }],
    key: hasKey ? either : sql`aliases.alias__key`,
    compared: text,
  };
}

function relationOf(
  events: Relation,
  { from, meanings }: Pick<Identified, 'from' | 'meanings'>,
  columns: readonly Fragment[],
  dialect: Dialect,
): Relation {
  const fragment = sql`(\n    select events.*, ${sql.join(columns)}\n    from ${from}\n  ) as ${name(`owned_${events.word}`)}`;
  const { text, binds } = dialect.compile(fragment);
  const identity = JSON.stringify([text, binds]);
  return { fragment, identity, word: events.word, meaning: meaningOf(meanings), key: ownerKey };
}
