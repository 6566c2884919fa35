import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';

/**
 * Whether a ledger entry is about the operation of a plan row: same plan, list and operation, and the same row of the
 * model, or record where a member is removed. Equalities only, so that warehouses can hash both sides.
 */
export function isAbout(ledger: string, planRow: string): Fragment {
  const pairs = ['plan_id', 'operation'].map(
    (name) => sql`${sql.ref(`${ledger}.${name}`)} = ${sql.ref(`${planRow}.${name}`)}`,
  );
  return sql`${sql.join(pairs, sql` and `)} and ${listOf(ledger)} = ${listOf(planRow)} and ${subjectOf(ledger)} = ${subjectOf(planRow)}`;
}

/** What `row_number` partitions ledger entries of one plan by, to find the last one about each operation. */
export function operationOf(ledger: string): Fragment {
  return sql`${listOf(ledger)}, ${sql.ref(`${ledger}.operation`)}, ${subjectOf(ledger)}`;
}

function listOf(alias: string): Fragment {
  return sql`coalesce(${sql.ref(`${alias}.list`)}, '')`;
}

function subjectOf(alias: string): Fragment {
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  return sql`case when ${column('operation')} = 'remove' then ${column('record_id')} else ${column('model_key')} end`;
}
