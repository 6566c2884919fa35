import { sql } from 'kysely';
import { countOf, textOf, textOrNull } from '../state/row-values.ts';
import { type State, stateTable } from '../state/state.ts';
import type { SyncResult } from '../sync/plan-types.ts';

/** Why rows of a sync could not be sent, or were refused by HubSpot. */
export interface RejectionReason {
  readonly sync: string;
  readonly category: string | null;
  readonly message: string | null;
  /** HubSpot's, where it names one. */
  readonly property: string | null;
  readonly rows: number;
  /** The model's keys of some of them, at most 3. */
  readonly keys: readonly string[];
}

const maxReasons = 10;
const maxKeys = 3;

/** The reasons for which a run rejected rows, the most frequent first, at most 10: one round trip, none if nothing was. */
export async function readRejections(
  state: State,
  runId: string,
  results: readonly SyncResult[],
): Promise<readonly RejectionReason[]> {
  if (!results.some((result) => result.rejected > 0)) return [];
  const { warehouse } = state;
  const reason = sql`sync, category, message, property`;
  // A record that was gone may have been written in its other place afterwards: the last outcome counts.
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`select ${reason}, model_key, n
from (
  select ${reason}, model_key, count(*) over (partition by ${reason}) as n,
    row_number() over (partition by ${reason} order by ${warehouse.dialect.textOrder(sql`model_key`)}) as place
  from (
    select l.*, row_number() over (
      partition by l.plan_id, l.model_key order by l.attempted_at desc, l.sequence desc
    ) as recency
    from ${stateTable(state, 'ledger')} l
    where l.run_id = ${runId} and l.list is null and l.model_key is not null
  ) outcomes
  where recency = 1 and outcome in ('rejected', 'vanished')
) reasons
where place <= ${sql.lit(maxKeys)}
order by n desc, sync, category, message, property, place
limit ${sql.lit(maxReasons * maxKeys)}`),
    { purpose: 'read why rows were rejected' },
  );
  const reasons = new Map<string, RejectionReason>();
  for (const row of rows) {
    const facts = {
      sync: textOf(row, 'sync'),
      category: textOrNull(row, 'category'),
      message: textOrNull(row, 'message'),
      property: textOrNull(row, 'property'),
      rows: countOf(row, 'n'),
    };
    const id = JSON.stringify(facts);
    const keys = [...(reasons.get(id)?.keys ?? []), textOf(row, 'model_key')];
    reasons.set(id, { ...facts, keys });
  }
  return [...reasons.values()].slice(0, maxReasons);
}
