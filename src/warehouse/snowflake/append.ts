import { sql } from 'kysely';
import type { ColumnType, Dialect, Fragment } from '../../sql/types.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { StatementOptions, Value } from '../port.ts';
import { plain, type Session } from './session.ts';
import { valueToSnowflake } from './values.ts';

/** Values of one request: some megabytes, and below the 65,280 from where Snowflake advises files in a stage. */
const valuesPerRequest = 50_000;

export interface AppendRequest {
  readonly table: Fragment;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>;
  readonly options: StatementOptions | undefined;
}

/**
 * Inserts by array binds, many rows in a request. The values are texts, which Snowflake casts to the types of the columns.
 * One request is all or nothing by itself; more of them are one transaction.
 * @returns rows written
 */
export async function appendRows(session: Session, dialect: Dialect, request: AppendRequest): Promise<number> {
  const { columns, options } = request;
  const names = sql.join(columns.map((column) => sql.id(column.name)));
  const places = sql.raw(columns.map(() => '?').join(', '));
  const insert = plain(dialect.compile(sql`insert into ${request.table} (${names}) values (${places})`).text);

  const batches = textBatches(request);
  const first = await batches.next();
  if (first.done) return 0;
  const second = await batches.next();
  const send = async (rows: TextRows) => {
    await session.runMany(insert, rows, options);
    return rows.length;
  };
  if (second.done) return send(first.value);
  return session.transaction(async () => {
    let written = (await send(first.value)) + (await send(second.value));
    for await (const rows of batches) written += await send(rows);
    return written;
  });
}

type TextRows = readonly (readonly (string | null)[])[];

async function* textBatches({ columns, rows, options }: AppendRequest): AsyncGenerator<TextRows, void> {
  const batchRows = Math.max(1, Math.floor(valuesPerRequest / columns.length));
  let batch: (string | null)[][] = [];
  for await (const row of rows) {
    if (row.length !== columns.length) {
      throw new TypeError(`A row of ${row.length} values for ${columns.length} columns`);
    }
    batch.push(columns.map((column, index) => valueToSnowflake(column.type, row[index] ?? null)));
    if (batch.length < batchRows) continue;
    throwIfInterrupted(options);
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
