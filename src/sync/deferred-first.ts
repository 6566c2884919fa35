import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { type State, stateTable } from '../state/state.ts';
import { isAbout } from './match-outcomes.ts';

/** Puts a row before all others, of whatever priority, and leaves the order among such rows as it is. */
const lift = 1000;

/**
 * A SELECT of the rows that the plan before was to send and did not: `model_key` and what to add to the `priority` that the
 * row has in this plan, so that it goes first, and the longer it waits the sooner: a limit or a spent quota reaches every
 * row in the end. Added as rows are frozen, since changing frozen ones afterwards costs a warehouse all of them.
 */
export function leftOverRows({ state, planId }: { readonly state: State; readonly planId: string }): Fragment {
  const plans = stateTable(state, 'plans');
  return sql`
  select q.model_key, min(case when q.priority < 0 then q.priority else 0 end) - ${sql.lit(lift)} as lifted
  from ${stateTable(state, 'plan_rows')} q
  where q.plan_id = (
      select b.plan_id from ${plans} made join ${plans} b on b.plan_id = made.previous_plan_id
      where made.plan_id = ${planId} and b.status <> 'applied'
    )
    and q.list is null and q.verdict = 'send'
    and not exists (
      select 1 from ${stateTable(state, 'ledger')} l where ${isAbout('l', 'q')} and l.outcome <> 'deferred'
    )
  group by q.model_key`;
}
