import { sql } from 'kysely';
import { textOf, textOrNull } from './row-values.ts';
import { type State, stateTable } from './state.ts';

/** What a run holds at this moment, so that no other one can work on it. */
export interface HeldLease {
  /** Such as `sync:leads`. */
  readonly name: string;
  readonly runId: string;
  readonly holder: string | null;
  /** ISO, by the warehouse's clock. */
  readonly acquiredAt: string | null;
  readonly expiresAt: string | null;
}

/** @returns leases that have not run out; none where the warehouse itself lets one process in at a time */
export async function readHeldLeases(state: State, signal?: AbortSignal): Promise<readonly HeldLease[]> {
  const { warehouse } = state;
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`select name, run_id, holder, acquired_at, expires_at from ${stateTable(state, 'leases')}
where run_id is not null and expires_at > ${warehouse.dialect.now()} order by name`),
    { signal, purpose: 'read the leases' },
  );
  return rows.map((row) => ({
    name: textOf(row, 'name'),
    runId: textOf(row, 'run_id'),
    holder: textOrNull(row, 'holder'),
    acquiredAt: textOrNull(row, 'acquired_at'),
    expiresAt: textOrNull(row, 'expires_at'),
  }));
}
