import { sql } from 'kysely';
import type { Fragment } from './types.ts';

/** Further columns of a SELECT, each with its comma before it, so that there may be none. */
export function moreColumns(columns: readonly Fragment[]): Fragment {
  return sql.join(
    columns.map((column) => sql`, ${column}`),
    sql``,
  );
}
