import { DuckDBDataChunk, type DuckDBValue } from '@duckdb/node-api';
import { sql } from 'kysely';
import type { ColumnType, Dialect } from '../../sql/types.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { StatementOptions, Value } from '../port.ts';
import { plain, type Session } from './session.ts';
import { duckDbType, valueToDuckDb } from './values.ts';

/** The most rows that a chunk of DuckDB's holds. */
const chunkRows = 2048;

const stagingTable = 'scoreline_append';

export interface AppendRequest {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>;
  readonly options: StatementOptions | undefined;
}

/**
 * Collects the rows in a temporary table of this connection by DuckDB's appender, which takes whole tables only, and
 * moves them over in one statement: all or nothing, any subset of columns in any order, defaults kept.
 * @returns rows written
 */
export async function appendRows(session: Session, dialect: Dialect, request: AppendRequest): Promise<number> {
  const { columns, options } = request;
  const name = (text: string) => dialect.compile(sql.id(text)).text;
  const staging = `temp.${name(stagingTable)}`;
  const names = columns.map((column) => name(column.name)).join(', ');
  const definitions = columns.map(
    (column) => `${name(column.name)} ${dialect.compile(dialect.type(column.type)).text}`,
  );

  await session.run(plain(`create temp table ${name(stagingTable)} (${definitions.join(', ')})`), options);
  await fillStaging(session, request);
  const move = plain(`insert into ${request.table} (${names}) select ${names} from ${staging}`);
  const written = (await session.run(move, options)).rowsChanged;
  await session.run(plain(`drop table ${staging}`));
  return written;
}

async function fillStaging(session: Session, request: AppendRequest): Promise<void> {
  const { columns, options } = request;
  const types = columns.map((column) => duckDbType(column.type));
  const appender = await session.call(
    () => session.connection.createAppender(stagingTable, 'main', 'temp'),
    undefined,
    options,
  );
  let values: DuckDBValue[][] = columns.map(() => []);
  let count = 0;

  const flush = () => {
    const chunk = DuckDBDataChunk.create(types, count);
    chunk.setColumns(values);
    appender.appendDataChunk(chunk);
    values = columns.map(() => []);
    count = 0;
  };

  for await (const row of request.rows) {
    if (row.length !== columns.length) {
      throw new TypeError(`A row of ${row.length} values for ${columns.length} columns`);
    }
    for (const [index, column] of columns.entries()) {
      values[index]?.push(valueToDuckDb(column.type, row[index] ?? null));
    }
    count += 1;
    if (count === chunkRows) {
      throwIfInterrupted(options);
      flush();
    }
  }
  await session.call(
    async () => {
      if (count > 0) flush();
      appender.closeSync();
    },
    undefined,
    options,
  );
}
