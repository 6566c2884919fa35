import type { Sync } from '../project/sync-types.ts';

/**
 * Properties of which a row without a value empties what others wrote, at once: one that only goes along, or has a dead band,
 * may leave others' values for long.
 */
export function clearingProperties({ properties }: Sync): readonly string[] {
  return properties.flatMap(({ name, adopt, nulls, withChangesOnly, minChange }) =>
    adopt && nulls === 'clear' && !withChangesOnly && minChange === undefined ? [name] : [],
  );
}
