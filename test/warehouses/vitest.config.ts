import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { bigQueryAccount, snowflakeAccount } from '../support/test-accounts.ts';

const isReal = bigQueryAccount(process.env) !== null || snowflakeAccount(process.env) !== null;
/** A statement takes 50 ms on an emulator, a command of the product some hundred statements, and a real account up to 2 s each. */
const timeoutMs = isReal ? 1_800_000 : 300_000;

/** Whole projects take minutes: they go first, so that no worker is left with one of them at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = ['same-numbers', 'whole-project', 'bad-input'].findIndex((name) => moduleId.includes(name));
      return found < 0 ? Number.POSITIVE_INFINITY : found;
    };
    const byName = (await super.sort(files)).sort((a, b) => (a.moduleId < b.moduleId ? -1 : 1));
    return byName.sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
  }
}

/** The suites of `npm run test:warehouses`: those of BigQuery and Snowflake need `npm run emulators`. */
// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/warehouses/**/*.test.ts', 'test/contract/*{duckdb,postgres}*.test.ts'],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
