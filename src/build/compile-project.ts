import { errorOfProblems, type Problem } from '../errors/scoreline-error.ts';
import type { Model } from '../project/model-types.ts';
import { checkOverrides, resolveParams } from '../project/resolve-params.ts';
import type { RenderContext } from '../sql/types.ts';
import { type BodyContext, compileModelBody, keyOf, type ModelBody } from './compile-model-body.ts';
import { type CompiledTests, compileTests, weightTests } from './compile-tests.ts';
import { dayStates, dayTablePrefix } from './day-states.ts';
import { historyTable, historyTables } from './history-tables.ts';
import { incrementalProblems } from './incremental-problems.ts';
import { inlineExpressions, withExpressions } from './inline-models.ts';
import { orderModels } from './model-order.ts';
import { checkSourceFiles } from './source-files.ts';
import { stagingSuffix, testedRelation } from './staging.ts';
import { liveRelationOf, liveSourceOf, recordUse, templateScope, type UsedNames } from './template-scope.ts';
import type { CompiledModel, CompiledProject, CompileRequest } from './types.ts';
import { viewProblems } from './view-problems.ts';

/** A model whose templates are rendered once; versions of the models that it reads are not known yet. */
interface RenderedModel extends ModelBody, Pick<CompiledModel, 'model' | 'relation' | 'key' | 'dependencies'> {
  readonly context: BodyContext;
  readonly used: UsedNames;
  readonly compiledTests: CompiledTests;
}

/**
 * Compiles every model of a project; asks nobody and reads no file.
 * @throws one error with every problem of every model: USAGE_INVALID for `--param`, else CONFIG_INVALID, MODEL_INVALID and
 *   MODEL_CYCLE
 */
export function compileProject(request: CompileRequest): CompiledProject {
  const { project, target, dialect } = request;
  const places: Required<CompileRequest> = {
    ...request,
    relationOf: request.relationOf ?? liveRelationOf(target),
    sourceOf: request.sourceOf ?? liveSourceOf(target, dialect),
    history: request.history ?? dialect.relation(historyTable(target.schema, 'score_history')),
  };
  const wrongOverrides = checkOverrides({ ...request, asOf: request.asOf.instant, overrides: request.params });
  if (wrongOverrides.length > 0) throw errorOfProblems(wrongOverrides);

  const problems: Problem[] = [...checkSourceFiles(project, target, dialect)];
  const rendered = new Map<string, RenderedModel>();
  for (const model of project.models.values()) {
    rendered.set(
      model.name,
      renderModel(model, places, (problem) => problems.push(problem)),
    );
  }
  const { order, problems: cycles } = orderModels(rendered);
  problems.push(...cycles, ...viewProblems(rendered), ...incrementalProblems(rendered));
  if (problems.length > 0) throw errorOfProblems(withoutRepetition(problems));

  const models = new Map<string, CompiledModel>();
  const modelVersions = new Map<string, string>();
  for (const each of order) {
    const finished = finishModel(each, rendered, modelVersions);
    models.set(each.model.name, finished);
    modelVersions.set(each.model.name, finished.modelVersion);
  }
  return { ...places, models };
}

function renderModel(
  model: Model,
  { project, target, dialect, asOf, params: overrides, relationOf, sourceOf, history }: Required<CompileRequest>,
  report: RenderContext['report'],
): RenderedModel {
  if (model.name.endsWith(stagingSuffix)) {
    report(reservedName(model, `names that end in \`${stagingSuffix}\` are those of tables being built`));
  }
  if (isKeptName(model.name)) {
    report(reservedName(model, `\`${model.name}\` is a table that Scoreline keeps beside the models`));
  }
  const { values, problems } = resolveParams({ project, target, model, asOf: asOf.instant, overrides });
  for (const problem of problems) report(problem);

  const used: UsedNames = { sources: new Set(), params: new Set() };
  const scope = recordUse(templateScope({ project, dialect, params: values, relationOf, sourceOf }), used);
  const modelVersions: ReadonlyMap<string, string> = new Map();
  const context: BodyContext = { project, dialect, asOf, report, scope, paramValues: values, modelVersions, history };
  const body = compileModelBody(model, context);

  const key = keyOf(model, project.entities);
  const relation = relationOf(model);
  const tested = testedRelation(model, relation);
  const testScope = templateScope({
    project,
    dialect,
    params: values,
    sourceOf,
    relationOf: (other) => (other === model ? tested : relationOf(other)),
  });
  const compiledTests = compileTests(model, key, { dialect, report, scope: testScope });
  const dependencies = new Set([...body.refs, ...compiledTests.refs]);
  return { ...body, model, relation, key, dependencies, context, used, compiledTests };
}

/** Compiles the model once more, now that the versions of those it reads are known: a scorecard carries them in its rows. */
function finishModel(
  { model, relation, key, dependencies, context, used, compiledTests }: RenderedModel,
  all: ReadonlyMap<string, RenderedModel>,
  modelVersions: ReadonlyMap<string, string>,
): CompiledModel {
  const {
    body,
    refs,
    modelVersion,
    origin,
    weights = [],
    facts,
  } = compileModelBody(model, { ...context, modelVersions });
  const select = withExpressions(inlineExpressions(all, refs), body, model.name);
  return {
    model,
    relation,
    materialize: model.kind === 'sql' ? model.materialize : 'table',
    body,
    select,
    statement: context.dialect.compile(select),
    key,
    tests: [...compiledTests.tests, ...weightTests(weights)],
    facts,
    inlineForTests: inlineExpressions(all, [...compiledTests.refs, ...(weights.length === 0 ? [] : refs)]),
    refs,
    ...used,
    dependencies,
    modelVersion,
    origin,
  };
}

function reservedName(model: Model, message: string): Problem {
  return {
    code: 'MODEL_INVALID',
    file: model.file.path,
    line: 1,
    column: 1,
    value: model.name,
    message,
    hint: 'Give the file another name.',
  };
}

function isKeptName(name: string): boolean {
  return historyTables.some((table) => table === name) || name === dayStates || name.startsWith(dayTablePrefix);
}

/** Two models may read one SQL file, which then has its problems once for each. */
function withoutRepetition(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
