import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bigQueryAccount, snowflakeAccount } from '../support/test-accounts.ts';
import { startPostgresContainer } from './postgres-container.ts';

/*
 * `npm run test:warehouses`: the suites of all warehouses, each on the best server that can be had: one named by the
 * environment, then a container, then a local server, else skipped with the reason. Ends with 1 if any case failed.
 */

const root = fileURLToPath(new URL('../../', import.meta.url));
const report = join(root, '.cache', 'warehouses.json');

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const isInstalled = (name: string) => existsSync(join(root, '.cache', `${name}-emulator`, 'packages.txt'));
/** Why there is no container for either is in the README. */
const missing = (variable: string) =>
  `skipped: ${variable} names no account, no container is offered, and no emulator is installed (npm run emulators)`;
const googleProject = bigQueryAccount(process.env)?.project;
const account = snowflakeAccount(process.env)?.account;
const given = process.env.SCORELINE_TEST_POSTGRES_URL ? 'the server of SCORELINE_TEST_POSTGRES_URL' : null;
const container = given === null ? await startPostgresContainer() : null;

const servers: Readonly<Record<string, string>> = {
  duckdb: 'in this process',
  postgres: given ?? container?.words ?? 'local server from npm (no Docker here)',
  bigquery:
    (googleProject && `real: project ${googleProject}`) ??
    (isInstalled('bigquery') ? 'emulator local-bigquery' : missing('SCORELINE_TEST_BIGQUERY_PROJECT')),
  snowflake:
    (account && `real: account ${account}`) ??
    (isInstalled('snowflake') ? 'emulator fakesnow' : missing('SCORELINE_TEST_SNOWFLAKE_ACCOUNT')),
};

mkdirSync(join(root, '.cache'), { recursive: true });
const vitest = spawn(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--config', 'test/warehouses/vitest.config.ts'],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(container && { SCORELINE_TEST_POSTGRES_URL: container.url }) },
  },
);
const [code] = await once(vitest, 'close');
await container?.stop();

const { testResults }: Report = JSON.parse(readFileSync(report, 'utf8'));
process.stdout.write('\nwarehouse   passed  failed  skipped  seconds  server\n');
for (const [warehouse, server] of Object.entries(servers)) {
  const files = testResults.filter(({ name }) => name.includes(warehouse));
  const cases = files.flatMap((file) => file.assertionResults);
  const of = (...statuses: readonly string[]) => cases.filter(({ status }) => statuses.includes(status)).length;
  const unloaded = files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  const passed = of('passed');
  const failed = of('failed') + unloaded;
  const seconds = files.reduce((sum, file) => sum + (file.endTime - file.startTime) / 1000, 0);
  const figures = [passed, failed, cases.length - passed - of('failed'), Math.round(seconds)];
  const [first = '', ...others] = figures.map((figure, index) => String(figure).padStart([6, 8, 9, 9][index] ?? 0));
  process.stdout.write(`${warehouse.padEnd(12)}${first}${others.join('')}  ${server}\n`);
}
process.exitCode = code === 0 ? 0 : 1;
