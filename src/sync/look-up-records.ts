import { sql } from 'kysely';
import { matchKey } from '../hubspot/records/match-key.ts';
import type { HubSpot, Resolution } from '../hubspot/types.ts';
import type { SyncProperty } from '../project/sync-types.ts';
import type { Fragment } from '../sql/types.ts';
import { rememberRecords } from '../state/remember-records.ts';
import { numberOrNull, textOf, textOrNull } from '../state/row-values.ts';
import { type State, stateRelation, stateTable } from '../state/state.ts';
import { stateTables } from '../state/tables.ts';
import type { Row, Value } from '../warehouse/port.ts';
import { canonicalValue } from './canonical-value.ts';
import { CheckpointBuffer } from './checkpoint-buffer.ts';
import { forEachInFlight, inBatches } from './in-flight.ts';

/** Ten calls' worth, so that one answer that is late does not hold up the others. */
const valuesPerRequest = 1000;
const requestsInFlight = 8;

export interface LookUpRequest {
  readonly state: State;
  readonly hubspot: HubSpot;
  readonly planId: string;
  readonly object: string;
  readonly property: string;
  /**
   * A SELECT of `identity_id`, `match_value`, `record_id` and `is_own`, each identity once. A record whose id is known is read
   * by it, and found by the match value if it is gone, or has another one by now and is not the row's own (`is_own` is 0). But
   * for companies: one that Scoreline made has the domain in `scoreline_key` too, so that it would be met again as a create.
   */
  readonly wanted: Fragment;
  /** Read beside the id, at no extra call; all exist in HubSpot. */
  readonly properties: readonly Pick<SyncProperty, 'name' | 'type'>[];
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Called with the number of values looked up so far. */
  readonly onProgress?: (done: number) => void;
}

/** Asks HubSpot for the records of match values and writes the answers to `lookups`. @returns values looked up */
export async function lookUpRecords(request: LookUpRequest): Promise<number> {
  const { state, planId, object, property, signal } = request;
  const { warehouse } = state;
  const table = stateRelation(state.schema, 'lookups');
  const purpose = `look up ${object} by ${property}`;
  const answers = new CheckpointBuffer<readonly Value[]>(warehouse.capabilities, async (rows) => {
    await warehouse.append(table, stateTables.lookups.columns, rows, { purpose });
  });
  let done = 0;
  const wanted = warehouse.stream(warehouse.dialect.compile(request.wanted), { signal, purpose });
  try {
    await forEachInFlight(inBatches(wanted, valuesPerRequest), requestsInFlight, async (rows: readonly Row[]) => {
      const found = await findRecords(request, rows);
      const at = request.now().toISOString();
      await answers.add(
        rows.map((row) => {
          const id = textOf(row, 'identity_id');
          const resolution = found.get(id);
          return [planId, id, recordId(resolution), several(resolution), foundValues(request, resolution), at];
        }),
      );
      done += rows.length;
      request.onProgress?.(done);
    });
    await answers.flush();
  } finally {
    await answers.cancel();
  }
  return done;
}

/** @returns by identity */
async function findRecords(
  { hubspot, object, property, properties, signal }: LookUpRequest,
  rows: readonly Row[],
): Promise<ReadonlyMap<string, Resolution>> {
  const key = matchKey(property);
  const names = [...new Set([...properties.map(({ name }) => name), ...key.reads])];
  const found = new Map<string, Resolution>();
  const resolve = async (by: string, keyOf: (row: Row) => string | null) => {
    const asked = rows.flatMap((row) => {
      const [id, value] = [textOf(row, 'identity_id'), keyOf(row)];
      return found.has(id) || value === null ? [] : [{ id, value }];
    });
    if (asked.length === 0) return;
    const values = asked.map(({ value }) => value);
    const answer = await hubspot.records.resolve({ object, property: by, values, properties: names }, signal);
    for (const { id, value } of asked) {
      const resolution = answer.get(value);
      if (resolution !== undefined) found.set(id, resolution);
    }
  };
  if (property !== 'hs_object_id') {
    await resolve('hs_object_id', (row) => textOrNull(row, 'record_id'));
    for (const row of rows) {
      const id = textOf(row, 'identity_id');
      const resolution = found.get(id);
      if (resolution?.kind !== 'found' || numberOrNull(row, 'is_own') === 1 || property === 'domain') continue;
      const held = key.keysOf({ id: resolution.recordId, properties: resolution.properties });
      if (!held.includes(key.normalise(textOf(row, 'match_value')))) found.delete(id);
    }
  }
  await resolve(property, (row) => textOf(row, 'match_value'));
  return found;
}

function foundValues({ properties }: LookUpRequest, resolution: Resolution | undefined): string | null {
  if (resolution?.kind !== 'found') return null;
  const values = properties.map(
    ({ name, type }) => [name, canonicalValue(type, resolution.properties[name] ?? null)] as const,
  );
  return JSON.stringify(Object.fromEntries(values));
}

function recordId(resolution: Resolution | undefined): string | null {
  return resolution?.kind === 'found' ? resolution.recordId : null;
}

function several(resolution: Resolution | undefined): string | null {
  return resolution?.kind === 'ambiguous' ? resolution.recordIds.join(', ') : null;
}

/** Statements that tell `identities` what was found. */
export function learnLookups(state: State, portalId: number, planId: string): readonly Fragment[] {
  return rememberRecords(
    state,
    sql`(
    select ${portalId} as portal_id, identity_id, record_id, heard_at
    from ${stateTable(state, 'lookups')} where plan_id = ${planId}
  )`,
  );
}
