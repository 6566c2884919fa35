import type { Belonging, Entity } from './entity-types.ts';

type Entities = ReadonlyMap<string, Pick<Entity, 'name' | 'belongsTo'>>;

/** One level up: how rows of `child` find those of `parent`. */
export interface EntityStep {
  readonly child: string;
  readonly parent: string;
  readonly belonging: Belonging;
}

/**
 * The way from an entity up to one that it belongs to, directly or through others: the shortest, of equals the one that
 * the file names first.
 * @returns empty for the entity itself; null where no way leads there
 */
export function entityPath(entities: Entities, child: string, parent: string): readonly EntityStep[] | null {
  const ways: (readonly EntityStep[])[] = [[]];
  const seen = new Set([child]);
  for (const way of ways) {
    const at = way.at(-1)?.parent ?? child;
    if (at === parent) return way;
    for (const [next, belonging] of Object.entries(entities.get(at)?.belongsTo ?? {})) {
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, { child: at, parent: next, belonging }]);
    }
  }
  return null;
}

/** The entities that belong to one, directly or through others, the nearest first; itself left out. */
export function entitiesBelow(entities: Entities, parent: string): readonly string[] {
  return [...entities.keys()]
    .map((name) => ({ name, levels: entityPath(entities, name, parent)?.length ?? 0 }))
    .filter(({ levels }) => levels > 0)
    .sort((a, b) => a.levels - b.levels)
    .map(({ name }) => name);
}
