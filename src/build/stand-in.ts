import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import type { Column } from '../warehouse/port.ts';

/** A SELECT with the same columns and types as a relation that need not be there; it is described and never run. */
export function standIn(columns: readonly Column[]): Fragment {
  const nulls = columns.map(({ name, nativeType }) => sql`cast(null as ${sql.raw(nativeType)}) as ${sql.id(name)}`);
  return sql`select ${sql.join(nulls)}`;
}
