import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Fragment, RelationName } from '../sql/types.ts';
import type { Warehouse } from '../warehouse/port.ts';
import type { StateTableName } from './tables.ts';

/** The state schema of one target, opened: made by `openState` alone. */
export interface State {
  readonly warehouse: Warehouse;
  /** `<schema>_state`. */
  readonly schema: string;
  /** Goes into every identity, so that a match value cannot be guessed from it. A secret of the warehouse. */
  readonly salt: string;
  /** Held while a run works, where the warehouse does not lock itself: whatever is written here confirms it first. */
  readonly lease?: { confirm(): Promise<void> };
}

export function stateRelation(schema: string, table: StateTableName): RelationName {
  return { schema, name: table };
}

/** A state table's name in a statement. */
export function stateTable({ warehouse, schema }: State, table: StateTableName): Fragment {
  return warehouse.dialect.relation(stateRelation(schema, table));
}

/** PostgreSQL's limit; the others take longer names. */
const maxNameLength = 63;

/** The name of a table that lives within one script; the id keeps scripts that run side by side apart. */
export function temporaryTable(name: string, id: string): Fragment {
  const whole = `scoreline_${name}_${id.replaceAll(/\W/g, '_')}`;
  if (whole.length <= maxNameLength) return sql.id(whole);
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 16);
  return sql.id(`${whole.slice(0, maxNameLength - digest.length - 1)}_${digest}`);
}

/** Binds an ISO instant. */
export function instant({ warehouse }: State, iso: string): Fragment {
  return warehouse.dialect.bind({ kind: 'timestamp' }, iso);
}

/** Binds a text that may be null. */
export function nullableText({ warehouse }: State, text: string | null): Fragment {
  return warehouse.dialect.bind({ kind: 'text' }, text);
}

/** Runs fragments as one script: one round trip. @throws RUN_BUSY if the lease was lost */
export async function runScript(
  { warehouse, lease }: State,
  purpose: string,
  signal: AbortSignal | undefined,
  statements: readonly Fragment[],
): Promise<void> {
  await lease?.confirm();
  await warehouse.script(
    statements.map((statement) => warehouse.dialect.compile(statement)),
    { signal, purpose },
  );
}
