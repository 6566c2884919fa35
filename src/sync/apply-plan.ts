import { sql } from 'kysely';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { HubSpot } from '../hubspot/types.ts';
import type { Fragment } from '../sql/types.ts';
import { foldLedger } from '../state/fold-ledger.ts';
import { instant, nullableText, runScript, type State, stateTable } from '../state/state.ts';
import { sendCanary } from './canary.ts';
import { changeLists, renameLists } from './change-members.ts';
import { countOutcomes } from './count-outcomes.ts';
import { LedgerWriter } from './ledger-writer.ts';
import { isAbout } from './match-outcomes.ts';
import { type CanaryResult, hasOperations, type Plan, type SyncResult } from './plan-types.ts';
import { rewriteVanished } from './rewrite-vanished.ts';
import { type ApplyScope, type WrittenRows, writeRows } from './write-rows.ts';

export interface ApplyPlanRequest {
  readonly state: State;
  readonly hubspot: HubSpot;
  readonly plan: Plan;
  readonly runId: string;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** No more rows than these, the first ones, and then no more members; the rest is deferred. */
  readonly maxRows?: number;
  /** Called with the number of rows that have an outcome so far. */
  readonly onRows?: (done: number) => void;
}

/**
 * Executes a plan as it is: properties first, then rows, then lists, with every outcome in the ledger. Rows that have an
 * outcome from an earlier attempt are not sent again. Refused and deferred rows are counted, not thrown.
 * @throws RUN_INTERRUPTED when the signal is aborted: requests in flight have ended and the ledger is written;
 * DESTINATION_*, WAREHOUSE_*, with the ledger written as far as the warehouse takes it; Error if the counts do not hold
 */
export async function applyPlan(request: ApplyPlanRequest): Promise<SyncResult> {
  const { state, hubspot, plan, runId, now } = request;
  const before = hubspot.usage();
  const startedAt = now();
  const context = { portalId: plan.portal.portalId, planId: plan.planId, runId, sync: plan.sync, object: plan.object };
  const ledger = new LedgerWriter(state, context, now);
  if (plan.lists.some(({ oldKey }) => oldKey !== undefined)) {
    await runScript(state, `take over the lists of ${plan.sync}`, undefined, renameLists(request));
  }
  if (hasOperations(plan)) {
    // Should this process die now, the next one knows that any row of the plan may have been sent.
    await runScript(state, `begin to apply the plan of ${plan.sync}`, undefined, [
      sql`update ${stateTable(state, 'plans')} set status = 'applying', applied_by = ${runId}
where plan_id = ${plan.planId}`,
      ...doubtMade(request),
    ]);
  }
  const { retryAt, canary } = await sendAll({ ...request, ledger });
  await runScript(state, `fold the ledger of ${plan.sync}`, undefined, [
    recordRefused(request, ledger.written),
    ...foldLedger(state, { id: plan.planId, plans: sql`plan_id = ${plan.planId}`, brokeOff: false }),
    closePlan(request),
    sql`delete from ${stateTable(state, 'lookups')} where plan_id = ${plan.planId}`,
  ]);
  const counts = await countOutcomes(state, plan, runId);
  const after = hubspot.usage();
  return {
    ...counts,
    api_calls: after.calls - before.calls,
    retries: after.retries - before.retries,
    seconds: (now().getTime() - startedAt.getTime()) / 1000,
    ...(canary === null ? {} : { canary }),
    ...(retryAt === null ? {} : { retry_after: retryAt.toISOString() }),
  };
}

interface Sent {
  /** When HubSpot takes more, where its quota was spent before the end. */
  readonly retryAt: Date | null;
  readonly canary: CanaryResult | null;
}

async function sendAll(scope: ApplyScope & ApplyPlanRequest): Promise<Sent> {
  const { plan, ledger, signal, maxRows = Number.POSITIVE_INFINITY } = scope;
  let canary: CanaryResult | null = null;
  try {
    await makeSchema(scope);
    const first = plan.canary && (await sendCanary(scope, plan.canary, Math.min(plan.canary.rows, maxRows)));
    canary = first && first.result.rows > 0 ? first.result : null;
    let retryAt = first?.written.retryAt ?? null;
    if (retryAt === null && !canary?.stopped) {
      retryAt = await sendRest(scope, first?.written ?? { done: 0, vanished: 0 }, maxRows);
    }
    await ledger.flush();
    if (signal?.aborted) throw signal.reason;
    return { retryAt, canary };
  } catch (error) {
    // What was accepted must be remembered.
    await ledger.flush();
    const spentUntil = spentUntilOf(error);
    if (spentUntil !== null && !signal?.aborted) return { retryAt: spentUntil, canary };
    if (!signal?.aborted) throw error;
    throw new ScorelineError('RUN_INTERRUPTED', `The run was interrupted while it wrote ${plan.sync}`, {
      cause: error,
    });
  }
}

/** What stands behind the canary. @returns when HubSpot takes more, where its quota was spent before the end */
async function sendRest(
  scope: ApplyScope,
  canary: Pick<WrittenRows, 'done' | 'vanished'>,
  maxRows: number,
): Promise<Date | null> {
  const rest = await writeRows(scope, maxRows - canary.done);
  const hasVanished = canary.vanished + rest.vanished > 0;
  const spentUntil = rest.retryAt ?? (hasVanished ? (await rewriteVanished(scope)).retryAt : null);
  return spentUntil ?? changeLists(scope, maxRows - canary.done - rest.done);
}

/** HubSpot takes no more for now: what was not sent is left to the next run, like rows that met the same. */
function spentUntilOf(error: unknown): Date | null {
  if (!(error instanceof ScorelineError) || error.code !== 'RUN_DEFERRED') return null;
  const { retryAt } = error.details;
  return retryAt instanceof Date ? retryAt : null;
}

/** What HubSpot accepted of properties that it does not have any more: rows that this plan does not reach are read again. */
function doubtMade({ state, plan }: ApplyPlanRequest): readonly Fragment[] {
  const { dialect } = state.warehouse;
  const accepted = plan.schema.properties.map(
    ({ name }) => sql`${dialect.jsonText(sql`property_values`, name)} is not null`,
  );
  if (accepted.length === 0) return [];
  return [
    sql`update ${stateTable(state, 'snapshot')} set values_hash = null
where portal_id = ${plan.portal.portalId} and sync = ${plan.sync} and (${sql.join(accepted, sql` or `)})`,
  ];
}

async function makeSchema({ hubspot, plan, signal }: ApplyPlanRequest): Promise<void> {
  const { group, properties, options } = plan.schema;
  if (group !== null) await hubspot.schema.createGroup(plan.object, group, signal);
  for (const property of properties) await hubspot.schema.createProperty(plan.object, property, signal);
  for (const { property, all } of options) await hubspot.schema.updateOptions(plan.object, property, all, signal);
}

/** Rows refused while planning were never sent; the ledger says so for good. */
function recordRefused({ state, plan, runId, now }: ApplyPlanRequest, written: number): Fragment {
  const ledger = stateTable(state, 'ledger');
  const at = instant(state, now().toISOString());
  return sql`insert into ${ledger} (portal_id, plan_id, run_id, sequence, sync, object, operation, model_key, record_id,
  identity_id, outcome, category, message, attempt, attempted_at)
select ${plan.portal.portalId}, p.plan_id, ${nullableText(state, runId)},
  ${written} + row_number() over (order by p.model_key), ${nullableText(state, plan.sync)},
  ${nullableText(state, plan.object)}, p.operation, p.model_key, p.record_id, p.identity_id, 'rejected', p.category,
  p.message, 0, ${at}
from ${stateTable(state, 'plan_rows')} p
where p.plan_id = ${plan.planId} and p.list is null and p.verdict = 'rejected'
  and not exists (select 1 from ${ledger} l where ${isAbout('l', 'p')})`;
}

function closePlan({ state, plan, now }: ApplyPlanRequest): Fragment {
  return sql`update ${stateTable(state, 'plans')} set applied_at = ${instant(state, now().toISOString())},
  status = case when exists (
    select 1 from ${stateTable(state, 'plan_rows')} p
    where p.plan_id = ${plan.planId} and p.verdict = 'send' and not exists (
      select 1 from ${stateTable(state, 'ledger')} l
      where ${isAbout('l', 'p')} and l.outcome not in ('deferred', 'attempted')
    )
  ) then 'partial' else 'applied' end
where plan_id = ${plan.planId}`;
}
