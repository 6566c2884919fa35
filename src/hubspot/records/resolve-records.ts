import type { Resolution, ResolveRequest } from '../types.ts';
import { matchKey } from './match-key.ts';
import type { RecordScope } from './object-calls.ts';
import { readByKey } from './read-by-key.ts';
import { searchByKey } from './search-by-key.ts';

/** See `HubSpotRecords.resolve`. */
export async function resolveRecords(
  scope: RecordScope,
  { property, values, properties }: Omit<ResolveRequest, 'object'>,
): Promise<ReadonlyMap<string, Resolution>> {
  const key = matchKey(property);
  const keys = [...new Set(values.map(key.normalise))].filter((value) => value !== '');
  const found = isUnique(scope.object, property)
    ? await readByKey(scope, key, keys, properties)
    : await searchByKey(scope, key, keys, properties);
  return new Map(
    values.flatMap((value) => {
      const resolution = found.get(key.normalise(value));
      return resolution === undefined ? [] : [[value, resolution] as const];
    }),
  );
}

/** Two companies may share a domain: the API does not prevent it, and refuses to read by it. */
function isUnique(object: string, property: string): boolean {
  return !(object === 'companies' && property === 'domain');
}
