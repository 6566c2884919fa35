import { ScorelineError } from '../errors/scoreline-error.ts';
import { isScored } from '../project/scored-model.ts';
import type { AsOf, CompiledSql } from '../sql/types.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { buildError, type FailedModel } from './build-error.ts';
import type { BuildEvent, BuiltModel, TestResult } from './build-event.ts';
import { buildModel } from './build-model.ts';
import { makeHistoryTables } from './history-tables.ts';
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
  const liveInstants = await prepareSchema(request, models, onEvent);

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
      const { rows, findings, remarks } = await buildModel(warehouse, model, {
        signal,
        withSwap: historyOf(request, model, liveInstants),
      });
      const tests = findings.map(testResult);
      for (const test of tests) if (!test.passed) onEvent({ kind: 'test_failed', model: name, ...test });
      const wrong = findings.filter(stopsModel);
      if (wrong.length > 0) {
        failed.set(name, { kind: 'failed', model, findings: wrong });
        continue;
      }
      const seconds = (performance.now() - startedAt) / 1000;
      const result: BuiltModel = { model: name, materialize: model.materialize, rows, seconds, tests };
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

/**
 * Drops what dead runs left, makes sure that models which are read but not built now are there, and makes the tables of the
 * history.
 * @returns the instants of the scored models that are there
 */
async function prepareSchema(
  { compiled, warehouse, selected, keepsHistory = true, signal }: BuildRequest,
  models: readonly CompiledModel[],
  onEvent: (event: BuildEvent) => void,
): Promise<LiveInstants> {
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
  if (!keepsHistory || !models.some(({ model }) => isScored(model))) return new Map();
  const making = makeHistoryTables(compiled.dialect, schema, existing).map((each) => compiled.dialect.compile(each));
  if (making.length > 0) await warehouse.script(making, { signal, purpose: 'make the tables of the score history' });
  return readLiveInstants({ compiled, warehouse, models: selected, there: existing, signal });
}

type LiveInstants = ReadonlyMap<string, AsOf>;

function historyOf(
  { compiled, runId, keepsHistory = true }: BuildRequest,
  model: CompiledModel,
  liveInstants: LiveInstants,
): readonly CompiledSql[] {
  if (!keepsHistory || !isScored(model.model)) return [];
  const previous = liveInstants.get(model.model.name) ?? null;
  return historyStatements({ compiled, model, previous, runId: runId ?? null });
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
