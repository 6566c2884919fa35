import type { Problem } from '../errors/scoreline-error.ts';
import type { Model, ModelTest } from '../project/model-types.ts';
import type { WeightCheck } from '../scoring/weight-check.ts';
import { renderSql } from '../sql/render-sql.ts';
import type { RenderContext, TemplateText } from '../sql/types.ts';
import { noticeTests } from './notices.ts';
import type { CompiledTest } from './types.ts';

export interface CompiledTests {
  readonly tests: readonly CompiledTest[];
  /** Models that the tests read, the tested one left out. */
  readonly refs: ReadonlySet<string>;
}

/**
 * The tests of a model, with those of its primary key in front. What they read is rendered with a scope in which the
 * model's own name leads to the rows under test.
 */
export function compileTests(model: Model, key: readonly string[], context: RenderContext): CompiledTests {
  const refs = new Set<string>();
  const read = (template: TemplateText) => {
    const rendered = renderSql(template, context);
    for (const ref of rendered.refs) if (ref !== model.name) refs.add(ref);
    return rendered.fragment;
  };
  const written = [...model.columns.flatMap((column) => column.tests), ...model.tests];
  for (const test of written) {
    if (test.severity === 'warn' && isOfKey(test, key)) context.report(softKeyTest(model, test));
  }
  const tests = written
    .filter((test) => !isOfKey(test, key))
    .map((test): CompiledTest => {
      switch (test.kind) {
        case 'sql':
          return { test, isPrimaryKey: false, reads: read(templateOf(test, model)) };
        case 'relationship': {
          if (test.to !== model.name) refs.add(test.to);
          const reads = context.scope.ref(test.to);
          return reads === null ? { test, isPrimaryKey: false } : { test, isPrimaryKey: false, reads };
        }
        default:
          return { test, isPrimaryKey: false };
      }
    });
  const notices = noticeTests(model, key, context);
  return { tests: [...keyTests(model, key), ...tests, ...notices], refs };
}

/** The weights that a scorecard counts by are tested like its key, whether or not its file says so. */
export function weightTests(checks: readonly WeightCheck[]): readonly CompiledTest[] {
  return checks.map((weights) => {
    const { of, path, failing } = weights;
    const test: ModelTest = { kind: 'sql', name: `weights of ${of}`, sql: { sql: '' }, severity: 'error', path };
    return { test, isPrimaryKey: false, reads: failing, weights };
  });
}

function keyTests(model: Model, key: readonly string[]): readonly CompiledTest[] {
  if (key.length === 0) return [];
  const path = [model.kind === 'sql' ? 'key' : 'entity'];
  return (['not_null', 'unique'] as const).map((kind) => ({
    test: { kind, columns: key, severity: 'error', path },
    isPrimaryKey: true,
  }));
}

function softKeyTest({ file }: Model, { kind, path }: ModelTest): Problem {
  return {
    code: 'MODEL_INVALID',
    file: file.path,
    ...file.locate([...path, 'severity']),
    value: 'warn',
    message: `\`${kind}\` of the primary key cannot be a warning: rows are followed by it, so it always stops the model`,
    hint: 'Remove the test: the primary key is tested anyway.',
  };
}

/** Whether a test that was written down says what the key says already. */
function isOfKey(test: ModelTest, key: readonly string[]): boolean {
  if (test.kind === 'unique')
    return test.columns.length === key.length && test.columns.every((each) => key.includes(each));
  return test.kind === 'not_null' && test.columns.every((each) => key.includes(each));
}

function templateOf({ sql, path }: Extract<ModelTest, { kind: 'sql' }>, model: Model): TemplateText {
  if ('path' in sql) return { text: sql.text, file: sql.path, at: { line: 1, column: 1 }, kind: 'select' };
  return { text: sql.sql, file: model.file.path, at: model.file.locate([...path, 'sql']), kind: 'select' };
}
