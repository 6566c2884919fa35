import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';

/**
 * Whether a text of names with commas between has a name; false for a null. No LIKE, since the underscore of a property's
 * name would stand for any character.
 */
export function isNamedIn(names: Fragment, name: string): Fragment {
  const listed = sql`concat(',', coalesce(${names}, ''), ',')`;
  return sql`replace(${listed}, ${sql.lit(`,${name},`)}, '') <> ${listed}`;
}
