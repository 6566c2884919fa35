import { sql } from 'kysely';
import type { ColumnType, Dialect } from '../../sql/types.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { StatementOptions, Value } from '../port.ts';
import { valueToText } from '../value-text.ts';
import type { Session } from './session.ts';

/** Characters that are sent at once; small enough to keep little in memory, large enough to cost no time by their number. */
const chunkLength = 64 * 1024;

export interface AppendRequest {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>;
  readonly options: StatementOptions | undefined;
}

/** Writes rows by COPY, which is one statement: all or nothing. @returns rows written */
export function appendRows(session: Session, dialect: Dialect, request: AppendRequest): Promise<number> {
  const names = request.columns.map(({ name }) => dialect.compile(sql.id(name)).text).join(', ');
  const text = `copy ${request.table} (${names}) from stdin`;
  return session.copyIn(text, chunksOf(request), request.options);
}

/** Lines of COPY's text format: tabs between values, `\N` for null. */
async function* chunksOf({ columns, rows, options }: AppendRequest): AsyncGenerator<string> {
  let chunk = '';
  for await (const row of rows) {
    if (row.length !== columns.length)
      throw new TypeError(`A row of ${row.length} values for ${columns.length} columns`);
    chunk += `${columns.map(({ type }, index) => escaped(valueToText(type, row[index] ?? null))).join('\t')}\n`;
    if (chunk.length < chunkLength) continue;
    throwIfInterrupted(options);
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escaped(text: string | null): string {
  return text === null ? '\\N' : text.replaceAll(/[\\\t\n\r]/g, (character) => escapes[character] ?? character);
}
