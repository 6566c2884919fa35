import { defineConfig } from 'vitest/config';

/** Tests that also run on PostgreSQL, for what they ask of a warehouse; any other does so with SCORELINE_TEST_WAREHOUSE=postgres. */
const onPostgres = [
  'test/integration/scoring.{property,rules,verdict}.test.ts',
  'test/integration/for-each.test.ts',
  'test/integration/score-history.{kinds,property}.test.ts',
  'test/unit/sync/{convergence,lists,rejections}.test.ts',
  'test/unit/state/leases.test.ts',
];

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more workers than that only make them wait for each other.
    maxWorkers: 2,
    projects: [
      // Whole projects on each warehouse take minutes, and emulators: `npm run test:warehouses`.
      { extends: true, test: { name: 'duckdb', include: ['test/**/*.test.ts'], exclude: ['test/warehouses/**'] } },
      { extends: true, test: { name: 'postgres', include: onPostgres, env: { SCORELINE_TEST_WAREHOUSE: 'postgres' } } },
    ],
  },
});
