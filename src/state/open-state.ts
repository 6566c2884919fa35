import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { Column, Warehouse } from '../warehouse/port.ts';
import { textOf } from './row-values.ts';
import { nullableText, runScript, type State, stateRelation } from './state.ts';
import { type StateTable, type StateTableName, stateTables, stateVersion } from './tables.ts';

export interface OpenStateOptions {
  /** The target's schema; the state lies in `<schema>_state`. */
  readonly schema: string;
  readonly signal?: AbortSignal;
}

/**
 * Opens the state, and makes or migrates its tables where something is missing: two round trips, three for a migration.
 * @throws STATE_VERSION for tables of a newer Scoreline, which are left as they are; WAREHOUSE_*
 */
export async function openState(warehouse: Warehouse, options: OpenStateOptions): Promise<State> {
  const schema = `${options.schema}_state`;
  const there = await warehouse.relations(schema, { signal: options.signal, purpose: 'look for the state tables' });
  const found = there.has('meta') ? await readMeta(warehouse, schema, options) : null;
  if (found !== null && found.version > stateVersion) {
    throw new ScorelineError(
      'STATE_VERSION',
      `The state in schema ${schema} has version ${found.version}; this Scoreline knows versions up to ${stateVersion}`,
      {
        hint: 'Use the newer Scoreline that made it. Nothing was changed.',
        details: { schema, version: found.version },
      },
    );
  }
  const salt = found?.salt ?? randomBytes(16).toString('hex');
  const state: State = { warehouse, schema, salt };
  const missing = missingParts(warehouse.dialect, schema, there);
  if (found === null || found.version < stateVersion || missing.length > 0) {
    const meta = warehouse.dialect.relation(stateRelation(schema, 'meta'));
    const statements = [
      warehouse.dialect.createSchema(schema),
      ...missing,
      found === null
        ? makeMeta(state, meta)
        : sql`update ${meta} set value = ${String(stateVersion)} where name = 'version'`,
    ];
    await runScript(state, `make the state tables in schema ${schema}`, options.signal, statements);
  }
  return state;
}

/** With its rows in one statement, and last: where a script stops half-way, the next one begins anew. */
function makeMeta(state: State, meta: Fragment): Fragment {
  const row = (name: string, value: string) =>
    sql`select ${nullableText(state, name)} as name, ${nullableText(state, value)} as value`;
  return sql`create table if not exists ${meta} as ${row('version', String(stateVersion))} union all ${row('salt', state.salt)}`;
}

async function readMeta(warehouse: Warehouse, schema: string, options: OpenStateOptions) {
  const meta = warehouse.dialect.relation(stateRelation(schema, 'meta'));
  const rows = await warehouse.query(warehouse.dialect.compile(sql`select name, value from ${meta}`), {
    signal: options.signal,
    purpose: 'read the version of the state tables',
  });
  const values = new Map(rows.map((row) => [textOf(row, 'name'), textOf(row, 'value')]));
  const version = Number(values.get('version'));
  const salt = values.get('salt');
  if (!Number.isInteger(version) || salt === undefined) {
    throw new ScorelineError(
      'STATE_VERSION',
      `The table meta in schema ${schema} is none of Scoreline's, or lost rows`,
      {
        hint: `Give the target another \`schema\`, or restore ${schema}.meta from a backup.`,
        details: { schema },
      },
    );
  }
  return { version, salt };
}

/** Statements that make what is not there yet, but for `meta`. Migrations only ever add. */
function missingParts(
  dialect: Dialect,
  schema: string,
  there: ReadonlyMap<string, readonly Column[]>,
): readonly Fragment[] {
  return Object.entries(stateTables).flatMap(([name, table]: [string, StateTable]) => {
    if (name === 'meta') return [];
    const relation = dialect.relation(stateRelation(schema, name as StateTableName));
    const columns = there.get(name);
    if (columns === undefined) return [createTable(dialect, relation, table)];
    const known = new Set(columns.map((column) => column.name.toLowerCase()));
    return table.columns
      .filter((column) => !known.has(column.name))
      .map((column) => sql`alter table ${relation} add column ${sql.id(column.name)} ${dialect.type(column.type)}`);
  });
}

function createTable(dialect: Dialect, relation: Fragment, table: StateTable): Fragment {
  const columns = table.columns.map((column) => sql`${sql.id(column.name)} ${dialect.type(column.type)}`);
  const key = table.unique === undefined ? null : dialect.uniqueKey(table.unique);
  return sql`create table if not exists ${relation} (${sql.join(key === null ? columns : [...columns, key])})`;
}
