import { sql } from 'kysely';
import type { Dialect } from '../types.ts';

/** For a warehouse with UNION ALL BY NAME: a second half that has no rows, but all of the columns. */
export function unionByName(type: Dialect['type']): Dialect['withColumns'] {
  return (relation, present, columns) => {
    const nulls = columns.map(([name, of]) => sql`cast(null as ${type(of)}) as ${sql.id(name)}`);
    return sql`(select * from ${relation} union all by name select ${sql.join([sql.id(present), ...nulls])} from ${relation} where false)`;
  };
}
