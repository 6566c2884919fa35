import { entitiesBelow } from '../project/entity-path.ts';
import type { Aliases, Entity } from '../project/entity-types.ts';
import type { Project } from '../project/types.ts';
import { relationHasColumn } from './relation-columns.ts';

/** Whose the events of a relation are, and by which of its columns. */
export interface EventOwner {
  readonly entity: Entity;
  readonly aliases?: Aliases;
  /** Whether the events have the entity's key. */
  readonly hasKey: boolean;
  /** Whether they have the other id of its aliases. */
  readonly hasAlias: boolean;
}

export interface OwnerQuestion {
  /** The template of the relation. */
  readonly events: string;
  /** What the rule says of it. */
  readonly by?: readonly string[];
  /** Those who may own the events: the entity that is scored, then those that belong to it, the nearest first. */
  readonly owners: readonly Pick<EventOwner, 'entity' | 'aliases'>[];
  readonly project: Project;
}

/** An entity that is scored and those that belong to it; a card's own aliases replace those of its entity. */
export function possibleOwners(
  entity: Entity,
  aliases: Aliases | undefined,
  { entities }: Project,
): OwnerQuestion['owners'] {
  const below = entitiesBelow(entities, entity.name).flatMap((name) => entities.get(name) ?? []);
  return [
    { entity, aliases: aliases ?? entity.aliases },
    ...below.map((child) => ({ entity: child, aliases: child.aliases })),
  ];
}

/** The columns by which events may say that they are of an entity. */
export function idColumnsOf({ entity, aliases }: OwnerQuestion['owners'][number]): readonly string[] {
  return aliases === undefined || aliases.on === entity.key ? [entity.key] : [entity.key, aliases.on];
}

/**
 * The owner whose columns the rule names; else the first one of whom the files show that the events have a column; else
 * the first one for whom they may have it.
 * @returns null where the rule names a column that is nobody's, or columns of several owners
 */
export function eventOwner({ events, by, owners, project }: OwnerQuestion): EventOwner | null {
  const [only, ...others] = owners;
  if (only !== undefined && others.length === 0 && only.aliases === undefined && by === undefined) {
    return { ...only, hasKey: true, hasAlias: false };
  }
  const has = (column: string) => relationHasColumn(events, column, project);
  const answers = owners.map((owner) => {
    const states = idColumnsOf(owner).map((column) => {
      return by === undefined ? has(column) : by.some((each) => isSame(each, column)) ? 'yes' : 'no';
    });
    const [key = 'no', other = key] = states;
    return { owner, states, key, other };
  });
  const shown = answers.find(({ states }) => states.includes('yes'));
  const found = shown ?? (by === undefined ? answers.find(({ states }) => states.includes('unknown')) : undefined);
  const chosen = found ?? (by === undefined ? answers[0] : undefined);
  if (chosen === undefined) return null;
  const { owner, key, other } = chosen;
  if (by?.some((column) => !idColumnsOf(owner).some((each) => isSame(each, column)))) return null;
  // What nobody knows is taken for what every project has: a key.
  const hasAlias = owner.aliases !== undefined && (owner.aliases.on === owner.entity.key ? true : other === 'yes');
  return { ...owner, hasKey: key !== 'no' || !hasAlias, hasAlias };
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
