import { defineConfig } from 'vitest/config';

/** The suites of `npm run test:warehouses`: those of BigQuery and Snowflake need `npm run emulators`. */
// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/warehouses/**/*.test.ts', 'test/contract/*{duckdb,postgres}*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
