import { sideBySide } from '../side-by-side.ts';
import type { Resolution } from '../types.ts';
import { type MatchKey, matchKey } from './match-key.ts';
import type { RecordScope, ReturnedRecord } from './object-calls.ts';
import { readByKey } from './read-by-key.ts';

/** Most characters in the body of a search, less what stands around the values. Checked 2026-11-22. */
const maxValuesLength = 3000 - 250;
/** More results than this cannot be paged through. */
const maxSearchResults = 10_000;

/**
 * Finds records by a property that several may share, with as many values in one search as fit. The index lags: a record
 * made moments ago may be missing. Properties are read afterwards by id, since the index has old ones.
 * @param keys normalised and distinct
 * @returns by key; a key without a record is missing
 */
export async function searchByKey(
  scope: RecordScope,
  key: MatchKey,
  keys: readonly string[],
  properties: readonly string[],
): Promise<ReadonlyMap<string, Resolution>> {
  const pages = await sideBySide(inBodies(keys), (values) => searchAll(scope, key, values));
  const idsByKey = new Map<string, Set<string>>();
  for (const record of pages.flat()) {
    for (const value of key.keysOf(record)) idsByKey.set(value, (idsByKey.get(value) ?? new Set()).add(record.id));
  }
  const single = [...idsByKey.values()].flatMap((ids) => (ids.size === 1 ? [...ids] : []));
  const records =
    properties.length === 0 ? undefined : await readByKey(scope, matchKey('hs_object_id'), single, properties);
  const resolutions = new Map<string, Resolution>();
  for (const [value, ids] of idsByKey) {
    const [recordId] = ids;
    if (recordId === undefined) continue;
    if (ids.size > 1) resolutions.set(value, { kind: 'ambiguous', recordIds: [...ids] });
    else if (records === undefined) resolutions.set(value, { kind: 'found', recordId, properties: {} });
    else {
      // Not there any more: the index still had it.
      const record = records.get(recordId);
      if (record !== undefined) resolutions.set(value, record);
    }
  }
  return resolutions;
}

async function searchAll(scope: RecordScope, key: MatchKey, values: readonly string[]): Promise<ReturnedRecord[]> {
  const { calls, object, signal } = scope;
  const search = (after?: string) => calls.searchIn(object, { property: key.property, values, after }, signal);
  const first = await search();
  // Of a single value, two records are as good as ten thousand: it is ambiguous.
  if (values.length === 1) return [...first.records];
  if (first.total > maxSearchResults) {
    const middle = Math.ceil(values.length / 2);
    const halves = [values.slice(0, middle), values.slice(middle)];
    return (await Promise.all(halves.map((half) => searchAll(scope, key, half)))).flat();
  }
  const records = [...first.records];
  for (let after = first.after; after !== undefined; ) {
    const page = await search(after);
    records.push(...page.records);
    after = page.after;
  }
  return records;
}

/** Groups values so that each group fits the body of one search. A value that fits none is no domain, and left out. */
function inBodies(values: readonly string[]): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const value of values) {
    const length = Buffer.byteLength(JSON.stringify(value)) + 1;
    if (length > maxValuesLength) continue;
    if (length > room) {
      groups.push([]);
      room = maxValuesLength;
    }
    groups.at(-1)?.push(value);
    room -= length;
  }
  return groups;
}
