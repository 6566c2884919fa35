import type { RowStatement } from 'snowflake-sdk';
import { nameFromSnowflake } from '../../sql/dialects/snowflake-names.ts';
import type { CompiledSql } from '../../sql/types.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { LocalTimeReader } from '../local-time.ts';
import type { Row, StatementOptions, Value } from '../port.ts';
import type { Session } from './session.ts';
import { valueReader } from './values.ts';

const chunkRows = 2000;

/**
 * Reads a result in chunks, as they are wanted. The first rows come with the answer; the driver loads the rest from
 * Snowflake's storage, a part at a time.
 */
export async function* readRows(
  session: Session,
  result: RowStatement,
  local: LocalTimeReader,
  statement: CompiledSql,
  options: StatementOptions | undefined,
): AsyncGenerator<readonly Row[], void> {
  const columns = result.getColumns() ?? [];
  const names = uniqueNames(columns.map((column) => nameFromSnowflake(column.getName())));
  const readers = columns.map((column) => valueReader(column, local));
  const toRow = (values: readonly unknown[]): Row => {
    const row: Record<string, Value> = {};
    for (const [index, name] of names.entries()) row[name] = readers[index]?.(values[index]) ?? null;
    return row;
  };
  const source = result.streamRows();
  try {
    let chunk: Row[] = [];
    for await (const values of source) {
      chunk.push(toRow(values));
      if (chunk.length < chunkRows) continue;
      yield chunk;
      throwIfInterrupted(options);
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
  } catch (error) {
    throw session.refusal(error, statement, options);
  } finally {
    source.destroy();
  }
}

/** A join may give two columns one name. */
function uniqueNames(names: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  });
}
