import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { countOf, textOf, textOrNull } from './row-values.ts';
import { type State, stateTable } from './state.ts';

/** A row that was refused, and when it is tried again. Instants are ISO, UTC. */
export interface RejectedRow {
  readonly sync: string;
  readonly object: string;
  /** The model's key as text. */
  readonly modelKey: string;
  /** Null where the row was to make its record. */
  readonly recordId: string | null;
  readonly category: string;
  readonly message: string;
  readonly property: string | null;
  readonly correlationId: string | null;
  /** Runs that tried it, 1 or more. */
  readonly attempts: number;
  readonly firstRejectedAt: string;
  readonly rejectedAt: string;
  /** Null: the next run tries it, since it was refused while planning or was released. */
  readonly nextAttemptAt: string | null;
}

/** Which rows are meant. */
export interface RowFilter {
  /** Absent: of all HubSpot accounts that the state knows. */
  readonly portalId?: number;
  /** Absent: of all syncs. */
  readonly syncs?: readonly string[];
}

/** Rows that are refused as things stand, the latest first: one round trip. @param limit of rows, at least 1 */
export async function listRejections(
  state: State,
  filter: RowFilter,
  limit: number,
  signal?: AbortSignal,
): Promise<readonly RejectedRow[]> {
  const { warehouse } = state;
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`select sync, object, model_key, record_id, category, message, property, correlation_id,
  attempts, first_rejected_at, rejected_at, next_attempt_at
from ${stateTable(state, 'rejections')} where ${matches(state, filter)}
order by rejected_at desc, sync, model_key limit ${sql.lit(limit)}`),
    { signal, purpose: 'read the rejected rows' },
  );
  return rows.map((row) => ({
    sync: textOf(row, 'sync'),
    object: textOf(row, 'object'),
    modelKey: textOf(row, 'model_key'),
    recordId: textOrNull(row, 'record_id'),
    category: textOrNull(row, 'category') ?? 'UNKNOWN',
    message: textOrNull(row, 'message') ?? '',
    property: textOrNull(row, 'property'),
    correlationId: textOrNull(row, 'correlation_id'),
    attempts: countOf(row, 'attempts'),
    firstRejectedAt: textOf(row, 'first_rejected_at'),
    rejectedAt: textOf(row, 'rejected_at'),
    nextAttemptAt: textOrNull(row, 'next_attempt_at'),
  }));
}

export interface RejectionCount {
  readonly sync: string;
  readonly category: string;
  readonly property: string | null;
  readonly rows: number;
}

/** How many rows are refused for what, the most frequent first: one round trip. */
export async function countRejections(
  state: State,
  filter: RowFilter,
  signal?: AbortSignal,
): Promise<readonly RejectionCount[]> {
  const { warehouse } = state;
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`select sync, coalesce(category, 'UNKNOWN') as category, property, count(*) as n
from ${stateTable(state, 'rejections')} where ${matches(state, filter)}
group by sync, coalesce(category, 'UNKNOWN'), property order by n desc, sync, category, property nulls last`),
    { signal, purpose: 'count the rejected rows' },
  );
  return rows.map((row) => ({
    sync: textOf(row, 'sync'),
    category: textOf(row, 'category'),
    property: textOrNull(row, 'property'),
    rows: countOf(row, 'n'),
  }));
}

/** Ends the pauses of rejected rows, so that the next run tries them: one round trip. @returns rows released */
export async function releaseRejections(state: State, filter: RowFilter, signal?: AbortSignal): Promise<number> {
  const { warehouse } = state;
  const [released = 0] = await warehouse.script(
    [
      warehouse.dialect.compile(sql`update ${stateTable(state, 'rejections')} set next_attempt_at = null
where next_attempt_at is not null and ${matches(state, filter)}`),
    ],
    { signal, purpose: 'end the pauses of rejected rows' },
  );
  return released;
}

export function matches({ warehouse }: State, { portalId, syncs }: RowFilter): Fragment {
  const conditions = [
    ...(portalId === undefined ? [] : [sql`portal_id = ${portalId}`]),
    ...(syncs === undefined ? [] : [sql`sync in ${warehouse.dialect.inList(syncs)}`]),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}
