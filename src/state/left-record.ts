import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';

/*
 * A record that a row has left behind stands in the snapshot under a key of its own, which no model has. One that was
 * written unheard and is still to be emptied is told apart by having no digest and no plan that wrote it.
 */

/** The key of a record that a row left, from columns in scope. */
export function leftRecordKey(modelKey: Fragment, recordId: Fragment): Fragment {
  return sql`concat(${modelKey}, ' (record ', ${recordId}, ')')`;
}

/** Whether a row of the snapshot is a record that was written unheard, and that nobody could empty yet. */
export function isUnheardRecord(alias: string): Fragment {
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  return sql`(${column('plan_id')} is null and ${column('values_hash')} is null and ${column('companions_hash')} is null
    and ${column('model_key')} like concat('% (record ', ${column('record_id')}, ')'))`;
}
