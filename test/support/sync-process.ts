import { connectHubSpot } from '../../src/hubspot/connect-hubspot.ts';
import { openState } from '../../src/state/open-state.ts';
import { finishRun, startRun } from '../../src/state/run-records.ts';
import { applyPlan } from '../../src/sync/apply-plan.ts';
import { planSync } from '../../src/sync/plan-sync.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { nothingSpent } from './nothing-spent.ts';
import { slowWarehouse } from './slow-warehouse.ts';
import { hotLeads, leadScore, leadSync, scoredLeads } from './sync-world.ts';

/**
 * One run of the tests' sync as a process of its own, which may be killed at any moment: argument is
 * `{ path, url, token, runId }` as JSON, the result goes to stdout as JSON.
 */
const { path, url, token, runId } = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
if (path === undefined || url === undefined || token === undefined || runId === undefined)
  throw new Error('no argument');

const inner = await openWarehouse({ type: 'duckdb', path, memoryLimit: '512MB' }, { timeZone: 'UTC' });
// Frequent checkpoints, so that a kill meets every stage between them.
const capabilities = { ...inner.capabilities, checkpointEveryRows: 300 };
const warehouse = { ...slowWarehouse(inner, { secondsPerStatement: 0 }), capabilities };
const hubspot = connectHubSpot({ baseUrl: url, token, apiVersion: 'v3', dailyReserveRatio: 0, burstPer10s: 10_000 });
const state = await openState(warehouse, { schema: 'scoreline' });
const sync = leadSync({ lists: [hotLeads] });
const now = () => new Date();
const at = now().toISOString();
await startRun(state, {
  runId,
  command: 'run',
  target: 'test',
  asOf: at,
  startedAt: at,
  syncs: [sync.name],
  supersede: true,
});
const plan = await planSync({
  state,
  hubspot,
  sync,
  models: [leadScore],
  ...(await scoredLeads(warehouse)),
  modelBuild: 'build-1',
  asOf: { instant: at, day: at.slice(0, 10) },
  runId,
  now,
});
const result = await applyPlan({ state, hubspot, plan, runId, now });
await finishRun(state, { runId, endedAt: now().toISOString(), status: 'finished', spent: nothingSpent });
await hubspot.close();
await warehouse.close();
process.stdout.write(JSON.stringify(result));
