import { sql } from 'kysely';
import { textOrNull } from './row-values.ts';
import { type State, stateTable } from './state.ts';

/**
 * A clock for what is written into the state: one round trip, then none. The state tells by instants what came after what,
 * but a machine's clock may be set back, between runs or within one, and another machine's may be behind. This one shows no
 * instant that is not later than all in the state, and never one before what it has shown; where the clock is behind, it
 * stands still until the clock has caught up.
 */
export async function steadyClock(state: State, clock: () => Date, signal?: AbortSignal): Promise<() => Date> {
  const { warehouse } = state;
  const plans = stateTable(state, 'plans');
  const [row] = await warehouse.query(
    // Of the ledger, only what a dead run left is later than its run and its plan.
    warehouse.dialect.compile(sql`select max(shown_at) as latest from (
  select max(started_at) as shown_at from ${stateTable(state, 'runs')}
  union all select max(ended_at) from ${stateTable(state, 'runs')}
  union all select max(created_at) from ${plans}
  union all select max(applied_at) from ${plans}
  union all select max(attempted_at) from ${stateTable(state, 'ledger')}
    where plan_id in (select plan_id from ${plans} where status = 'applying')
) instants`),
    { signal, purpose: 'read the last instant in the state' },
  );
  const latest = row === undefined ? null : textOrNull(row, 'latest');
  let lastMs = latest === null ? Number.NEGATIVE_INFINITY : Date.parse(latest) + 1;
  return () => {
    lastMs = Math.max(lastMs, clock().getTime());
    return new Date(lastMs);
  };
}
