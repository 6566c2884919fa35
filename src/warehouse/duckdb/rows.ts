import { type DuckDBDataChunk, type DuckDBResult, ResultReturnType, StatementType } from '@duckdb/node-api';
import type { CompiledSql } from '../../sql/types.ts';
import { interruption } from '../interruption.ts';
import type { LocalTimeReader } from '../local-time.ts';
import type { Row, StatementOptions, Value } from '../port.ts';
import { duckDbRefusal } from './errors.ts';
import type { Session } from './session.ts';
import { valueFromDuckDb } from './values.ts';

/** Reads a result in DuckDB's chunks of up to 2,048 rows, each as it is wanted. */
export async function* readRows(
  session: Session,
  result: DuckDBResult,
  local: LocalTimeReader,
  statement: CompiledSql,
  options: StatementOptions | undefined,
): AsyncGenerator<readonly Row[], void> {
  const names = result.deduplicatedColumnNames();
  for (;;) {
    const chunk = await session.call(() => result.fetchChunk(), statement, options);
    if (chunk === null || chunk.rowCount === 0) break;
    yield rowsOf(chunk, names, local);
  }
  await assertComplete(session, result, statement, options);
}

function rowsOf(chunk: DuckDBDataChunk, names: readonly string[], local: LocalTimeReader): readonly Row[] {
  const columns = chunk.getColumns();
  return Array.from({ length: chunk.rowCount }, (_, index) => {
    const row: Record<string, Value> = {};
    for (const [column, name] of names.entries()) {
      row[name] = valueFromDuckDb(columns[column]?.[index] ?? null, local);
    }
    return row;
  });
}

/**
 * A result that fails half-way ends, in node-api 1.5.5, exactly like one that is read to its end: with an empty chunk.
 * Only its return type tells (checked 2026-11). The error's text is lost with it, so the statement is run once more,
 * without its rows, to hear it again.
 */
async function assertComplete(
  session: Session,
  result: DuckDBResult,
  statement: CompiledSql,
  options: StatementOptions | undefined,
): Promise<void> {
  if (result.returnType !== ResultReturnType.INVALID) return;
  if (options?.signal?.aborted) throw interruption(options);
  if (result.statementType === StatementType.SELECT) {
    await session.run({ ...statement, text: `explain analyze\n${statement.text}` }, options);
  }
  throw duckDbRefusal(new Error('The result broke off before its end.'), statement, options);
}
