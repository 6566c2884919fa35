import type { RowDifference } from '../../build/unit-tests/compare-rows.ts';
import type { TestedModel } from '../../operations/test-models.ts';
import { formatCounted, formatSeconds, oneLine } from './format.ts';
import type { Painter } from './painter.ts';
import { type Cell, renderTable } from './render-table.ts';
import { maxTestValue, testValue } from './test-outcome.ts';

/** One line a test, and below those that fail what differs, column by column. */
export function renderTests(tests: readonly TestedModel[], paint: Painter): string {
  if (tests.length === 0) return 'No unit tests: write `unit_tests:` into the file of a model, or into one beside it.';
  const parts = tests.map((tested) => renderTest(tested, paint));
  const seconds = tests.reduce((sum, test) => sum + test.seconds, 0);
  const failed = tests.filter(({ outcome }) => outcome.kind !== 'passed').length;
  const passed = `${formatCounted(tests.length - failed, 'unit test')} passed`;
  const counts = failed === 0 ? passed : `${passed}, ${paint.bad(`${failed} failed`)}`;
  return `${parts.join('\n')}\n\n${counts} ${paint.dim(`in ${formatSeconds(seconds)}`)}`;
}

function renderTest({ test, outcome }: TestedModel, paint: Painter): string {
  const title = `${paint.strong(test.model)}: ${oneLine(test.name)}`;
  const place = paint.dim(placeOf(test));
  switch (outcome.kind) {
    case 'passed':
      return `${paint.good('passed')}  ${title}`;
    case 'refused':
      return `${paint.bad('refused')} ${title}  ${place}`;
    case 'failed':
      return `${paint.bad('failed')}  ${title}  ${place}\n${renderDifferences(outcome.differences)}`;
    default:
      return outcome satisfies never;
  }
}

function renderDifferences(differences: readonly RowDifference[]): string {
  const rows = differences.flatMap((difference): readonly (readonly Cell[])[] => {
    const row = oneLine(difference.row, maxTestValue);
    switch (difference.kind) {
      case 'changed':
        return difference.cells.map(({ column, expected, actual }, index) => [
          index === 0 ? row : '',
          column,
          testValue(expected),
          testValue(actual),
        ]);
      case 'missing':
        return [[row, '', 'a row', 'none']];
      case 'unexpected':
        return [[row, '', 'none', 'a row']];
      default:
        return difference satisfies never;
    }
  });
  return `${renderTable(['row', 'column', 'expected', 'actual'], rows, 8)}\n`;
}

function placeOf({ file, path }: TestedModel['test']): string {
  return `${file.path}:${file.locate(path).line}`;
}
