import { sql } from 'kysely';

/** Stands behind FROM where a SELECT needs none but has a WHERE, which BigQuery allows behind a FROM alone. */
export const oneRow = sql`(select 1 as one) as one_row`;
