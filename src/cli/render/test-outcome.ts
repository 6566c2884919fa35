import type { RowDifference } from '../../build/unit-tests/compare-rows.ts';
import { type Problem, ScorelineError } from '../../errors/scoreline-error.ts';
import type { TestedModel } from '../../operations/test-models.ts';
import { formatCounted, oneLine } from './format.ts';

/** Longer values push a table off the screen. */
export const maxTestValue = 60;

/** A value in the row of a test, on one line. */
export function testValue(value: string | null): string {
  return value === null ? '(null)' : oneLine(value, maxTestValue);
}

export function testsAsJson(tests: readonly TestedModel[]): Readonly<Record<string, unknown>> {
  return {
    passed: tests.filter(({ outcome }) => outcome.kind === 'passed').length,
    failed: tests.filter(({ outcome }) => outcome.kind !== 'passed').length,
    tests: tests.map(({ test, outcome, seconds }) => ({
      model: test.model,
      test: test.name,
      file: test.file.path,
      line: test.file.locate(test.path).line,
      result: outcome.kind,
      seconds,
      ...(outcome.kind === 'failed' && {
        differences: outcome.differences.map((each) => differenceAsJson(test, each)),
      }),
      ...(outcome.kind === 'refused' && { problems: outcome.problems }),
    })),
  };
}

function differenceAsJson({ file }: TestedModel['test'], difference: RowDifference) {
  if (difference.kind === 'unexpected') return difference;
  const { path, ...rest } = difference;
  return { ...rest, line: file.locate(path).line };
}

/** Tests that cannot run come first: what they would say is not known. */
export function testError(tests: readonly TestedModel[]): ScorelineError | undefined {
  const refused = tests.flatMap(({ outcome }) => (outcome.kind === 'refused' ? outcome.problems : []));
  const failed = tests.filter(({ outcome }) => outcome.kind === 'failed');
  const problems = [...refused, ...failed.flatMap(problemsOf)];
  if (problems.length === 0) return undefined;
  const [first] = refused;
  const wrong = tests.filter(({ outcome }) => outcome.kind !== 'passed').length;
  const message = `${formatCounted(wrong, 'unit test')} of ${tests.length} did not pass`;
  return new ScorelineError(first?.code ?? 'GUARD_UNIT_TEST', message, {
    problems,
    ...(first !== undefined && { hint: 'Tests that cannot run as written come first; mend those.' }),
  });
}

function problemsOf({ test, outcome }: TestedModel): readonly Problem[] {
  if (outcome.kind !== 'failed') return [];
  const [first, ...more] = outcome.differences;
  const at = first !== undefined && 'path' in first ? first.path : test.path;
  const others = more.length === 0 ? '' : `, and ${formatCounted(more.length, 'more row')}`;
  return [
    {
      code: 'GUARD_UNIT_TEST',
      file: test.file.path,
      ...test.file.locate(at),
      message: `\`${test.model}\`: ${test.name}: ${first === undefined ? 'differs' : inWords(first)}${others}`,
    },
  ];
}

function inWords(difference: RowDifference): string {
  switch (difference.kind) {
    case 'changed': {
      const [cell] = difference.cells;
      if (cell === undefined) return `${difference.row} differs`;
      return `${difference.row}: \`${cell.column}\` is ${testValue(cell.actual)}, expected ${testValue(cell.expected)}`;
    }
    case 'missing':
      return `${difference.row} is not there`;
    case 'unexpected':
      return `${difference.row} is not expected`;
    default:
      return difference satisfies never;
  }
}
