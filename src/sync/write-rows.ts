import { sql } from 'kysely';
import type { HubSpot, WriteOutcome, WriteRequest } from '../hubspot/types.ts';
import type { Fragment } from '../sql/types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import { type State, stateTable } from '../state/state.ts';
import type { Row } from '../warehouse/port.ts';
import { forEachInFlight } from './in-flight.ts';
import type { LedgerWriter, Outcome } from './ledger-writer.ts';
import { isAbout } from './match-outcomes.ts';
import type { Plan } from './plan-types.ts';
import { parseValues, pickValues, type RowValues, toPayload } from './row-payload.ts';

/** HubSpot's limit for one call. */
const batchRows = 100;

export interface ApplyScope {
  readonly state: State;
  readonly hubspot: HubSpot;
  readonly plan: Plan;
  readonly ledger: LedgerWriter;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Called with the number of rows that have an outcome so far. */
  readonly onRows?: (done: number) => void;
}

/** One row as it is sent. */
export interface OutgoingRow {
  readonly operation: 'create' | 'update' | 'clear';
  readonly modelKey: string;
  readonly identityId: string;
  readonly matchValue: string;
  /** Null where it is yet to be made; a record that another sync made meanwhile is known, and updated. */
  readonly recordId: string | null;
  readonly newValues: RowValues;
  readonly oldValues: RowValues | null;
  readonly attempt: number;
}

export interface WrittenRows {
  /** Rows that were tried. */
  readonly done: number;
  /** Rows whose record is gone. */
  readonly vanished: number;
  /** When HubSpot takes more, where its quota was spent before the end: the rest was not attempted. */
  readonly retryAt: Date | null;
}

/**
 * Sends the rows of a plan that have no final outcome yet, in batches side by side, and writes down what came of each.
 * @param maxRows no more than these, the first ones
 */
export function writeRows(scope: ApplyScope, maxRows = Number.POSITIVE_INFINITY): Promise<WrittenRows> {
  const { warehouse } = scope.state;
  const rows = warehouse.stream(warehouse.dialect.compile(rowsToSend(scope, maxRows)), {
    signal: scope.signal,
    purpose: `read the plan of ${scope.plan.sync}`,
  });
  return sendRows(scope, mapRows(rows, outgoingRow));
}

/** @param rows chunks of any size, creates and updates mixed */
export async function sendRows(scope: ApplyScope, rows: AsyncIterable<readonly OutgoingRow[]>): Promise<WrittenRows> {
  const { hubspot, ledger, onRows } = scope;
  let done = 0;
  let vanished = 0;
  let retryAt: Date | null = null;
  const untilSpent = async function* () {
    for await (const batch of batchesByCall(rows)) {
      if (retryAt !== null) return;
      yield batch;
    }
  };
  await forEachInFlight(untilSpent(), callsInFlight(hubspot.usage().burstPer10s), async (batch) => {
    const outcomes = await hubspot.records.write(writeRequest(scope.plan, batch), scope.signal);
    let failure: Error | undefined;
    for (const outcome of outcomes) {
      if (outcome.kind === 'vanished') vanished += 1;
      if (outcome.kind !== 'deferred') continue;
      retryAt = outcome.retryAt ?? retryAt;
      failure ??= outcome.failure;
    }
    await ledger.add(batch.rows.map((row, index) => rowOutcome(row, outcomes[index])));
    done += batch.rows.length;
    onRows?.(done);
    if (failure !== undefined) throw failure;
  });
  return { done, vanished, retryAt };
}

/** Enough to use up a burst of the account even where an answer takes a second; the transport holds back the rest. */
function callsInFlight(burstPer10s: number): number {
  return Math.min(64, Math.max(16, Math.ceil(burstPer10s / 10)));
}

function rowsToSend({ state, plan }: ApplyScope, maxRows: number): Fragment {
  const first = Number.isFinite(maxRows)
    ? sql`, ${state.warehouse.dialect.textOrder(sql`p.model_key`)} limit ${sql.lit(maxRows)}`
    : sql``;
  return sql`select p.operation, p.model_key, coalesce(p.record_id, i.record_id) as record_id, p.identity_id, i.match_value, p.changed, p.row_values, p.old_values
from ${stateTable(state, 'plan_rows')} p
join ${stateTable(state, 'identities')} i on i.identity_id = p.identity_id and i.portal_id = ${plan.portal.portalId}
where p.plan_id = ${plan.planId} and p.list is null and p.verdict = 'send'
  and not exists (
    select 1 from ${stateTable(state, 'ledger')} l where ${isAbout('l', 'p')} and l.outcome <> 'deferred'
  )
order by p.priority${first}`;
}

function outgoingRow(row: Row): OutgoingRow {
  const oldValues = textOrNull(row, 'old_values');
  const changed = textOf(row, 'changed').split(',').filter(Boolean);
  return {
    operation: operationOfRow(row),
    modelKey: textOf(row, 'model_key'),
    identityId: textOf(row, 'identity_id'),
    matchValue: textOf(row, 'match_value'),
    recordId: textOrNull(row, 'record_id'),
    newValues: pickValues(parseValues(textOrNull(row, 'row_values')), changed),
    oldValues: oldValues === null ? null : pickValues(parseValues(oldValues), changed),
    attempt: 1,
  };
}

/** As planned, which is what the outcome is counted by. */
export function operationOfRow(row: Row): OutgoingRow['operation'] {
  const operation = textOf(row, 'operation');
  return operation === 'create' || operation === 'clear' ? operation : 'update';
}

export async function* mapRows<T>(
  chunks: AsyncIterable<readonly Row[]>,
  map: (row: Row) => T,
): AsyncGenerator<readonly T[]> {
  for await (const chunk of chunks) yield chunk.map(map);
}

interface Batch {
  readonly call: 'create' | 'update';
  readonly rows: readonly OutgoingRow[];
}

/** Clears go last, so that they share no call with updates. */
async function* batchesByCall(chunks: AsyncIterable<readonly OutgoingRow[]>): AsyncGenerator<Batch> {
  const waiting = { create: [] as OutgoingRow[], update: [] as OutgoingRow[], clear: [] as OutgoingRow[] };
  for await (const chunk of chunks) {
    for (const row of chunk) {
      const kind = kindOf(row);
      waiting[kind].push(row);
      if (waiting[kind].length === batchRows) yield { call: callOf(kind), rows: waiting[kind].splice(0) };
    }
  }
  for (const kind of ['create', 'update', 'clear'] as const) {
    if (waiting[kind].length > 0) yield { call: callOf(kind), rows: waiting[kind] };
  }
}

function kindOf({ operation, recordId }: OutgoingRow): OutgoingRow['operation'] {
  if (operation === 'clear') return 'clear';
  return recordId === null ? 'create' : 'update';
}

function callOf(kind: OutgoingRow['operation']): Batch['call'] {
  return kind === 'create' ? 'create' : 'update';
}

function writeRequest({ object, matchProperty }: Plan, { call, rows }: Batch): WriteRequest {
  const traceId = (index: number) => `row-${index}`;
  if (call === 'update') {
    const records = rows.map(({ recordId, newValues }, index) => {
      if (recordId === null) throw new TypeError('An update without a record id');
      return { traceId: traceId(index), recordId, properties: toPayload(newValues) };
    });
    return { kind: 'update', object, records };
  }
  const records = rows.map(({ matchValue, newValues }, index) => {
    return { traceId: traceId(index), matchValue, properties: toPayload(newValues) };
  });
  return { kind: 'create', object, matchProperty, records };
}

function rowOutcome(row: OutgoingRow, outcome: WriteOutcome | undefined): Outcome {
  const entry = {
    operation: row.operation,
    modelKey: row.modelKey,
    recordId: row.recordId,
    identityId: row.identityId,
    oldValues: row.oldValues === null ? null : JSON.stringify(row.oldValues),
    newValues: JSON.stringify(row.newValues),
    attempt: row.attempt,
  };
  if (outcome === undefined) return { ...entry, outcome: 'deferred', message: 'HubSpot has no outcome for the row' };
  switch (outcome.kind) {
    case 'accepted':
      if (row.operation === 'clear') return { ...entry, outcome: 'cleared' };
      return { ...entry, recordId: outcome.recordId, outcome: outcome.created ? 'created' : 'updated' };
    case 'vanished':
      // With the record, its values are gone.
      if (row.operation === 'clear') return { ...entry, outcome: 'cleared', ...outcome.rejection };
      return { ...entry, outcome: outcome.kind, ...outcome.rejection };
    case 'rejected':
      return { ...entry, outcome: outcome.kind, ...outcome.rejection };
    case 'deferred':
      return { ...entry, outcome: 'deferred', message: outcome.reason };
    default: {
      const unknown: never = outcome;
      throw new TypeError(`Unknown outcome ${JSON.stringify(unknown)}`);
    }
  }
}
