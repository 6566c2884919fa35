import type { BuiltModel } from '../build/build-event.ts';
import { type BytesRead, bytesOfBuild } from '../build/bytes-read.ts';
import { selectModels } from '../build/select-models.ts';
import type { CompiledProject } from '../build/types.ts';
import type { ScorelineError } from '../errors/scoreline-error.ts';
import type { Usage } from '../hubspot/types.ts';
import type { Sync } from '../project/sync-types.ts';
import { refuseOlder } from '../state/last-accepted.ts';
import { foreseeNulls, judgeGuards } from '../sync/guards.ts';
import type { Plan, SyncResult } from '../sync/plan-types.ts';
import { type ApplyOptions, applyInTurn } from './apply-one.ts';
import { refuseFuture } from './as-of.ts';
import { buildInPlace } from './build-selected.ts';
import { compileTarget } from './compile-target.ts';
import {
  askBeforeFirstSync,
  type Confirm,
  type JudgedPlan,
  judgePlans,
  type Overrides,
  stopAtGuards,
} from './guard-plans.ts';
import { type BuildPlace, placeBuild } from './place-build.ts';
import { planInWords } from './plan-in-words.ts';
import { planOne } from './plan-one.ts';
import { type RejectionReason, readRejections } from './rejection-reasons.ts';
import type { Report } from './report.ts';
import { selectSyncs } from './select-syncs.ts';
import { warnOfOldNames } from './warn-of-old-names.ts';
import { type RunScope, withRun } from './with-run.ts';
import type { Workspace } from './workspace.ts';

export interface PlanOptions {
  readonly overrides: Overrides;
}

export interface RunOptions extends PlanOptions, ApplyOptions {
  readonly confirm: Confirm;
  /** Sends scores older than those that HubSpot accepted last. */
  readonly allowOlder?: boolean;
}

export interface PlanOutcome {
  /** ISO, UTC. */
  readonly asOf: string;
  readonly judged: readonly JudgedPlan[];
}

export interface PlannedOutcome extends PlanOutcome {
  /** What the tables were made from that a run makes anew; null where the warehouse does not count it. */
  readonly bytesRead: BytesRead | null;
}

export interface RunOutcome extends PlanOutcome {
  readonly plans: readonly Plan[];
  /** One per plan, as far as the run came. */
  readonly results: readonly SyncResult[];
  /** Why rows were rejected, the most frequent reason first, at most 10. */
  readonly rejections: readonly RejectionReason[];
  /** What ended the run after a part of the syncs was sent; those have results. */
  readonly failure?: ScorelineError;
}

interface PlanScope extends RunScope {
  readonly syncs: readonly Sync[];
  readonly compiled: CompiledProject;
  readonly built: readonly BuiltModel[];
}

/** What planning a sync cost; its result counts it, since looking is a part of the job. */
interface PlanningCost {
  readonly calls: number;
  readonly retries: number;
  readonly seconds: number;
}

interface PlannedSyncs {
  readonly judged: readonly JudgedPlan[];
  /** By the sync's name. */
  readonly costs: ReadonlyMap<string, PlanningCost>;
}

/**
 * The command `plan`: builds what the syncs read, compares, looks up, judges. Writes the warehouse alone. Guards that a
 * plan breaks are in its verdict, not thrown.
 */
export async function planSyncs(
  workspace: Workspace,
  selectors: readonly string[],
  options: PlanOptions,
): Promise<PlannedOutcome> {
  return withPlanScope(workspace, selectors, { command: 'plan', refusesOlder: false }, async (scope) => ({
    asOf: workspace.asOf.instant,
    judged: (await planAll(scope, options)).judged,
    bytesRead: bytesOfBuild(scope.built, scope.warehouse.capabilities),
  }));
}

/**
 * The command `run`, the main job: build, plan, guard, apply. All syncs are planned and judged before the first write, so
 * that a model, an account or a mass change that is not right stops them all.
 * @throws GUARD_VIOLATED, GUARD_FIRST_SYNC, STATE_OLDER_AS_OF
 */
export async function runSyncs(
  workspace: Workspace,
  selectors: readonly string[],
  options: RunOptions,
): Promise<RunOutcome> {
  const refusesOlder = options.allowOlder !== true;
  return withPlanScope(workspace, selectors, { command: 'run', refusesOlder }, async (scope) => {
    const { judged, costs } = await planAll(scope, options);
    const plans = judged.map(({ plan }) => plan);
    for (const plan of plans) {
      workspace.report({ level: 'info', event: 'sync_planned', sync: plan.sync, message: planInWords(plan) });
    }
    stopAtGuards(workspace, judged);
    await askBeforeFirstSync(plans, options.confirm);
    const { results, failure } = await applyInTurn(scope, plans, options);
    const rejections = await readRejections(scope.state, workspace.runId, results);
    return {
      asOf: workspace.asOf.instant,
      judged,
      plans,
      results: results.map((result) => withPlanning(result, costs.get(result.sync))),
      rejections,
      failure,
    };
  });
}

async function withPlanScope<T extends object>(
  workspace: Workspace,
  selectors: readonly string[],
  { command, refusesOlder }: { readonly command: 'plan' | 'run'; readonly refusesOlder: boolean },
  work: (scope: PlanScope) => Promise<T>,
): Promise<T> {
  const { project, asOf, signal, report } = workspace;
  refuseFuture(workspace);
  const syncs = selectSyncs(project, selectors);
  const names = syncs.map((sync) => sync.name);
  const compiled = compileTarget(workspace);
  const models = readBy(compiled, syncs);
  let place: BuildPlace = { compiled, models, scratch: null };
  let built: readonly BuiltModel[] = [];
  return withRun(
    workspace,
    {
      command,
      syncs: names,
      // A plan that is only looked at leaves others as they are: they may be applied yet.
      supersede: command === 'run',
      prepare: async (state) => {
        if (refusesOlder) await refuseOlder(state, { syncs: names, asOf: asOf.instant, signal });
        place = await placeBuild(workspace, state.warehouse, place);
        built = (await buildInPlace(workspace, state, place)).models;
        reportBuilt(report, built);
      },
    },
    (scope) => work({ ...scope, syncs, compiled: place.compiled, built }),
  );
}

function reportBuilt(report: Report, models: readonly BuiltModel[]): void {
  const tests = models.reduce((sum, model) => sum + model.tests.filter(({ passed }) => passed).length, 0);
  const seconds = models.reduce((sum, model) => sum + model.seconds, 0);
  report({
    level: 'info',
    event: 'models_built',
    message: `built ${models.length} models, ${tests} tests passed (${seconds.toFixed(1)} s)`,
    figures: { models: models.length, tests, seconds: Number(seconds.toFixed(3)) },
  });
}

/** Everything that the syncs' models and audiences are built from, and themselves. */
function readBy(compiled: CompiledProject, syncs: readonly Sync[]): ReadonlySet<string> {
  const names = syncs.flatMap((sync) => [...sync.models, ...sync.lists.map((list) => list.audience)]);
  return names.length === 0
    ? new Set()
    : selectModels(
        compiled.models,
        [...new Set(names)].map((name) => `+${name}`),
      );
}

async function planAll(scope: PlanScope, { overrides }: PlanOptions): Promise<PlannedSyncs> {
  const { syncs, ...rest } = scope;
  const { workspace, hubspot } = scope;
  const found: JudgedPlan[] = [];
  const costs = new Map<string, PlanningCost>();
  // What was asked before the first sync is counted as its own.
  let before: Pick<Usage, 'calls' | 'retries'> = { calls: 0, retries: 0 };
  for (const sync of syncs) {
    const startedAt = workspace.now();
    const plan = await planOne({ ...rest, sync, reads: [...readBy(scope.compiled, [sync])] });
    const after = hubspot.usage();
    costs.set(sync.name, {
      calls: after.calls - before.calls,
      retries: after.retries - before.retries,
      seconds: (workspace.now().getTime() - startedAt.getTime()) / 1000,
    });
    before = after;
    const violations = plan.facts === undefined ? [] : judgeGuards(sync.guards, plan.facts);
    found.push({ plan, violations, overrides: {} });
    warnOfNulls(workspace, sync, plan);
  }
  await warnOfOldNames(
    scope,
    found.map(({ plan }) => plan),
  );
  return { judged: await judgePlans(scope, found, overrides), costs };
}

function withPlanning(result: SyncResult, cost: PlanningCost | undefined): SyncResult {
  if (cost === undefined) return result;
  return {
    ...result,
    api_calls: result.api_calls + cost.calls,
    retries: result.retries + cost.retries,
    seconds: Number((result.seconds + cost.seconds).toFixed(3)),
  };
}

function warnOfNulls({ report }: Workspace, sync: Sync, { facts }: Plan): void {
  if (facts === undefined) return;
  for (const { message } of foreseeNulls(sync.guards, facts)) {
    const what = `${sync.name}: ${message}: it is new, so it passes now, and will stop the next run; if that is right, set it in \`guards\``;
    report({ level: 'warn', event: 'guard_foreseen', sync: sync.name, message: what });
  }
}
