import { sql } from 'kysely';
import { textOf, textOrNull } from '../state/row-values.ts';
import { type State, stateTable } from '../state/state.ts';

/** One row that a run could not send, or that HubSpot refused. */
export interface RejectedRow {
  readonly sync: string;
  /** The model's key. */
  readonly key: string;
  readonly category: string | null;
  readonly message: string | null;
  /** HubSpot's, where it names one. */
  readonly property: string | null;
}

const maxExamples = 10;

/** Examples of the rows that a run rejected, at most 10, by sync, reason and key: one round trip. */
export async function readRejected(state: State, runId: string): Promise<readonly RejectedRow[]> {
  const { warehouse } = state;
  // A record that was gone may have been written in its other place afterwards: the last outcome counts.
  const outcomes = sql`select l.*, row_number() over (
    partition by l.plan_id, l.model_key order by l.attempted_at desc, l.sequence desc
  ) as recency
  from ${stateTable(state, 'ledger')} l
  where l.run_id = ${runId} and l.list is null and l.model_key is not null`;
  const rows = await warehouse.query(
    warehouse.dialect.compile(
      sql`select sync, model_key, category, message, property from (${outcomes}) outcomes
where recency = 1 and outcome in ('rejected', 'vanished')
order by sync, category, message, model_key limit ${sql.lit(maxExamples)}`,
    ),
    { purpose: 'read which rows were rejected' },
  );
  return rows.map((row) => ({
    sync: textOf(row, 'sync'),
    key: textOf(row, 'model_key'),
    category: textOrNull(row, 'category'),
    message: textOrNull(row, 'message'),
    property: textOrNull(row, 'property'),
  }));
}
