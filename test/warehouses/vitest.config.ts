import { defineConfig } from 'vitest/config';
import { bigQueryAccount, snowflakeAccount } from '../support/test-accounts.ts';

const isReal = bigQueryAccount(process.env) !== null || snowflakeAccount(process.env) !== null;
/** A statement takes 50 ms on an emulator, a command of the product some hundred statements, and a real account up to 2 s each. */
const timeoutMs = isReal ? 1_800_000 : 300_000;

/** The suites of `npm run test:warehouses`: those of BigQuery and Snowflake need `npm run emulators`. */
// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/warehouses/**/*.test.ts', 'test/contract/*{duckdb,postgres}*.test.ts'],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    maxWorkers: 2,
  },
});
