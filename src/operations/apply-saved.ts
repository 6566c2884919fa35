import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Plan, SyncResult } from '../sync/plan-types.ts';
import { readSavedPlans, type SavedPlan } from '../sync/saved-plans.ts';
import { applyInTurn } from './apply-one.ts';
import { askBeforeFirstSync, judgePlans, stopAtGuards } from './guard-plans.ts';
import type { PlanFile } from './plan-file.ts';
import { readRejections } from './rejection-reasons.ts';
import type { RunOptions, RunOutcome } from './run-syncs.ts';
import { type RunScope, withRun } from './with-run.ts';
import type { Workspace } from './workspace.ts';

/**
 * The command `apply`: executes the plans of a file as they were frozen. One that was applied in part goes on, a finished
 * one does nothing. All are looked at before the first write.
 * @throws STATE_STALE_PLAN, STATE_PLAN_FILE, DESTINATION_PORTAL; GUARD_VIOLATED and GUARD_FIRST_SYNC as for a run
 */
export async function applySaved(workspace: Workspace, file: PlanFile, options: RunOptions): Promise<RunOutcome> {
  const syncs = file.plans.map(({ sync }) => sync);
  return withRun(workspace, { command: 'apply', syncs, supersede: false }, async (scope) => {
    await checkAccount(scope, file);
    const saved = await findSaved(scope, file);
    const unfinished = saved.filter(({ status }) => status !== 'applied');
    const judged = await judgePlans(scope, unfinished, options.overrides);
    stopAtGuards(workspace, judged);
    // Somebody said yes to what was begun.
    const unbegun = unfinished.filter(({ status }) => status === 'open');
    await askBeforeFirstSync(
      unbegun.map(({ plan }) => plan),
      options.confirm,
    );
    const done = saved.filter(({ status }) => status === 'applied').map(({ plan }) => nothingDone(plan));
    const plans = unfinished.map(({ plan }) => plan);
    const { results, failure } = await applyInTurn(scope, plans, options);
    return {
      asOf: file.as_of,
      judged,
      plans: saved.map(({ plan }) => plan),
      results: [...done, ...results],
      rejections: await readRejections(scope.state, workspace.runId, results),
      failure,
    };
  });
}

async function checkAccount({ hubspot, workspace }: RunScope, file: PlanFile): Promise<void> {
  const { portalId } = await hubspot.account(workspace.signal);
  if (file.portal_id === null || file.portal_id === portalId) return;
  throw new ScorelineError(
    'DESTINATION_PORTAL',
    `The plan was made for HubSpot account ${file.portal_id}, and the token belongs to ${portalId}`,
    { hint: 'Use the token of the account that the plan was made for, or make a new plan.' },
  );
}

/** In the file's order. */
async function findSaved({ state, workspace }: RunScope, file: PlanFile): Promise<readonly SavedPlan[]> {
  const ids = file.plans.map((each) => each.plan_id);
  const saved = ids.length === 0 ? new Map<string, SavedPlan>() : await readSavedPlans(state, ids, workspace.signal);
  const fresh: SavedPlan[] = [];
  const stale: string[] = [];
  for (const { plan_id: planId, sync, digest } of file.plans) {
    const found = saved.get(planId);
    const reason = found === undefined ? `the schema ${state.schema} has no such plan` : whyStale(found, digest);
    if (reason !== null) stale.push(`the plan of ${sync} (${planId}): ${reason}`);
    else if (found !== undefined) fresh.push(found);
  }
  if (stale.length > 0) {
    throw new ScorelineError('STATE_STALE_PLAN', `Not applied, ${stale.join('; ')}`, {
      hint: 'Make a new plan with `scoreline plan --out FILE` and look at it. Nothing was written.',
      details: { stale },
    });
  }
  return fresh;
}

function whyStale({ plan, status, laterBuild, laterPlanId }: SavedPlan, digest: string): string | null {
  if (plan.digest !== digest) return `its digest is ${plan.digest}, and the file says ${digest}`;
  if (status === 'applied') return null;
  if (status === 'superseded') return 'a later run has compared afresh';
  if (status === 'draft') return 'it was never finished';
  if (laterBuild !== null) return `${laterBuild.model} was built again since (${laterBuild.runId})`;
  if (laterPlanId !== null) return `what HubSpot holds has changed since (${laterPlanId})`;
  return null;
}

/** Of a plan that was finished before. */
function nothingDone({ sync, object, rows, lists }: Plan): SyncResult {
  const none = {
    planned: 0,
    created: 0,
    updated: 0,
    cleared: 0,
    rejected: 0,
    newly_rejected: 0,
    deferred: 0,
    sent_before: 0,
  };
  const { unchanged, suppressed, excluded, unmatched, waiting } = rows;
  return {
    sync,
    object,
    ...none,
    unchanged,
    suppressed,
    excluded,
    unmatched,
    waiting,
    lists: lists.map(({ list }) => ({ list, added: 0, removed: 0, missing: 0, rejected: 0, deferred: 0 })),
    api_calls: 0,
    retries: 0,
    seconds: 0,
  };
}
