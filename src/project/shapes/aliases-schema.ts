import { z } from 'zod';
import { columnName, explained, relation, sql } from '../settings.ts';

export const aliases = z.strictObject({
  relation: explained(relation, "One row per other id, with the entity's key.", "{{ ref('identified_visitors') }}"),
  id: explained(columnName, 'Its column with the other id; events carry it under the same name.', 'visitor_id'),
  on: explained(
    columnName,
    "The column of events with the other id, where it has another name; the entity's key itself, where either may stand there.",
    'lead_id',
  ).optional(),
  at: explained(
    sql,
    'Since when the id is known to be that of the entity: a row of later than as_of does not count yet.',
    'identified_at',
  ).optional(),
});

export type AliasesShape = z.output<typeof aliases>;
