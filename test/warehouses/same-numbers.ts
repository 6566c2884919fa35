import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { runProgram } from '../../src/cli/program.ts';
import { loadProject } from '../../src/project/load-project.ts';
import { isScored } from '../../src/project/scored-model.ts';
import type { Project } from '../../src/project/types.ts';
import type { WarehouseSettings } from '../../src/project/warehouse-types.ts';
import { demoHubSpotRecords } from '../../src/sandbox/demo-data/demo-hubspot-records.ts';
import { demoAsOf, generateDemoData } from '../../src/sandbox/demo-data/generate-demo-data.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Row, Value, Warehouse } from '../../src/warehouse/port.ts';
import { scoreline } from '../support/command-line.ts';
import { type ControlledSandbox, controlledSandbox } from '../support/controlled-sandbox.ts';
import { fakeIo } from '../support/fake-io.ts';
import { loadSources, rawSchema } from '../support/load-sources.ts';
import { emptyFolder } from '../support/project-files.ts';
import { openTempDuckDb } from '../support/temp-duckdb.ts';

/** An empty warehouse to run projects on. */
export interface OtherWarehouse {
  /** To load the sources and to read what was built; of somebody who may do everything. */
  readonly warehouse: Warehouse;
  /** What stands under `warehouse` of a target; texts may name variables of `env`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Runs what `scoreline grants` prints, where those of `settings` have no rights without it. */
  readonly grant?: (statements: string) => Promise<void>;
  /** The name of a schema, where others use the warehouse too. */
  schema?(name: string): string;
  dispose(): Promise<void>;
}

/** A project to run, with the data that its default target reads from files. */
interface Example {
  readonly name: string;
  /** Null where the data is not on this machine. */
  prepare(folder: string): Promise<{ readonly env: Readonly<Record<string, string>> } | null>;
  /** Records that HubSpot has before. */
  readonly records: Readonly<Record<string, readonly { readonly properties: Readonly<Record<string, string>> }[]>>;
  /** The instants of the runs, one after the other. */
  readonly asOf: readonly string[];
  /** The property that records are told apart by. */
  readonly keys: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const relaxData = join(root, '../shared/data/relax_usage');
const day = demoAsOf.slice(0, 10);

const examples: readonly Example[] = [
  {
    name: 'the demo',
    async prepare(folder) {
      for (const each of ['config', 'models', 'sql', 'syncs'])
        cpSync(join(root, each), join(folder, each), { recursive: true });
      await generateDemoData({ dir: join(folder, '.scoreline', 'data') });
      return { env: {} };
    },
    records: { ...demoHubSpotRecords() },
    asOf: [new Date(Date.parse(demoAsOf) - 7 * 86_400_000).toISOString().slice(0, 10), day],
    keys: { contacts: 'email', companies: 'domain' },
  },
  {
    name: 'real login days',
    async prepare(folder) {
      if (!existsSync(join(relaxData, 'users.csv'))) return null;
      cpSync(join(root, 'test/fixtures/relax'), folder, { recursive: true });
      return { env: { RELAX_DATA: relaxData } };
    },
    records: {},
    asOf: ['2014-05-01'],
    keys: { contacts: 'email' },
  },
];

/** What a run left behind, in words that do not depend on the warehouse. */
interface Outcome {
  /** Model → key → the row. */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  readonly history: readonly string[];
  readonly snapshot: readonly string[];
  /** What every run said of its syncs. */
  readonly results: readonly unknown[];
  /** Every write that HubSpot was asked for, in any order. */
  readonly writes: readonly string[];
}

/** The same project, unchanged, gives the same scores and asks HubSpot for the same on DuckDB and on another warehouse. */
export function describeSameNumbers(name: string, open: (timeZone: string) => Promise<OtherWarehouse>): void {
  describe.each(examples)(`$name on DuckDB and on ${name}`, (example) => {
    let folder: string;
    let other: OtherWarehouse;
    let outcomes: readonly [onDuckDb: Outcome, onOther: Outcome] | null = null;

    beforeAll(async () => {
      folder = emptyFolder();
      const prepared = await example.prepare(folder);
      if (prepared === null) return;
      const { HUBSPOT_BASE_URL: _none, ...env } = prepared.env;
      const project = loadProject({ projectDir: folder, env });
      other = await open(project.timezone);
      const [target] = project.targets.values();
      if (target === undefined || target.warehouse.type !== 'duckdb') throw new TypeError('No target on DuckDB');
      const reader = await openTempDuckDb(project.timezone);
      await loadSources(project, target, reader.warehouse, other.warehouse, rawSchemaIn(other));
      await reader.dispose();
      addTarget(folder, project, other);
      const world: World = { example, folder, project, env: { ...env, ...other.env } };
      if (other.grant !== undefined) {
        const { exitCode, out, err } = await scoreline(folder, 'grants --target other', { env: world.env });
        if (exitCode !== 0) throw new Error(err);
        await other.grant(out);
      }
      const onDuckDb = await runOn(world, target.name, () => openTarget(target.warehouse, project.timezone));
      const here = async () => ({ warehouse: other.warehouse, close: async () => {} });
      const onOther = await runOn(world, 'other', here, scoresIn(other));
      outcomes = [onDuckDb, onOther];
    }, 600_000);

    afterAll(async () => {
      await other?.dispose();
      await rm(folder, { recursive: true, force: true });
    });

    const both = () => {
      if (outcomes === null) return null;
      return { onDuckDb: outcomes[0], onOther: outcomes[1] };
    };

    test('gives every row the same score, tier, reasons and points', ({ skip }) => {
      const compared = both();
      if (compared === null) return skip(`there is no ${relaxData}`);
      const { onDuckDb, onOther } = compared;
      expect([...onOther.scores.keys()]).toEqual([...onDuckDb.scores.keys()]);
      for (const [model, rows] of onDuckDb.scores) {
        expect(rows.size).toBeGreaterThan(0);
        const theirs = onOther.scores.get(model);
        expect(theirs?.size).toBe(rows.size);
        const different = [...rows].filter(([key, row]) => JSON.stringify(theirs?.get(key)) !== JSON.stringify(row));
        expect(different.slice(0, 3).map(([key, row]) => [model, key, row, theirs?.get(key)])).toEqual([]);
      }
    });

    test('keeps the same history, and the same values and digests of what HubSpot accepted', ({ skip }) => {
      const compared = both();
      if (compared === null) return skip(`there is no ${relaxData}`);
      const { onDuckDb, onOther } = compared;
      expect(differences(onDuckDb.history, onOther.history)).toEqual(none);
      expect(onDuckDb.history.length).toBeGreaterThan(0);
      expect(differences(onDuckDb.snapshot, onOther.snapshot)).toEqual(none);
      expect(onDuckDb.snapshot.length).toBeGreaterThan(0);
    });

    test('asks HubSpot for the same', ({ skip }) => {
      const compared = both();
      if (compared === null) return skip(`there is no ${relaxData}`);
      const { onDuckDb, onOther } = compared;
      expect(onOther.results).toEqual(onDuckDb.results);
      expect(differences(onDuckDb.writes, onOther.writes)).toEqual(none);
      expect(onDuckDb.writes.length).toBeGreaterThan(0);
    });
  });
}

const rawSchemaIn = (other: OtherWarehouse) => (source: string) =>
  other.schema?.(rawSchema(source)) ?? rawSchema(source);
const scoresIn = (other: OtherWarehouse) => other.schema?.('scoreline') ?? 'scoreline';

const none = { onDuckDbAlone: [], onTheOtherAlone: [] };

/** A few of the texts that stand on one side alone, or more often there: whole lists would be of no use to anybody. */
function differences(onDuckDb: readonly string[], onOther: readonly string[]) {
  const without = (all: readonly string[], others: readonly string[]) => {
    const left = new Map<string, number>();
    for (const each of others) left.set(each, (left.get(each) ?? 0) + 1);
    const alone = all.filter((each) => {
      const count = left.get(each) ?? 0;
      left.set(each, count - 1);
      return count <= 0;
    });
    return alone.slice(0, 3);
  };
  return { onDuckDbAlone: without(onDuckDb, onOther), onTheOtherAlone: without(onOther, onDuckDb) };
}

interface World {
  readonly example: Example;
  readonly folder: string;
  readonly project: Project;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The same project with a second target, whose sources are tables. */
function addTarget(folder: string, project: Project, other: OtherWarehouse): void {
  const path = join(folder, 'config/scoreline.yml');
  const config = parse(readFileSync(path, 'utf8'));
  const sources = Object.fromEntries(
    [...project.sources.keys()].map((source) => [source, { schema: rawSchemaIn(other)(source) }]),
  );
  config.targets.other = { warehouse: other.settings, hubspot: { sandbox: true }, schema: scoresIn(other), sources };
  writeFileSync(path, stringify(config));
}

async function openTarget(settings: WarehouseSettings, timeZone: string) {
  const warehouse = await openWarehouse(settings, { timeZone });
  return { warehouse, close: () => warehouse.close() };
}

async function runOn(
  { example, folder, project, env }: World,
  target: string,
  openResult: () => Promise<{ readonly warehouse: Warehouse; close(): Promise<void> }>,
  schema = 'scoreline',
): Promise<Outcome> {
  const sandbox = await controlledSandbox({
    settings: {
      limits: { burstPer10s: null, searchPerSecond: null, perDay: null },
      log: { bodies: true, size: 10_000 },
    },
  });
  try {
    for (const [object, records] of Object.entries(example.records))
      await sandbox.seed(
        object,
        records.map(({ properties }) => properties),
      );
    const results: unknown[] = [];
    for (const asOf of example.asOf) {
      const io = fakeIo({
        cwd: folder,
        env: { ...env, HUBSPOT_BASE_URL: sandbox.url, HUBSPOT_ACCESS_TOKEN: sandbox.token },
      });
      const exitCode = await runProgram(['run', '--yes', '--target', target, '--as-of', asOf], io);
      if (exitCode !== 0) throw new Error(`run on ${target} ended with ${exitCode}: ${io.err()}`);
      results.push(JSON.parse(io.out()).syncs.map(resultOf));
    }
    const writes = await writesOf(sandbox, example);
    const { warehouse, close } = await openResult();
    try {
      return { results, writes, ...(await readOutcome(warehouse, project, schema)) };
    } finally {
      await close();
    }
  } finally {
    await sandbox.close();
  }
}

function resultOf({ seconds: _seconds, api_calls: _calls, ...result }: Readonly<Record<string, unknown>>) {
  return result;
}

async function readOutcome(
  warehouse: Warehouse,
  project: Project,
  schema: string,
): Promise<Pick<Outcome, 'scores' | 'history' | 'snapshot'>> {
  const rows = (schema: string, name: string, columns = sql`*`) =>
    warehouse.query(
      warehouse.dialect.compile(sql`select ${columns} from ${warehouse.dialect.relation({ schema, name })}`),
    );
  const scores = new Map<string, ReadonlyMap<string, unknown>>();
  for (const model of project.models.values()) {
    if (model.kind === 'sql' || model.kind === 'audience') continue;
    const key = isScored(model) ? (project.entities.get(model.entity)?.key ?? '') : '';
    const found = await rows(schema, model.name);
    scores.set(model.name, new Map(found.map((row) => [String(row[key]), plainRow(row)])));
  }
  const history = await rows(
    schema,
    'score_history',
    sql.raw('model, key, as_of, score, tier, segment, points, model_version, cause'),
  );
  const snapshot = await rows(
    `${schema}_state`,
    'snapshot',
    sql.raw('sync, model_key, object, property_values, values_hash, companions_hash, tier'),
  );
  const sorted = (all: readonly Row[]) => all.map((row) => JSON.stringify(plainRow(row))).toSorted();
  return { scores, history: sorted(history), snapshot: sorted(snapshot) };
}

/** Scores and points as numbers, those of the history (a JSON object of texts) too: decimals have closing zeros or none. */
function plainRow(row: Row): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      name === 'points' ? numbersIn(value) : isNumber(name, value) ? Number(value) : value,
    ]),
  );
}

function isNumber(column: string, value: Value): boolean {
  return typeof value === 'string' && /^(points__|score$)/.test(column);
}

function numbersIn(json: Value): unknown {
  const points: Readonly<Record<string, string>> = JSON.parse(String(json));
  return Object.fromEntries(Object.entries(points).map(([rule, value]) => [rule, Number(value)]));
}

/** Ids of records are drawn as they are made; what records are called is the same everywhere. */
async function writesOf(sandbox: ControlledSandbox, { keys }: Example): Promise<readonly string[]> {
  const called = new Map<string, string>();
  for (const [object, key] of Object.entries(keys)) {
    for (const { id, properties } of await sandbox.records(object))
      called.set(id, `${object} ${properties[key] ?? id}`);
  }
  const nameOf = (id: unknown) => called.get(String(id)) ?? String(id);
  const requests = await sandbox.requests();
  return requests
    .filter(({ method, path }) => method !== 'GET' && !/batch\/read|\/search|access-token-info/.test(path))
    .flatMap(({ method, path, requestBody = '{}', status }) => {
      const body: unknown = JSON.parse(requestBody === '' ? '{}' : requestBody);
      const of = `${method} ${path.replace(/\?.*/, '')} ${status}`;
      // Members of a list: ids of records.
      if (Array.isArray(body)) return body.map((id) => `${of} ${nameOf(id)}`);
      const { inputs, ...rest } = body as { readonly inputs?: readonly Readonly<Record<string, unknown>>[] };
      if (inputs === undefined) return [`${of} ${JSON.stringify(body)}`];
      return inputs.map(({ id, objectWriteTraceId: _trace, ...input }) =>
        [of, id === undefined ? '' : nameOf(id), JSON.stringify({ ...rest, ...input })].join(' '),
      );
    })
    .toSorted();
}
