import { basename } from 'node:path/posix';
import { problemAt } from '../files/problem-at.ts';
import type { SqlFiles } from '../files/sql-files.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ModelTest } from '../model-types.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { ModelShape } from '../shapes/model-schema.ts';
import type { ColumnTestShape, ModelTestShape } from '../shapes/model-test-schema.ts';

export interface ModelTestsRequest {
  readonly shape: Pick<ModelShape, 'columns' | 'tests'>;
  readonly yaml: YamlFile;
  readonly sqlFiles: SqlFiles;
  readonly report: ProblemSink;
}

export interface ReadModelTests {
  /** By the column's index. */
  readonly columnTests: readonly (readonly ModelTest[])[];
  readonly modelTests: readonly ModelTest[];
}

export function readModelTests(request: ModelTestsRequest): ReadModelTests {
  const { shape } = request;
  return {
    columnTests: (shape.columns ?? []).map(({ name, tests }, column) =>
      (tests ?? []).flatMap((test, index) => columnTest(name, test, ['columns', column, 'tests', index], request)),
    ),
    modelTests: (shape.tests ?? []).flatMap((test, index) => modelTest(test, index, request)),
  };
}

function columnTest(
  column: string,
  shape: ColumnTestShape,
  path: YamlPath,
  request: ModelTestsRequest,
): readonly ModelTest[] {
  if (typeof shape === 'string') return [{ kind: shape, columns: [column], severity: 'error', path }];
  const { severity, ...test } = shape;
  if (!hasOneKey(test, path, request)) return [];
  const { unique, not_null: notNull, accepted_values: values, between, relationship } = test;
  if (unique) return [{ kind: 'unique', columns: [column], severity, path }];
  if (notNull) return [{ kind: 'not_null', columns: [column], severity, path }];
  if (values !== undefined) return [{ kind: 'accepted_values', column, values, severity, path }];
  if (between !== undefined) {
    const fits = isRange(between, [...path, 'between'], request);
    return fits ? [{ kind: 'between', column, ...between, severity, path }] : [];
  }
  return relationship === undefined ? [] : [{ kind: 'relationship', column, ...relationship, severity, path }];
}

function modelTest(shape: ModelTestShape, index: number, request: ModelTestsRequest): readonly ModelTest[] {
  const path: YamlPath = ['tests', index];
  const { severity, ...test } = shape;
  if (!hasOneKey(test, path, request)) return [];
  const { unique, not_null: notNull, row_count: rowCount, sql } = test;
  if (unique !== undefined) return [{ kind: 'unique', columns: unique, severity, path }];
  if (notNull !== undefined) return [{ kind: 'not_null', columns: notNull, severity, path }];
  if (rowCount !== undefined) {
    const fits = isRange(rowCount, [...path, 'row_count'], request);
    return fits ? [{ kind: 'row_count', ...rowCount, severity, path }] : [];
  }
  if (sql === undefined) return [];
  if (!/^\S+\.sql$/.test(sql)) return [{ kind: 'sql', name: `sql_${index + 1}`, sql: { sql }, severity, path }];
  const file = request.sqlFiles.read(sql, { yaml: request.yaml, path: [...path, 'sql'] });
  return file === null ? [] : [{ kind: 'sql', name: basename(sql, '.sql'), sql: file, severity, path }];
}

function hasOneKey(shape: object, path: YamlPath, { yaml, report }: ModelTestsRequest): boolean {
  const keys = Object.entries(shape).filter(([, value]) => value !== undefined);
  if (keys.length === 1) return true;
  const found = keys.length === 0 ? 'no test' : keys.map(([key]) => `\`${key}\``).join(' and ');
  const message = `one entry of \`tests\` has ${found}: expected one test in each`;
  report(problemAt(yaml, path, { code: 'MODEL_INVALID', message }));
  return false;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

function isRange({ min, max }: Range, path: YamlPath, { yaml, report }: ModelTestsRequest): boolean {
  const refuse = (message: string): false => {
    report(problemAt(yaml, path, { code: 'MODEL_INVALID', message }));
    return false;
  };
  if (min === undefined && max === undefined) return refuse('expected `min`, `max` or both');
  if (min !== undefined && max !== undefined && min > max) return refuse(`min ${min} is above max ${max}`);
  return true;
}
