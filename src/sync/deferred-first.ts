import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { type State, stateTable } from '../state/state.ts';
import { isAbout } from './match-outcomes.ts';

/** Puts a row before all others, of whatever priority, and leaves the order among such rows as it is. */
const lift = 1000;

/**
 * A statement that lets rows go first which the plan before was to send and did not, the longer the sooner: so that a
 * limit or a spent quota reaches every row in the end. To be run behind `decideRows`.
 */
export function putDeferredFirst({ state, planId }: { readonly state: State; readonly planId: string }): Fragment {
  const planRows = stateTable(state, 'plan_rows');
  const plans = stateTable(state, 'plans');
  return sql`merge into ${planRows} t
using (
  select q.model_key, case when q.priority < 0 then q.priority else 0 end - ${sql.lit(lift)} as lifted
  from ${planRows} q
  where q.plan_id = (
      select b.plan_id from ${plans} made join ${plans} b on b.plan_id = made.previous_plan_id
      where made.plan_id = ${planId} and b.status <> 'applied'
    )
    and q.list is null and q.verdict = 'send'
    and not exists (
      select 1 from ${stateTable(state, 'ledger')} l where ${isAbout('l', 'q')} and l.outcome <> 'deferred'
    )
) s
on t.plan_id = ${planId} and t.list is null and t.verdict = 'send' and t.model_key = s.model_key
when matched then update set priority = t.priority + s.lifted`;
}
