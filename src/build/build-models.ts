import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Model, ScorecardModel } from '../project/model-types.ts';
import { isScored } from '../project/scored-model.ts';
import type { KeptScans } from '../scoring/kept-days.ts';
import type { AsOf, CompiledSql } from '../sql/types.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { buildError, type FailedModel } from './build-error.ts';
import type { BuildEvent, BuiltModel, TestResult } from './build-event.ts';
import { buildModel } from './build-model.ts';
import { dailyBuild } from './daily-sums.ts';
import { type DayStates, keepsDays, makeDayStates, readDayStates } from './day-states.ts';
import { makeHistoryTables } from './history-tables.ts';
import { readKeptScans } from './kept-scans.ts';
import { readLiveInstants } from './live-instants.ts';
import { historyStatements } from './score-history.ts';
import { stagingSuffix } from './staging.ts';
import { failureMessage, testName } from './test-message.ts';
import { stopsModel, type TestFinding } from './test-statement.ts';
import type { CompiledModel, CompiledProject } from './types.ts';

export interface BuildRequest {
  readonly compiled: CompiledProject;
  readonly warehouse: Warehouse;
  /** Names of models, as `selectModels` gives them. Models that they read must be among them or in the warehouse. */
  readonly selected: ReadonlySet<string>;
  /** Stands in the score history. */
  readonly runId?: string;
  /** Whether the score history gets what changed; true by default. */
  readonly keepsHistory?: boolean;
  /**
   * Whether cards with `incremental` are built from the sums of days that earlier builds kept, or `anew` from all events,
   * and keep theirs. Absent: from all events, and whatever was kept stays as it is. Only with a history.
   */
  readonly dailySums?: 'kept' | 'anew';
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: BuildEvent) => void;
}

export interface BuildResult {
  /** In the order of building. */
  readonly models: readonly BuiltModel[];
}

/**
 * Builds and tests models in their order, each swapped in as soon as its tests passed, warnings aside. A model that fails stops those
 * that read it and no others, so that one run shows all that is wrong.
 * @throws GUARD_TEST_FAILED where data did not pass and WAREHOUSE_REFUSED where SQL was refused, each with a problem per
 *   failure and, as details, the models built, failed and skipped; USAGE_INVALID for a model that reads one which is
 *   neither selected nor there; RUN_INTERRUPTED
 */
export async function buildModels(request: BuildRequest): Promise<BuildResult> {
  const { compiled, warehouse, selected, signal } = request;
  const onEvent = request.onEvent ?? (() => {});
  const models = [...compiled.models.values()].filter(({ model }) => selected.has(model.name));
  const prepared = await prepareSchema(request, models, onEvent);

  const built: BuiltModel[] = [];
  const failed = new Map<string, FailedModel>();
  for (const [index, model] of models.entries()) {
    const { name } = model.model;
    const failedBefore = [...failed.keys()].filter((other) => model.dependencies.has(other));
    if (failedBefore.length > 0) {
      failed.set(name, { kind: 'skipped', model });
      onEvent({ kind: 'model_skipped', model: name, failed: failedBefore });
      continue;
    }
    onEvent({ kind: 'model_started', model: name, position: index + 1, total: models.length });
    const startedAt = performance.now();
    try {
      const { statement, withSwap } = buildOf(request, model, prepared);
      const { findings, remarks, ...made } = await buildModel(warehouse, { ...model, statement }, { signal, withSwap });
      const tests = findings.map(testResult);
      for (const test of tests) if (!test.passed) onEvent({ kind: 'test_failed', model: name, ...test });
      const wrong = findings.filter(stopsModel);
      if (wrong.length > 0) {
        failed.set(name, { kind: 'failed', model, findings: wrong });
        continue;
      }
      const seconds = (performance.now() - startedAt) / 1000;
      const result: BuiltModel = { model: name, materialize: model.materialize, ...made, seconds, tests };
      built.push(result);
      onEvent({ kind: 'model_built', ...result });
      for (const message of remarks) onEvent({ kind: 'model_remark', model: name, message });
    } catch (error) {
      // Whatever else happens (no connection, an interrupt) would happen to the next model too.
      if (!(error instanceof ScorelineError) || error.code !== 'WAREHOUSE_REFUSED') throw error;
      failed.set(name, { kind: 'refused', model, error });
      onEvent({ kind: 'model_refused', model: name, message: error.message });
    }
  }
  if (failed.size > 0) throw buildError([...failed.values()], built);
  return { models: built };
}

/** What was before this build. */
interface Prepared {
  /** Of the scored models that are there. */
  readonly instants: ReadonlyMap<string, AsOf>;
  readonly days: DayStates;
  /** By the model's name. */
  readonly kept: ReadonlyMap<string, KeptScans>;
}

const nothingPrepared: Prepared = { instants: new Map(), days: new Map(), kept: new Map() };

/**
 * Drops what dead runs left, makes sure that models which are read but not built now are there, and makes the tables of the
 * history and of what is kept of past days.
 */
async function prepareSchema(
  request: BuildRequest,
  models: readonly CompiledModel[],
  onEvent: (event: BuildEvent) => void,
): Promise<Prepared> {
  const { compiled, warehouse, selected, keepsHistory = true, signal } = request;
  const { schema } = compiled.target;
  const existing = await warehouse.relations(schema, { signal, purpose: `look into the schema ${schema}` });
  assertUpstream(compiled, models, selected, new Set(existing.keys()));
  const leftovers = [...existing.keys()].filter((name) => name.endsWith(stagingSuffix));
  if (leftovers.length > 0) {
    const purpose = 'drop tables of a run that ended early';
    await warehouse.drop(
      leftovers.map((name) => ({ schema, name })),
      { signal, purpose },
    );
    onEvent({ kind: 'leftovers_dropped', tables: leftovers });
  }
  if (!keepsHistory || !models.some(({ model }) => isScored(model))) return nothingPrepared;
  const daily = models.flatMap(({ model }) => (isDaily(request, model) ? [model] : []));
  const { dialect } = compiled;
  const missing = [
    ...makeHistoryTables(dialect, schema, existing),
    ...(daily.length > 0 ? makeDayStates(dialect, schema, existing) : []),
  ];
  const making = missing.map((each) => dialect.compile(each));
  if (making.length > 0) await warehouse.script(making, { signal, purpose: 'make the tables of the score history' });
  const looking = { compiled, warehouse, there: existing, signal };
  const instants = await readLiveInstants({ ...looking, models: selected });
  if (daily.length === 0) return { ...nothingPrepared, instants };
  const days = await readDayStates(looking);
  const isAnew = request.dailySums === 'anew';
  const kept = isAnew ? new Map() : await readKeptScans({ compiled, warehouse, models: daily, states: days, signal });
  return { instants, days, kept };
}

function isDaily({ keepsHistory = true, dailySums }: BuildRequest, model: Model): model is ScorecardModel {
  return keepsHistory && dailySums !== undefined && keepsDays(model);
}

/** How a model is built, and what takes effect with its swap. */
function buildOf(
  request: BuildRequest,
  model: CompiledModel,
  { instants, days: states, kept }: Prepared,
): { readonly statement: CompiledSql; readonly withSwap: readonly CompiledSql[] } {
  const { compiled, runId = null, keepsHistory = true } = request;
  const { statement } = model;
  if (!keepsHistory || !isScored(model.model)) return { statement, withSwap: [] };
  const previous = instants.get(model.model.name) ?? null;
  const history = { compiled, model, previous, runId };
  if (!isDaily(request, model.model)) return { statement, withSwap: historyStatements(history) };
  const ofModel = kept.get(model.model.name) ?? new Map();
  const daily = dailyBuild({ compiled, model: model.model, states, kept: ofModel, previous });
  const written = historyStatements({ ...history, days: daily.inputs });
  return { statement: daily.statement, withSwap: [...daily.withSwap, ...written] };
}

function assertUpstream(
  compiled: CompiledProject,
  models: readonly CompiledModel[],
  selected: ReadonlySet<string>,
  existing: ReadonlySet<string>,
): void {
  const missing = models.flatMap(({ model, dependencies }) =>
    [...dependencies]
      .filter(
        (name) => !selected.has(name) && !existing.has(name) && compiled.models.get(name)?.relation.kind === 'relation',
      )
      .map((name) => ({ model: model.name, name })),
  );
  const [first] = missing;
  if (first === undefined) return;
  const list = missing.map(({ model, name }) => `\`${model}\` reads \`${name}\``).join(', ');
  throw new ScorelineError('USAGE_INVALID', `${list}: not selected, and not built in this target yet.`, {
    hint: `Select what it is built from, too: \`+${first.model}\`.`,
  });
}

function testResult(finding: TestFinding): TestResult {
  const { test, passed, count, example } = finding;
  const result = { test: testName(test), severity: test.test.severity, passed, count, example };
  return passed ? result : { ...result, message: failureMessage(finding) };
}
