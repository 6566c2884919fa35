import { sql } from 'kysely';
import { matches, type RowFilter } from './rejections.ts';
import { countOf, textOf } from './row-values.ts';
import { type State, stateTable } from './state.ts';

/** A row whose record is gone from HubSpot, and was not found again by its match value. */
export interface VanishedRow {
  readonly sync: string;
  readonly object: string;
  /** The model's key as text. */
  readonly modelKey: string;
  /** ISO, UTC: when HubSpot said so. */
  readonly vanishedAt: string;
}

export interface VanishedRows {
  readonly total: number;
  /** The latest first, at most as many as were asked for. */
  readonly rows: readonly VanishedRow[];
}

/** Rows without their record as things stand: one round trip. @param limit of rows, at least 1 */
export async function listVanished(
  state: State,
  filter: RowFilter,
  limit: number,
  signal?: AbortSignal,
): Promise<VanishedRows> {
  const { warehouse } = state;
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`select sync, object, model_key, vanished_at, count(*) over () as total
from ${stateTable(state, 'snapshot')} where vanished_at is not null and ${matches(state, filter)}
order by vanished_at desc, sync, model_key limit ${sql.lit(limit)}`),
    { signal, purpose: 'read the rows whose record is gone' },
  );
  return {
    total: rows[0] === undefined ? 0 : countOf(rows[0], 'total'),
    rows: rows.map((row) => ({
      sync: textOf(row, 'sync'),
      object: textOf(row, 'object'),
      modelKey: textOf(row, 'model_key'),
      vanishedAt: textOf(row, 'vanished_at'),
    })),
  };
}
