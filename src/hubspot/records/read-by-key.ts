import { inChunks } from '../in-chunks.ts';
import { sideBySide } from '../side-by-side.ts';
import type { Resolution } from '../types.ts';
import { refusalIn } from '../wire/wire-error.ts';
import type { MatchKey } from './match-key.ts';
import { type BatchAnswer, maxBatchRecords, type RecordScope, type ReturnedRecord } from './object-calls.ts';
import { blamesRows } from './rejection.ts';

interface Reading extends RecordScope {
  readonly key: MatchKey;
  readonly properties: readonly string[];
}

type FoundRecords = ReadonlyMap<string, ReturnedRecord>;

/**
 * Finds records by a unique property (or their ids) with batch reads of 100.
 * @param keys normalised and distinct
 * @returns by key; a key without a record is missing
 */
export async function readByKey(
  scope: RecordScope,
  key: MatchKey,
  keys: readonly string[],
  properties: readonly string[],
): Promise<ReadonlyMap<string, Resolution>> {
  const reading = { ...scope, key, properties: [...new Set([...properties, ...key.reads])] };
  const parts = await sideBySide(inChunks(keys, maxBatchRecords), (chunk) => readChunk(reading, chunk));
  const resolved = (record: ReturnedRecord): Resolution => ({
    kind: 'found',
    recordId: record.id,
    properties: Object.fromEntries(properties.map((name) => [name, record.properties[name] ?? null])),
  });
  return new Map(parts.flatMap((part) => [...part].map(([value, record]) => [value, resolved(record)])));
}

async function readChunk(reading: Reading, keys: readonly string[]): Promise<FoundRecords> {
  const { found, unaccounted, hasUnclaimed } = await readOnce(reading, keys);
  if (unaccounted.length === 0) return found;
  // HubSpot may have rewritten a value so that its record is not recognised; asked alone, it is. Without such a record
  // the answer was incomplete, and one more question is enough: a record that is not there stays unmentioned.
  const again = hasUnclaimed ? unaccounted.map((value) => [value]) : [unaccounted];
  const parts = await Promise.all(again.map((values) => readOnce(reading, values)));
  return new Map([...found, ...parts.flatMap((part) => [...part.found])]);
}

interface ReadAnswer {
  readonly found: FoundRecords;
  /** Asked for, and neither returned nor reported missing. */
  readonly unaccounted: readonly string[];
  /** A record came back that no asked value explains. */
  readonly hasUnclaimed: boolean;
}

async function readOnce(reading: Reading, keys: readonly string[]): Promise<ReadAnswer> {
  const { key } = reading;
  const { records, refusals } = await readIsolating(reading, keys);
  const asked = new Set(keys);
  const found = new Map<string, ReturnedRecord>();
  let hasUnclaimed = false;
  for (const record of records) {
    const known = key.keysOf(record).filter((value) => asked.has(value));
    for (const value of known) found.set(value, record);
    hasUnclaimed ||= known.length === 0;
  }
  const [onlyKey] = keys;
  const [onlyRecord] = records;
  if (keys.length === 1 && onlyKey !== undefined && onlyRecord !== undefined) found.set(onlyKey, onlyRecord);
  const missing = new Set(refusals.flatMap(({ context }) => context.ids ?? []).map(key.normalise));
  const unaccounted = keys.filter((value) => !found.has(value) && !missing.has(value));
  return { found, unaccounted, hasUnclaimed };
}

type Answered = Pick<BatchAnswer, 'records' | 'refusals'>;

/**
 * A value that HubSpot refuses to look up has no record; it must not hide the records of the others.
 * @throws the refusal, if no value at all passes: then the question itself is wrong
 */
async function readIsolating(reading: Reading, keys: readonly string[]): Promise<Answered> {
  const { calls, object, signal, key, properties } = reading;
  try {
    const idProperty = key.property === 'hs_object_id' ? undefined : key.property;
    return await calls.read(object, { ids: keys, idProperty, properties }, signal);
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal === undefined || !blamesRows(refusal) || keys.length === 1) throw error;
    const middle = Math.ceil(keys.length / 2);
    const halves = [keys.slice(0, middle), keys.slice(middle)];
    const results = await Promise.allSettled(halves.map((half) => readIsolating(reading, half)));
    const answers = halves.map((half, index) => answerOf(half, results[index]));
    if (results.every(({ status }) => status === 'rejected')) throw error;
    return {
      records: answers.flatMap(({ records }) => records),
      refusals: answers.flatMap(({ refusals }) => refusals),
    };
  }
}

/** Of a half that was refused, all values are reported missing; another error is not for this place. */
function answerOf(keys: readonly string[], result: PromiseSettledResult<Answered> | undefined): Answered {
  if (result?.status === 'fulfilled') return result.value;
  const refusal = refusalIn(result?.reason);
  if (refusal === undefined) throw result?.reason;
  return { records: [], refusals: [{ ...refusal, context: { ids: keys } }] };
}
