import type { FieldDef, QueryArrayResult } from 'pg';
import type { LocalTimeReader } from '../local-time.ts';
import type { Row, Value } from '../port.ts';
import { valueReader } from './values.ts';

/** A result as the session fetches it: values are the texts that the server sent. */
export type TextResult = QueryArrayResult<(string | null)[]>;

/** A row of values by the names of their columns; of columns with one name the later ones get a number, as on DuckDB. */
export function rowsOf({ fields, rows }: TextResult, local: LocalTimeReader): readonly Row[] {
  const names = namesOf(fields);
  const read = fields.map(({ dataTypeID }) => valueReader(dataTypeID, local));
  return rows.map((texts) => {
    const row: Record<string, Value> = {};
    for (const [index, name] of names.entries()) row[name] = read[index]?.(texts[index] ?? null) ?? null;
    return row;
  });
}

function namesOf(fields: readonly FieldDef[]): readonly string[] {
  const seen = new Map<string, number>();
  return fields.map(({ name }) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}:${before}`;
  });
}
