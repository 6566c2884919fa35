import { didYouMean } from '../../errors/did-you-mean.ts';
import type { Problem } from '../../errors/scoreline-error.ts';
import type { TestRow, UnitTest } from '../../project/model-types.ts';
import type { Column } from '../../warehouse/port.ts';
import type { CompiledModel } from '../types.ts';
import { testProblem } from './test-inputs.ts';

export interface ComparedColumns {
  readonly columns: readonly Column[];
  /** Columns that rows are known by; empty where a row of the test does not name them all. */
  readonly key: readonly string[];
  /** Columns that the test names and the model does not have. */
  readonly problems: readonly Problem[];
}

/** What a test compares. @param there the columns of its model */
export function comparedColumns(test: UnitTest, { key }: CompiledModel, there: readonly Column[]): ComparedColumns {
  const byName = new Map(there.map((column) => [column.name.toLowerCase(), column]));
  const named = new Set<string>();
  const problems: Problem[] = [];
  for (const { values, path } of test.expected) {
    for (const written of Object.keys(values)) {
      named.add(written.toLowerCase());
      if (byName.has(written.toLowerCase())) continue;
      const message = `\`${test.model}\` has no column \`${written}\``;
      const hint = didYouMean(
        written,
        there.map(({ name }) => name),
      );
      problems.push(testProblem(test, [...path, written], { value: written, message, hint }));
    }
  }
  const wanted = there.filter(({ name }) => named.has(name.toLowerCase()));
  const ownKey = there.filter(({ name }) => key.some((each) => each.toLowerCase() === name.toLowerCase()));
  const hasKey = ownKey.length > 0 && test.expected.every(({ values }) => namesAll(values, ownKey));
  // A test that expects no row still has to name the rows that come.
  const columns = wanted.length > 0 ? wanted : ownKey.length > 0 ? ownKey : there;
  return { columns, key: hasKey || wanted.length === 0 ? ownKey.map(({ name }) => name) : [], problems };
}

function namesAll(values: TestRow['values'], columns: readonly Column[]): boolean {
  const named = Object.keys(values).map((name) => name.toLowerCase());
  return columns.every(({ name }) => named.includes(name.toLowerCase()));
}
