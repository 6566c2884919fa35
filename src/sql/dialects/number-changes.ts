import { sql } from 'kysely';
import type { Dialect, Fragment } from '../types.ts';

/** For a warehouse that can look into the members of a row's objects within an expression. */
export function numberChangesBy(
  changes: (before: Fragment, after: Fragment) => Fragment,
): Dialect['withNumberChanges'] {
  return (rows, { before, after, as }) =>
    sql`(select *, ${changes(sql.id(before), sql.id(after))} as ${sql.id(as)} from ${rows} as compared)`;
}
