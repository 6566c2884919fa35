import { sql } from 'kysely';
import { textOf, textOrNull } from '../state/row-values.ts';
import { nullableText, runScript, type State, stateTable } from '../state/state.ts';
import type { GuardName, Violation } from './guards.ts';
import type { Plan } from './plan-types.ts';

export interface Verdict {
  readonly planId: string;
  readonly violations: readonly Violation[];
  readonly overrides: Readonly<Partial<Record<GuardName, string>>>;
}

/** Writes down what guards say of plans, and why some were let through: one round trip. */
export async function recordVerdicts(state: State, verdicts: readonly Verdict[], signal?: AbortSignal): Promise<void> {
  await runScript(
    state,
    'keep what the guards say',
    signal,
    verdicts.map(({ planId, violations, overrides }) => {
      const reasons = Object.keys(overrides).length === 0 ? null : JSON.stringify(overrides);
      return sql`update ${stateTable(state, 'plans')} set violations = ${JSON.stringify(violations)},
  overrides = ${nullableText(state, reasons)}
where plan_id = ${planId}`;
    }),
  );
}

/** A plan as the state has it, and what has happened since it was made. */
export interface SavedPlan {
  readonly plan: Plan;
  /** `draft`, `open`, `applying`, `partial`, `applied` or `superseded`. */
  readonly status: string;
  readonly violations: readonly Violation[];
  readonly overrides: Readonly<Partial<Record<GuardName, string>>>;
  /** The run whose build of a model came after the one that the plan was made from; null: none. */
  readonly laterBuild: { readonly model: string; readonly runId: string } | null;
  /** Another plan that has changed the snapshot since; null: none. */
  readonly laterPlanId: string | null;
}

/** Reads plans back: one round trip. A plan that is not there is missing in the answer; a draft was never finished. */
export async function readSavedPlans(
  state: State,
  planIds: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, SavedPlan>> {
  const { warehouse } = state;
  const { dialect } = warehouse;
  const plans = stateTable(state, 'plans');
  const builds = stateTable(state, 'builds');
  const rows = await warehouse.query(
    dialect.compile(sql`with last_plans as (
  select portal_id, sync, max(plan_id) as plan_id from ${plans} p
  where applied_at is not null and applied_at = (
    select max(q.applied_at) from ${plans} q where q.portal_id = p.portal_id and q.sync = p.sync
  )
  group by portal_id, sync
)
select p.plan_id, p.status, p.summary, p.violations, p.overrides, b.model as built_model, b.run_id as built_by,
  case when l.plan_id <> p.plan_id and (p.previous_plan_id is null or l.plan_id <> p.previous_plan_id)
    then l.plan_id end as later_plan_id
from ${plans} p
left join last_plans l on l.portal_id = p.portal_id and l.sync = p.sync
left join ${builds} b on b.run_id <> p.model_build
where p.plan_id in ${dialect.inList(planIds)} and p.summary is not null`),
    { signal, purpose: 'read the plans back' },
  );
  const saved = new Map<string, SavedPlan>();
  for (const row of rows) {
    const planId = textOf(row, 'plan_id');
    const plan = JSON.parse(textOf(row, 'summary')) as Plan;
    const model = textOrNull(row, 'built_model');
    const isRead = model !== null && (plan.reads ?? []).includes(model);
    const before = saved.get(planId)?.laterBuild ?? null;
    saved.set(planId, {
      plan,
      status: textOf(row, 'status'),
      violations: JSON.parse(textOrNull(row, 'violations') ?? '[]'),
      overrides: JSON.parse(textOrNull(row, 'overrides') ?? '{}'),
      laterBuild: isRead ? { model, runId: textOf(row, 'built_by') } : before,
      laterPlanId: textOrNull(row, 'later_plan_id'),
    });
  }
  return saved;
}
