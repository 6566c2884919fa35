import { sql } from 'kysely';
import type { HubSpot, Resolution } from '../hubspot/types.ts';
import type { Fragment } from '../sql/types.ts';
import { rememberRecords } from '../state/remember-records.ts';
import { textOf } from '../state/row-values.ts';
import { type State, stateRelation, stateTable } from '../state/state.ts';
import { stateTables } from '../state/tables.ts';
import type { Row, Value } from '../warehouse/port.ts';
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
  /** A SELECT of `identity_id` and `match_value`, each identity once. */
  readonly wanted: Fragment;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Called with the number of values looked up so far. */
  readonly onProgress?: (done: number) => void;
}

/** Asks HubSpot for the records of match values and writes the answers to `lookups`. @returns values looked up */
export async function lookUpRecords(request: LookUpRequest): Promise<number> {
  const { state, hubspot, planId, object, property, signal } = request;
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
      const values = rows.map((row) => textOf(row, 'match_value'));
      const found = await hubspot.records.resolve({ object, property, values, properties: [] }, signal);
      const at = request.now().toISOString();
      await answers.add(
        rows.map((row, index) => {
          const resolution = found.get(values[index] ?? '');
          return [planId, textOf(row, 'identity_id'), recordId(resolution), several(resolution), at];
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
