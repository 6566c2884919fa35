import { sql } from 'kysely';
import { errorOfProblems, type Problem, ScorelineError } from '../../errors/scoreline-error.ts';
import type { UnitTest } from '../../project/model-types.ts';
import type { Warehouse } from '../../warehouse/port.ts';
import { inlineExpressions, withExpressions } from '../inline-models.ts';
import type { CompiledModel, CompiledProject } from '../types.ts';
import { compareRows, type RowDifference } from './compare-rows.ts';
import { comparedColumns } from './compared-columns.ts';
import { compileUnitTest } from './compile-unit-test.ts';
import { giveInputs } from './give-inputs.ts';
import type { RealColumns } from './real-columns.ts';
import { inputName, inputProblems, inputsOf, testProblem } from './test-inputs.ts';

export interface UnitTestRequest {
  /** As for a build. */
  readonly compiled: CompiledProject;
  readonly warehouse: Warehouse;
  readonly columns: RealColumns;
  readonly test: UnitTest;
  readonly signal?: AbortSignal;
}

export type UnitTestOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly differences: readonly RowDifference[] }
  /** The test or the model cannot run as written. */
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/**
 * Runs one unit test in the warehouse: the model's own SELECT over common table expressions with the given rows. Nothing is
 * built, and no table that the model names is read. Two statements, beside those that ask for columns once.
 * @throws WAREHOUSE_UNREACHABLE, RUN_INTERRUPTED
 */
export async function runUnitTest(request: UnitTestRequest): Promise<UnitTestOutcome> {
  try {
    return await run(request);
  } catch (error) {
    if (!(error instanceof ScorelineError) || !isOfTheFiles(error)) throw error;
    const { test } = request;
    const own = testProblem(test, [], { value: test.name, message: error.message, hint: error.hint });
    return { kind: 'refused', problems: error.problems.length > 0 ? error.problems : [{ ...own, code: error.code }] };
  }
}

function isOfTheFiles({ code }: ScorelineError): boolean {
  return code === 'WAREHOUSE_REFUSED' || code === 'MODEL_INVALID' || code === 'CONFIG_INVALID';
}

async function run({ compiled, warehouse, columns, test, signal }: UnitTestRequest): Promise<UnitTestOutcome> {
  const model = modelNamed(compiled, test.model);
  const inputs = inputsOf(compiled, model, new Set(test.given.map(({ relation }) => inputName(relation))));
  const problems: Problem[] = [...inputProblems(test, inputs)];
  const testing = compileUnitTest(compiled, test, inputs);
  const tested = modelNamed(testing, test.model);
  const { project, dialect } = compiled;
  const report = (problem: Problem) => problems.push(problem);
  const given = await giveInputs({ test, inputs, project, dialect, columns, tested, report });
  if (problems.length > 0) return { kind: 'refused', problems };

  const inline = inlineExpressions(testing.models, tested.refs);
  const select = withExpressions([...given.expressions, ...inline], tested.body, test.model);
  const options = { signal, purpose: `unit test ${test.model}: ${test.name}` };
  const statement = warehouse.dialect.compile(select);
  const there = await warehouse.describe(statement, { ...options, origin: model.origin }).catch((error: unknown) => {
    throw given.unknown.length === 0 ? error : withUnknown(given.unknown, error);
  });
  const compared = comparedColumns(test, model, there);
  if (compared.problems.length > 0) return { kind: 'refused', problems: compared.problems };

  const names = sql.join(compared.columns.map(({ name }) => sql.id(name)));
  const rows = warehouse.dialect.compile(sql`select ${names} from (\n${select}\n) as ${sql.id('tested')}`);
  const actual = await warehouse.query(rows, options).catch((error: unknown) => {
    throw refusedValue(test, error);
  });
  const differences = compareRows({
    ...compared,
    expected: test.expected,
    actual,
    timeZone: project.timezone,
  });
  return differences.length === 0 ? { kind: 'passed' } : { kind: 'failed', differences };
}

function modelNamed({ models }: CompiledProject, name: string): CompiledModel {
  const model = models.get(name);
  if (model === undefined) throw new RangeError(`There is no model ${name}`);
  return model;
}

/** A column that is missing may be one that the warehouse would know of, if what the test stands in for were there. */
function withUnknown(names: readonly string[], error: unknown): unknown {
  if (!(error instanceof ScorelineError) || error.code !== 'WAREHOUSE_REFUSED' || error.problems.length === 0)
    return error;
  const inputs = names.map((name) => `\`${name}\``).join(', ');
  const hint = `The warehouse does not know ${inputs}, so that only the columns given are there: give one row every column that the model reads, or make the sources of the target available.`;
  return errorOfProblems(error.problems.map((problem) => ({ ...problem, hint })));
}

/** The warehouse has accepted the SQL when the rows are asked for, so that what it refuses then is a value. */
function refusedValue(test: UnitTest, error: unknown): unknown {
  if (!(error instanceof ScorelineError) || error.code !== 'WAREHOUSE_REFUSED') return error;
  const message = `\`${test.model}\`: ${test.name}: ${error.message}`;
  const hint = 'A given value does not fit the type of its column, or what the model makes of it.';
  return errorOfProblems([{ ...testProblem(test, [], { message, hint }), code: 'WAREHOUSE_REFUSED' }]);
}
