import { sql } from 'kysely';
import { countOf, numberOrNull, textOf, textOrNull } from './row-values.ts';
import { type State, stateTable } from './state.ts';

export interface RunRecord {
  readonly runId: string;
  readonly command: string;
  readonly target: string;
  readonly status: string;
  /** ISO, as are the others. */
  readonly asOf: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly errorCode: string | null;
  /** When what it wrote was removed from the ledger; null while it is there. */
  readonly ledgerPrunedAt: string | null;
  /** Null while it works, or if it was killed; as are the others. */
  readonly statements: number | null;
  readonly warehouseSeconds: number | null;
  /** Null, too, where the warehouse does not bill by bytes. */
  readonly bytesBilled: number | null;
}

/** @returns the last runs, the newest first */
export async function readRuns(state: State, limit: number, signal?: AbortSignal): Promise<readonly RunRecord[]> {
  const { warehouse } = state;
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`select run_id, command, target, status, as_of, started_at, ended_at, error_code,
  ledger_pruned_at, statements, warehouse_seconds, bytes_billed
from ${stateTable(state, 'runs')} order by started_at desc, run_id desc limit ${sql.lit(limit)}`),
    { signal, purpose: 'read the last runs' },
  );
  return rows.map((row) => ({
    runId: textOf(row, 'run_id'),
    command: textOf(row, 'command'),
    target: textOf(row, 'target'),
    status: textOf(row, 'status'),
    asOf: textOrNull(row, 'as_of'),
    startedAt: textOf(row, 'started_at'),
    endedAt: textOrNull(row, 'ended_at'),
    errorCode: textOrNull(row, 'error_code'),
    ledgerPrunedAt: textOrNull(row, 'ledger_pruned_at'),
    statements: numberOrNull(row, 'statements'),
    warehouseSeconds: numberOrNull(row, 'warehouse_seconds'),
    bytesBilled: numberOrNull(row, 'bytes_billed'),
  }));
}

export interface RunWrites {
  readonly sync: string;
  readonly portalId: number;
}

/** Syncs that a run changed anything for in HubSpot, or may have changed unheard, in the order of their names. */
export async function readWritesOfRun(
  state: State,
  runId: string,
  signal?: AbortSignal,
): Promise<readonly RunWrites[]> {
  const { warehouse } = state;
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`select sync, portal_id from ${stateTable(state, 'ledger')}
where run_id = ${runId} and (outcome in ('created', 'updated', 'cleared', 'added', 'removed') or category = 'LIFECYCLE_STAGE_KEPT')
union distinct
select sync, portal_id from ${stateTable(state, 'plans')} where applied_by = ${runId} and status <> 'applied'
order by sync, portal_id`),
    { signal, purpose: `look what run ${runId} wrote` },
  );
  return rows.map((row) => ({ sync: textOf(row, 'sync'), portalId: countOf(row, 'portal_id') }));
}
