import { ScorelineError } from '../errors/scoreline-error.ts';
import { applyPlan } from '../sync/apply-plan.ts';
import type { Plan, SyncResult } from '../sync/plan-types.ts';
import type { RunScope } from './with-run.ts';

export interface ApplyOptions {
  /** No more rows of each plan than these; the rest is deferred. */
  readonly maxRows?: number;
}

export interface Applied {
  /** One per plan begun. */
  readonly results: readonly SyncResult[];
  /** What ended a later plan: it does not take away what is known of the ones before. */
  readonly failure?: ScorelineError;
}

/** Executes plans one behind the other, and no more once a canary has stopped one. */
export async function applyInTurn(scope: RunScope, plans: readonly Plan[], options: ApplyOptions): Promise<Applied> {
  const results: SyncResult[] = [];
  for (const plan of plans) {
    if (results.some(({ canary }) => canary?.stopped)) {
      const message = `${plan.sync}: not applied, since the canary of ${results.at(-1)?.sync} failed`;
      scope.workspace.report({ level: 'warn', event: 'sync_left_out', sync: plan.sync, message });
    } else {
      try {
        results.push(await applyOne(scope, plan, options));
      } catch (error) {
        if (results.length === 0 || !(error instanceof ScorelineError)) throw error;
        return { results, failure: error };
      }
    }
  }
  return { results };
}

/** Executes one plan, telling how far it is. */
export async function applyOne(
  { workspace, hubspot, state }: RunScope,
  plan: Plan,
  { maxRows }: ApplyOptions = {},
): Promise<SyncResult> {
  const { report, runId, now, signal } = workspace;
  const { creates, updates, clears, rejected } = plan.rows;
  const total = creates + updates + clears - rejected;
  const tell = (done: number) =>
    report({
      level: done < total ? 'debug' : 'info',
      event: 'rows_sent',
      sync: plan.sync,
      message: `${plan.sync}: ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} rows sent`,
      figures: { rows: done },
      passing: true,
      progress: { done, total },
    });
  if (total > 0) tell(0);
  return applyPlan({ state, hubspot, plan, runId, now, signal, maxRows, onRows: tell });
}
