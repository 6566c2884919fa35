import type { Problem } from '../../errors/scoreline-error.ts';
import type { TestInput, UnitTest } from '../../project/model-types.ts';
import type { Project } from '../../project/types.ts';
import type { Dialect } from '../../sql/types.ts';
import type { CommonTableExpression, CompiledModel } from '../types.ts';
import { givenRows } from './given-rows.ts';
import type { RealColumns } from './real-columns.ts';
import { inputName, type TestInputs } from './test-inputs.ts';

export interface GiveRequest {
  readonly test: UnitTest;
  readonly inputs: TestInputs;
  readonly project: Project;
  readonly dialect: Dialect;
  readonly columns: RealColumns;
  /** The model as it is compiled for the test. */
  readonly tested: Pick<CompiledModel, 'modelVersion'>;
  readonly report: (problem: Problem) => void;
}

export interface GivenInputs {
  readonly expressions: readonly CommonTableExpression[];
  /** Inputs whose columns nobody knows beside those that the test gives. */
  readonly unknown: readonly string[];
}

/** Common table expressions of everything that a model under test reads: with the test's rows, or with none. */
export async function giveInputs(request: GiveRequest): Promise<GivenInputs> {
  const { test, inputs, project, dialect, columns, tested, report } = request;
  const given = new Map(test.given.map((input) => [inputName(input.relation), input]));
  const relations: readonly TestInput['relation'][] = [
    ...[...inputs.models].map((model) => ({ kind: 'ref' as const, model })),
    ...[...project.sources.values()].flatMap(({ name: source, tables }) =>
      [...tables.keys()]
        .filter((table) => inputs.sources.has(`${source}.${table}`))
        .map((table) => ({ kind: 'source' as const, source, table })),
    ),
    ...test.given.flatMap(({ relation }) => (relation.kind === 'history' ? [relation] : [])),
  ];
  const expressions: CommonTableExpression[] = [];
  const unknown: string[] = [];
  for (const relation of relations) {
    const name = inputName(relation);
    const written = given.get(name)?.rows ?? [];
    // Only history of the very model counts, and nobody wants to write down a fingerprint.
    const own = { model: test.model, model_version: tested.modelVersion, cause: 'behaviour' };
    const rows =
      relation.kind === 'history' ? written.map((row) => ({ ...row, values: { ...own, ...row.values } })) : written;
    const real = await columnsOf(columns, relation);
    if (real === null) unknown.push(name);
    const body = givenRows({ test, relation, rows, columns: real, dialect, report });
    if (body !== null) expressions.push({ name: givenName(name), body });
  }
  return { expressions, unknown };
}

export function givenName(input: string): string {
  return `given__${input}`;
}

function columnsOf(columns: RealColumns, relation: TestInput['relation']) {
  switch (relation.kind) {
    case 'ref':
      return columns.ofModel(relation.model);
    case 'source':
      return columns.ofSource(relation.source, relation.table);
    case 'history':
      return columns.ofHistory();
    default:
      return relation satisfies never;
  }
}
