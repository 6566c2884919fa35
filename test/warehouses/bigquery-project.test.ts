import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WarehouseSettings } from '../../src/project/warehouse-types.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Row } from '../../src/warehouse/port.ts';
import { alikeProject, loadSources } from '../support/alike-project.ts';
import { bigQuery, type CloudServer } from '../support/cloud-server.ts';
import { scoreline } from '../support/command-line.ts';
import { writeProject } from '../support/project-files.ts';

const days = ['2026-01-20', '2026-02-01'];
const tables = {
  leads: 'lead_id',
  lead_score: 'lead_id',
  lead_fit: 'lead_id',
  lead_grade: 'lead_id',
  account_score: 'account_id',
  hot_leads: 'lead_id',
  score_changes: 'model, key',
} as const;

interface Outcome {
  readonly exits: readonly (readonly [exitCode: number | null, errors: string])[];
  /** Of HubSpot, in their order. */
  readonly requests: readonly unknown[];
  readonly tables: Readonly<Record<string, readonly Row[]>>;
}

describe.skipIf(bigQuery.missing !== null)(`A project on BigQuery ${bigQuery.missing ?? ''}`, () => {
  let server: CloudServer;
  beforeAll(async () => {
    server = await bigQuery.start();
  });
  afterAll(() => server.stop());

  /** Runs the project on some days, against a HubSpot of its own. */
  async function outcomeOf(
    dir: string,
    settings: WarehouseSettings,
    named = (schema: string) => schema,
  ): Promise<Outcome> {
    const opened = async <T>(work: (warehouse: Awaited<ReturnType<typeof openWarehouse>>) => Promise<T>) => {
      const warehouse = await openWarehouse(settings, { timeZone: 'UTC' });
      return work(warehouse).finally(() => warehouse.close());
    };
    await opened((warehouse) => loadSources(warehouse, named('raw_app')));
    const sandbox = await startSandbox({ token: 'right-token' });
    try {
      const env = { ...process.env, HUBSPOT_BASE_URL: sandbox.url, HUBSPOT_ACCESS_TOKEN: 'right-token' };
      const exits: [number | null, string][] = [];
      const command = async (line: string, day = '') => {
        const { exitCode, err } = await scoreline(dir, line, { env, now: new Date(`${day}T00:00:00Z`) });
        exits.push([exitCode, exitCode === 0 ? '' : err]);
      };
      for (const day of days) await command('run --yes --override max_changed=test', day);
      await command('build accounts account_score lead_fit lead_grade', days.at(-1));
      const answer = await fetch(`${sandbox.url}/_sandbox/requests?limit=10000`);
      const { requests } = (await answer.json()) as { requests: readonly Record<string, unknown>[] };
      const read = await opened(async (warehouse) => {
        const found: Record<string, readonly Row[]> = {};
        for (const [name, key] of Object.entries(tables)) {
          const text = `select * from ${named('scoreline')}.${name} order by ${key}`;
          found[name] = (await warehouse.query({ text, binds: [] })).map(comparable);
        }
        return found;
      });
      return { exits, requests: requests.map(({ method, path, body }) => ({ method, path, body })), tables: read };
    } finally {
      await sandbox.close();
    }
  }

  test('scores as on DuckDB, and sends HubSpot the same', { timeout: 900_000 }, async () => {
    const config = String(alikeProject['config/scoreline.yml']).replace('{ sandbox: true }', '{ token: right-token }');
    const onDuckDb = writeProject({ ...alikeProject, 'config/scoreline.yml': config });
    const onBigQuery = writeProject({
      ...alikeProject,
      'config/scoreline.yml': config
        .replace('{ type: duckdb, path: .scoreline/test.duckdb }', JSON.stringify(server.target))
        .replace('schema: raw_app', `schema: ${server.schema('raw_app')}`)
        .replace('schema: scoreline', `schema: ${server.schema('scoreline')}`),
    });
    const path = join(onDuckDb, '.scoreline/test.duckdb');
    const expected = await outcomeOf(onDuckDb, { type: 'duckdb', path, memoryLimit: '512MB' });
    expect(expected.exits).toEqual([...days, 'build'].map(() => [0, '']));
    expect(expected.requests.length).toBeGreaterThan(5);
    for (const [name, rows] of Object.entries(expected.tables)) expect(rows.length, name).toBeGreaterThan(3);

    const outcome = await outcomeOf(onBigQuery, server.settings, server.schema);
    expect(outcome.exits).toEqual(expected.exits);
    expect(outcome.tables).toEqual(expected.tables);
    expect(outcome.requests).toEqual(expected.requests);
  });
});

/** Decimals by their value; versions and runs have names of their own. */
function comparable(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (/model_version$|^run_id$/.test(name)) return [name, typeof value];
      if (typeof value === 'string' && /^-?\d+\.\d+$/.test(value)) return [name, value.replace(/\.?0+$/, '')];
      return [name, typeof value === 'number' ? Number(value.toPrecision(12)) : value];
    }),
  );
}
