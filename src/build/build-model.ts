import type { CompiledSql } from '../sql/types.ts';
import type { StatementOptions, Warehouse } from '../warehouse/port.ts';
import { stagedName, testedRelation } from './staging.ts';
import { relationFragment } from './template-scope.ts';
import { readTestRow, stopsModel, type TestFinding, testStatement } from './test-statement.ts';
import type { CompiledModel } from './types.ts';

export interface ModelOutcome {
  readonly rows: number | null;
  readonly bytesRead: number | null;
  readonly findings: readonly TestFinding[];
  /** Parts of a scorecard that do nothing, or too much, in a sentence each. */
  readonly remarks: readonly string[];
}

/**
 * Builds one model in at most three statements: its table beside the live one, all of its tests, the swap. Nothing that
 * others read changes unless every test passed that is more than a warning; a table that did not pass stays where it was built, for a look at it.
 */
export async function buildModel(
  warehouse: Warehouse,
  model: CompiledModel,
  { signal, withSwap = [] }: { readonly signal?: AbortSignal; readonly withSwap?: readonly CompiledSql[] } = {},
): Promise<ModelOutcome> {
  const options = (verb: string): StatementOptions => ({
    signal,
    purpose: `${verb} ${model.model.name}`,
    origin: model.origin,
  });
  const { relation, statement } = model;
  if (relation.kind !== 'relation') {
    // Tests ask for its rows. Without any, those that have it inside would be blamed for what is wrong with it.
    if (model.tests.length === 0) await warehouse.describe(statement, options('read'));
    return testModel(warehouse, model, options('test'));
  }

  if (model.materialize === 'view') {
    const outcome = await testModel(warehouse, model, options('test'));
    if (passed(outcome)) await warehouse.createView(relation.name, statement, options('build'));
    return outcome;
  }
  const staged = stagedName(relation.name);
  let bytesRead: number | null = null;
  const onBytesRead = (bytes: number) => {
    bytesRead = bytes;
  };
  const rows = await warehouse.createTable(staged, statement, { ...options('build'), onBytesRead });
  const { findings, remarks } = await testModel(warehouse, model, options('test'));
  if (passed({ findings })) await warehouse.swap(staged, relation.name, { ...options('swap in'), before: withSwap });
  return { rows, bytesRead, findings, remarks };
}

async function testModel(warehouse: Warehouse, model: CompiledModel, options: StatementOptions): Promise<ModelOutcome> {
  const { tests } = model;
  if (tests.length === 0) return { rows: null, bytesRead: null, findings: [], remarks: [] };
  const { file } = model.model;
  const [row] = await warehouse.query(testsOf(model, warehouse), {
    ...options,
    origin: { file: file.path, line: 1, text: file.text },
  });
  if (row === undefined) throw new TypeError(`The tests of ${model.model.name} gave no row`);
  const outcome = readTestRow(tests, row);
  return { ...outcome, bytesRead: null, remarks: model.facts?.remarksOn(row, outcome.rows) ?? [] };
}

function testsOf(compiled: CompiledModel, { dialect }: Warehouse) {
  const { model, relation, tests, key, select, inlineForTests, facts } = compiled;
  const tested = testedRelation(model, relation);
  const itself = tested.kind === 'relation' ? [] : [{ name: tested.name, body: select }];
  return testStatement({
    dialect,
    tests,
    key,
    tested: relationFragment(dialect, tested),
    expressions: [...itself, ...inlineForTests],
    facts: facts?.columns,
  });
}

function passed({ findings }: Pick<ModelOutcome, 'findings'>): boolean {
  return !findings.some(stopsModel);
}
