import { problemAt } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import { parseInstant } from '../instant.ts';
import type { TestInput, TestRow, UnitTest } from '../model-types.ts';
import type { ProblemSink } from '../problem-sink.ts';
import { parseRelation } from '../relation-name.ts';
import { type UnitTestShape, unitTestFile } from '../shapes/unit-test-schema.ts';
import { validate } from '../validate/validate.ts';
import { repeatedAt } from './repeated-at.ts';

export interface UnitTestsRequest {
  readonly shapes: readonly UnitTestShape[];
  readonly yaml: YamlFile;
  /** The model of the file; undefined in a file of tests alone. */
  readonly model: string | undefined;
  readonly timeZone: string;
  readonly report: ProblemSink;
}

/** Whether a file of `models/` has unit tests alone and is no model. */
export function isUnitTestFile({ data }: YamlFile): boolean {
  return typeof data === 'object' && data !== null && !Array.isArray(data) && Object.keys(data).join() === 'unit_tests';
}

/** A test with the file that finds the places of its paths. */
export interface WrittenTest {
  readonly test: UnitTest;
  readonly yaml: YamlFile;
}

export function readUnitTestFile(request: Omit<UnitTestsRequest, 'shapes' | 'model'>): readonly WrittenTest[] {
  const { yaml: file, report } = request;
  const valid = validate({ kind: 'model', yaml: file, schema: unitTestFile, data: file.data, report });
  if (valid === null) return [];
  const { shape, yaml } = valid;
  return readUnitTests({ ...request, yaml, shapes: shape.unit_tests ?? [], model: undefined });
}

/** The unit tests of a file, without the parts that have problems. Whether names are known is checked later. */
export function readUnitTests(request: UnitTestsRequest): readonly WrittenTest[] {
  const { shapes, yaml, report } = request;
  for (const index of repeatedAt(shapes.map(({ name }) => name))) {
    const message = `the unit test \`${shapes[index]?.name}\` stands twice in this file`;
    report(problemAt(yaml, ['unit_tests', index, 'name'], { code: 'MODEL_INVALID', message }));
  }
  return shapes.flatMap((shape, index) => {
    const test = readUnitTest(shape, ['unit_tests', index], request);
    return test === null ? [] : [{ test, yaml }];
  });
}

function readUnitTest(shape: UnitTestShape, path: YamlPath, request: UnitTestsRequest): UnitTest | null {
  const { yaml, timeZone, report } = request;
  const refuse = (at: YamlPath, message: string): null => {
    report(problemAt(yaml, at, { code: 'MODEL_INVALID', message }));
    return null;
  };
  const model = shape.model ?? request.model;
  if (model === undefined) return refuse(path, '`model` is missing: expected the name of the model under test');
  const asOf = shape.as_of === undefined ? undefined : parseInstant(shape.as_of, timeZone);
  if (asOf === null) refuse([...path, 'as_of'], `\`as_of\` is ${shape.as_of}: expected a date or a time`);
  const given = (shape.given ?? []).flatMap(({ input, rows }, index): readonly TestInput[] => {
    const at: YamlPath = [...path, 'given', index];
    const relation = readInput(input.trim());
    if (relation.kind === 'other') {
      refuse([...at, 'input'], `\`input\` is ${input}: expected ref('model'), source('source', 'table') or history`);
      return [];
    }
    return [{ relation, rows: rowsAt(rows ?? [], [...at, 'rows']), path: at }];
  });
  const names = given.map(({ relation }) => JSON.stringify(relation));
  for (const index of repeatedAt(names))
    refuse([...(given[index]?.path ?? path), 'input'], 'this input is given twice');
  return {
    name: shape.name,
    description: shape.description,
    file: yaml,
    path,
    model,
    asOf: asOf ?? undefined,
    params: shape.params ?? {},
    given,
    expected: rowsAt(shape.expect.rows ?? [], [...path, 'expect', 'rows']),
  };
}

/** As dbt writes it, with or without braces. */
function readInput(input: string): TestInput['relation'] | { readonly kind: 'other' } {
  if (input === 'history') return { kind: 'history' };
  return parseRelation(input.startsWith('{{') ? input : `{{ ${input} }}`);
}

function rowsAt(rows: readonly TestRow['values'][], path: YamlPath): readonly TestRow[] {
  return rows.map((values, index) => ({ values, path: [...path, index] }));
}
