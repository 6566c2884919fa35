import { sql } from 'kysely';
import type { HubSpot } from '../../src/hubspot/types.ts';
import type { Sync } from '../../src/project/sync-types.ts';
import { openState } from '../../src/state/open-state.ts';
import { finishRun, startRun } from '../../src/state/run-records.ts';
import { steadyClock } from '../../src/state/steady-clock.ts';
import { applyPlan } from '../../src/sync/apply-plan.ts';
import { planMending } from '../../src/sync/audit-sync.ts';
import { planSync } from '../../src/sync/plan-sync.ts';
import type { Plan, SyncResult } from '../../src/sync/plan-types.ts';
import type { PlanWriterRequest } from '../../src/sync/plan-writer.ts';
import { planRollback } from '../../src/sync/roll-back-run.ts';
import { readSavedPlans } from '../../src/sync/saved-plans.ts';
import { presentRows } from '../../src/sync/sync-model.ts';
import { nothingSpent } from '../support/nothing-spent.ts';
import { hotLeads, leadScore, leadSync, scoredLeads, scoreProperty, tierProperty } from '../support/sync-world.ts';
import type { FaultCase, Task } from './fault-case.ts';
import type { MortalWarehouse } from './mortal-warehouse.ts';

/** What a process works with. */
export interface Process {
  readonly warehouse: MortalWarehouse;
  readonly hubspot: HubSpot;
  readonly runId: string;
  /** Of the process before; empty for the first one. */
  readonly lastRunId: string;
  readonly wallClock: () => Date;
  readonly signal: AbortSignal;
  readonly maxRows: number | undefined;
}

/** Does what a command does from its start to its end. @returns null where there was nothing to apply */
export async function performTask(task: Task, settings: FaultCase, process: Process): Promise<SyncResult | null> {
  const { warehouse, hubspot, runId, wallClock, signal, maxRows } = process;
  const state = await openState(warehouse, { schema: 'scoreline' });
  const now = await steadyClock(state, wallClock, signal);
  const startedAt = now().toISOString();
  const sync = syncOf(settings);
  const start = { runId, command: task, target: 'test', asOf: startedAt, startedAt, syncs: [sync.name] };
  await startRun(state, { ...start, supersede: task !== 'resume', signal });
  const finish = async (status: 'finished' | 'failed') =>
    finishRun(state, { runId, endedAt: now().toISOString(), status, spent: nothingSpent });
  try {
    const scope = { state, hubspot, sync, runId, now, signal };
    const asOf = { instant: startedAt, day: startedAt.slice(0, 10) };
    const plan = await planFor(task, { ...scope, asOf }, process);
    const result = plan && (await applyPlan({ ...scope, plan, maxRows }));
    await finish('finished');
    return result;
  } catch (error) {
    await finish('failed').catch(() => undefined);
    throw error;
  }
}

function syncOf({ object, mode, nulls, recreate, adopt, exclude, properties, hasList }: FaultCase): Sync {
  const mapped = { both: [scoreProperty, tierProperty], score: [scoreProperty], tier: [tierProperty] }[properties];
  return leadSync({
    object,
    mode,
    recreate,
    nulls,
    match: { property: object === 'companies' ? 'domain' : 'email', column: 'email' },
    properties: mapped.map((property) => ({ ...property, nulls, adopt })),
    lists: hasList ? [hotLeads] : [],
    ...(exclude !== 'nobody' && { exclude: { when: 'excluded', properties: exclude } }),
  });
}

async function planFor(
  task: Task,
  scope: Omit<PlanWriterRequest, 'account'>,
  { warehouse, lastRunId }: Process,
): Promise<Plan | null> {
  const { state, hubspot, sync, runId, signal } = scope;
  const { scored } = await scoredLeads(warehouse, sync);
  switch (task) {
    case 'run': {
      const leads = warehouse.dialect.relation({ schema: 'scoreline', name: 'lead_score' });
      const listed = { select: sql`select lead_id from ${leads} where listed`, key: 'lead_id' };
      const audiences = new Map([[hotLeads.audience, listed]]);
      return planSync({ ...scope, models: [leadScore], scored, audiences, modelBuild: runId });
    }
    case 'resume': {
      const planId = `${lastRunId}-${sync.name}`;
      const saved = (await readSavedPlans(state, [planId], signal)).get(planId);
      const isOpen = saved !== undefined && ['open', 'partial'].includes(saved.status);
      return isOpen && saved.laterPlanId === null ? saved.plan : null;
    }
    case 'mend': {
      const excluded = sql`select model_key from (${presentRows(warehouse.dialect, scored)}) m where is_excluded = 1`;
      return (await planMending({ ...scope, account: await hubspot.account(signal), excluded })).plan;
    }
    case 'roll back': {
      const request = { ...scope, account: await hubspot.account(signal), rolledBackRunId: lastRunId };
      return (await planRollback({ ...request, overwrite: false })).plan;
    }
    default:
      throw new TypeError(`Unknown task ${JSON.stringify(task satisfies never)}`);
  }
}
