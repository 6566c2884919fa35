import { sql } from 'kysely';
import { countOf, textOf, textOrNull } from '../state/row-values.ts';
import { type State, stateTable } from '../state/state.ts';

/** What one sync has sent to one account, as far as the state knows. */
export interface SyncedBefore {
  readonly sync: string;
  readonly portalId: number;
  readonly object: string;
  /** HubSpot's names of the properties that it wrote. */
  readonly properties: readonly string[];
}

/** Every sync and account with rows in the snapshot, whether the project still has the sync or not: one round trip. */
export async function readSyncedBefore(state: State, signal?: AbortSignal): Promise<readonly SyncedBefore[]> {
  const { warehouse } = state;
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`with last_plans as (
  select * from (
    select portal_id, sync, object, properties,
      row_number() over (partition by portal_id, sync order by applied_at desc, plan_id desc) as recency
    from ${stateTable(state, 'plans')} where applied_at is not null
  ) applied
  where recency = 1
)
select p.portal_id, p.sync, p.object, p.properties
from last_plans p
join (select distinct portal_id, sync from ${stateTable(state, 'snapshot')}) s
  on s.portal_id = p.portal_id and s.sync = p.sync
order by p.sync, p.portal_id`),
    { signal, purpose: 'read which syncs have sent what to which account' },
  );
  return rows.map((row) => ({
    sync: textOf(row, 'sync'),
    portalId: countOf(row, 'portal_id'),
    object: textOf(row, 'object'),
    properties: (textOrNull(row, 'properties') ?? '').split(',').filter(Boolean),
  }));
}
