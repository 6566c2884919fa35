import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WarehouseSettings } from '../../src/project/warehouse-types.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Row, Warehouse } from '../../src/warehouse/port.ts';
import { alikeProject, loadSources } from '../support/alike-project.ts';
import type { CloudServer } from '../support/cloud-server.ts';
import { scoreline } from '../support/command-line.ts';
import { writeProject } from '../support/project-files.ts';

type Place = Pick<CloudServer, 'settings' | 'target' | 'schema' | 'stop'>;

const days = ['2026-01-20', '2026-02-01'];
/** Somebody who is not in the model any more on the last day. */
const leaver = ' --param without=P004';
const tables = {
  leads: 'lead_id',
  lead_score: 'lead_id',
  lead_fit: 'lead_id',
  lead_grade: 'lead_id',
  account_score: 'account_id',
  hot_leads: 'lead_id',
  score_changes: 'model, key',
} as const;

/** What is asked behind the runs; `RUN` is the last one. All end well. */
const questions = [
  'diff lead_score --param half_life=7d',
  'explain lead_score P002',
  'audit contacts',
  'rollback RUN --yes',
  'forget contacts person0@one.example --yes',
  'rejected',
];

interface Outcome {
  /** Command, exit code, and the errors of one that did not end well. */
  readonly exits: readonly (readonly [line: string, exitCode: number | null, errors: string])[];
  /** The JSON of each. */
  readonly said: Readonly<Record<string, unknown>>;
  /** Of HubSpot, in their order. */
  readonly requests: readonly unknown[];
  readonly tables: Readonly<Record<string, readonly Row[]>>;
}

/**
 * A project with every kind of rule, count, decay and roll-up goes through the life of a sync, and says, scores and sends on
 * a warehouse what it does on DuckDB.
 * @param missing why there is no such warehouse; null where there is
 */
export function describeWholeProject(name: string, missing: string | null, start: () => Promise<Place>): void {
  describe.skipIf(missing !== null)(`A project on ${name} ${missing ?? ''}`, () => {
    let place: Place;
    beforeAll(async () => {
      place = await start();
    });
    afterAll(() => place?.stop());

    test('says, scores and sends what it does on DuckDB', { timeout: 900_000 }, async () => {
      const config = String(alikeProject['config/scoreline.yml']).replace(
        '{ sandbox: true }',
        '{ token: right-token }',
      );
      const onDuckDb = writeProject({ ...alikeProject, 'config/scoreline.yml': config });
      const there = writeProject({
        ...alikeProject,
        'config/scoreline.yml': config
          .replace('{ type: duckdb, path: .scoreline/test.duckdb }', JSON.stringify(place.target))
          .replace('schema: raw_app', `schema: ${place.schema('raw_app')}`)
          .replace('schema: scoreline', `schema: ${place.schema('scoreline')}`),
      });
      const path = join(onDuckDb, '.scoreline/test.duckdb');
      const expected = await outcomeOf(onDuckDb, { type: 'duckdb', path, memoryLimit: '512MB' });
      expect(expected.exits).toEqual(expected.exits.map(([line]) => [line, 0, '']));
      expect(expected.requests.length).toBeGreaterThan(5);
      expect(JSON.stringify(expected.said)).toContain('"cleared":1');
      for (const [table, rows] of Object.entries(expected.tables)) expect(rows.length, table).toBeGreaterThan(3);

      const outcome = await outcomeOf(there, place.settings, place.schema);
      expect(outcome.exits).toEqual(expected.exits);
      expect(outcome.tables).toEqual(expected.tables);
      expect(outcome.requests).toEqual(expected.requests);
      expect(outcome.said).toEqual(expected.said);
    });
  });
}

/** Runs the project on some days, against a HubSpot of its own, and asks what there is to be asked. */
async function outcomeOf(
  dir: string,
  settings: WarehouseSettings,
  named = (schema: string) => schema,
): Promise<Outcome> {
  const opened = async <T>(work: (warehouse: Warehouse) => Promise<T>) => {
    const warehouse = await openWarehouse(settings, { timeZone: 'UTC' });
    return work(warehouse).finally(() => warehouse.close());
  };
  await opened((warehouse) => loadSources(warehouse, named('raw_app')));
  const sandbox = await startSandbox({ token: 'right-token' });
  try {
    const env = { ...process.env, HUBSPOT_BASE_URL: sandbox.url, HUBSPOT_ACCESS_TOKEN: 'right-token' };
    const exits: [string, number | null, string][] = [];
    const said: Record<string, unknown> = {};
    const command = async (line: string, day: string, run = '') => {
      const { exitCode, out, err } = await scoreline(dir, line.replace('RUN', run), {
        env,
        now: new Date(`${day}T00:00:00Z`),
      });
      exits.push([line, exitCode, exitCode === 0 ? '' : err]);
      const answer: unknown = JSON.parse(out);
      said[`${day} ${line}`] = comparable(answer);
      return String((answer as { run_id: unknown }).run_id);
    };
    let run = '';
    const runOf = (day: string) => `run --yes --override max_changed=test${day === days.at(-1) ? leaver : ''}`;
    for (const day of days) run = await command(runOf(day), day);
    await command('build accounts account_score lead_fit lead_grade', days.at(-1) ?? '');
    const read = await opened((warehouse) => readTables(warehouse, named('scoreline')));
    for (const line of questions) await command(line, days.at(-1) ?? '', run);
    const answer = await fetch(`${sandbox.url}/_sandbox/requests?limit=10000`);
    const { requests } = (await answer.json()) as { requests: readonly Record<string, unknown>[] };
    return { exits, said, requests: requests.map(({ method, path, body }) => ({ method, path, body })), tables: read };
  } finally {
    await sandbox.close();
  }
}

async function readTables(warehouse: Warehouse, schema: string): Promise<Outcome['tables']> {
  const found: Record<string, readonly Row[]> = {};
  for (const [name, key] of Object.entries(tables)) {
    const text = `select * from ${schema}.${name} order by ${key}`;
    const rows = await warehouse.query({ text, binds: [] });
    found[name] = rows.map((row) => comparable(row) as Row);
  }
  return found;
}

/** Ids, digests and what a clock measured are each warehouse's own. */
const ownNames = /(^|_)(id|version|digest|seconds|spent|at|salt|warnings|receipt|build|read)$/;

/** Numbers by their value, in texts too: decimals have closing zeros or none. */
function comparable(value: unknown, name = ''): unknown {
  if (ownNames.test(name)) return 'its own';
  if (Array.isArray(value)) return value.map((each) => comparable(each));
  if (typeof value === 'number') return Number(value.toPrecision(12));
  if (typeof value === 'string' && /^-?\d+\.\d+$/.test(value)) return value.replace(/\.?0+$/, '');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, comparable(each, key)]));
}
