import { selectModels } from '../build/select-models.ts';
import { RealColumns } from '../build/unit-tests/real-columns.ts';
import { runUnitTest, type UnitTestOutcome } from '../build/unit-tests/run-unit-test.ts';
import type { UnitTest } from '../project/model-types.ts';
import { compileTarget } from './compile-target.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

export interface TestedModel {
  readonly test: UnitTest;
  readonly outcome: UnitTestOutcome;
  readonly seconds: number;
}

/**
 * The command `test`: the unit tests of the selected models (dbt's selectors; none means all), in the order of building.
 * Reads no table and writes none. Tests that fail are in the result, not thrown.
 */
export async function testModels(workspace: Workspace, selectors: readonly string[]): Promise<readonly TestedModel[]> {
  const { project, now, report, signal } = workspace;
  const compiled = compileTarget(workspace);
  const selected = selectModels(compiled.models, selectors);
  const tests = [...selected].flatMap((name) => project.unitTests.filter(({ model }) => model === name));
  if (tests.length === 0) return [];
  return withWarehouse(workspace, async (warehouse) => {
    const columns = new RealColumns(warehouse, compiled, signal);
    const done: TestedModel[] = [];
    for (const test of tests) {
      const startedAt = now().getTime();
      const outcome = await runUnitTest({ compiled, warehouse, columns, test, signal });
      done.push({ test, outcome, seconds: (now().getTime() - startedAt) / 1000 });
      report({
        level: 'debug',
        event: 'unit_test_done',
        model: test.model,
        message: `${test.model}: ${test.name}: ${outcome.kind}`,
        passing: true,
        progress: { done: done.length, total: tests.length },
      });
    }
    return done;
  });
}
