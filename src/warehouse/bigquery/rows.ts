import type { CompiledSql } from '../../sql/types.ts';
import type { LocalTimeReader } from '../local-time.ts';
import type { Row, StatementOptions, Value } from '../port.ts';
import { bigQueryRefusal } from './errors.ts';
import type { Jobs, QueryResult } from './jobs.ts';
import type { Field, TableRow } from './rest-types.ts';
import { valueFromBigQuery } from './values.ts';

/** A page is held in memory, and Google cuts it at 10 MB: rows enough that asking for the next one costs little. */
export const pageRows = 10_000;

/** Reads a result page by page, each as it is wanted. The rows lie in a table that Google keeps for a day. */
export async function* readRows(
  jobs: Jobs,
  { id, page: first }: QueryResult,
  local: LocalTimeReader,
  statement: CompiledSql,
  options: StatementOptions | undefined,
): AsyncGenerator<readonly Row[], void> {
  const fields = first.schema?.fields ?? [];
  const names = distinctNames(fields);
  for (let page = first; ; ) {
    const rows = page.rows ?? [];
    if (rows.length > 0) yield rows.map((row) => rowOf(row, fields, names, local));
    const { pageToken } = page;
    if (pageToken === undefined || pageToken === null || pageToken === '') return;
    try {
      page = await jobs.page(id, { pageToken, maxResults: pageRows }, options);
    } catch (cause) {
      throw bigQueryRefusal(cause, statement, options);
    }
  }
}

function rowOf(
  { f: cells = [] }: TableRow,
  fields: readonly Field[],
  names: readonly string[],
  local: LocalTimeReader,
): Row {
  const row: Record<string, Value> = {};
  for (const [index, field] of fields.entries()) {
    row[names[index] ?? ''] = valueFromBigQuery(field, cells[index]?.v, local);
  }
  return row;
}

/** BigQuery refuses two columns of one name in a table, but not in a result that is only read. */
function distinctNames(fields: readonly Field[]): readonly string[] {
  const taken = new Set<string>();
  return fields.map(({ name = '' }) => {
    let free = name;
    for (let number = 1; taken.has(free); number++) free = `${name}_${number}`;
    taken.add(free);
    return free;
  });
}
