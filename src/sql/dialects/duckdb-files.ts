import { sql } from 'kysely';
import type { Fragment } from '../types.ts';

/**
 * `union_by_name`: files of one glob may have their columns in another order. `sample_size = -1`: types come from all rows
 * and not from the first ones, so that a late odd value makes a text column and not a failing run. `header`: whether a
 * file of texts alone begins with names would otherwise be a guess.
 */
const readers = {
  csv: {
    pattern: /\.[ct]sv(?:\.(?:gz|zst))?$/i,
    call: 'read_csv',
    options: 'header = true, union_by_name = true, sample_size = -1',
  },
  json: {
    pattern: /\.(?:json|jsonl|ndjson)(?:\.(?:gz|zst))?$/i,
    call: 'read_json',
    options: 'union_by_name = true, sample_size = -1',
  },
  parquet: { pattern: /\.parquet$/i, call: 'read_parquet', options: 'union_by_name = true' },
} as const;

/**
 * A file or glob as a relation to select from; its first line has the names of the columns, where it is a table of text.
 * @returns null for an extension that DuckDB cannot read: who knows the line of the path reports it
 */
export function readFiles(path: string): Fragment | null {
  const reader = Object.values(readers).find(({ pattern }) => pattern.test(path));
  if (reader === undefined) return null;
  return sql`${sql.raw(reader.call)}(${sql.lit(path)}, ${sql.raw(reader.options)})`;
}
