import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { BigQuerySettings, SnowflakeSettings } from '../../src/project/warehouse-types.ts';
import { shareInstance } from '../../src/warehouse/duckdb/instance.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Value, Warehouse } from '../../src/warehouse/port.ts';
import { emulatedProject, hasBigQueryEmulator, startBigQueryEmulator } from '../support/bigquery-emulator.ts';
import { hasSnowflakeEmulator, startSnowflakeEmulator } from '../support/snowflake-emulator.ts';
import { openTempPostgres } from '../support/temp-postgres.ts';
import { openBareBigQuery } from './bare-clients/bare-bigquery.ts';
import { type BareClient, type Fact, factColumns, factsUpTo } from './bare-clients/bare-client.ts';
import { openBareDuckDb } from './bare-clients/bare-duckdb.ts';
import { openBarePostgres } from './bare-clients/bare-postgres.ts';
import { openBareSnowflake } from './bare-clients/bare-snowflake.ts';

export interface AdapterFigures {
  readonly warehouse: string;
  readonly what: string;
  /** Of rows, or round trips. */
  readonly count: number;
  /** A second: the median of the rounds. */
  readonly adapter: number;
  readonly bare: number;
}

interface Counts {
  readonly roundTrips: number;
  readonly rows: number;
}

interface Contest extends Counts {
  readonly warehouse: string;
  readonly adapter: Warehouse;
  readonly bare: BareClient;
  close(): Promise<void>;
}

const rounds = 3;
/** Emulators take their time. */
const onEmulator: Counts = { roundTrips: 10, rows: 100_000 };

const notInstalled = 'the emulator is not installed: run `npm run emulators`';

const contests: readonly {
  readonly name: string;
  readonly missing: string | null;
  readonly open: (counts: Counts) => Promise<Contest>;
}[] = [
  { name: 'duckdb', missing: null, open: openDuckDb },
  { name: 'postgres', missing: null, open: openPostgres },
  { name: 'bigquery', missing: hasBigQueryEmulator ? null : notInstalled, open: openBigQuery },
  { name: 'snowflake', missing: hasSnowflakeEmulator ? null : notInstalled, open: openSnowflake },
];

/**
 * The same work through each adapter and through its client alone: a round trip, reading rows, writing rows.
 * @yields a line that says why, for a warehouse that has no server here
 */
export async function* measureWarehouses(
  counts: Counts = { roundTrips: 2000, rows: 1_000_000 },
): AsyncGenerator<AdapterFigures | string, void> {
  for (const { name, missing, open } of contests) {
    if (missing !== null) {
      yield `${name} skipped: ${missing}`;
      continue;
    }
    const contest = await open(counts);
    try {
      yield* compare(contest);
    } finally {
      await contest.close();
    }
  }
}

async function* compare(contest: Contest): AsyncGenerator<AdapterFigures, void> {
  const { warehouse, roundTrips, rows, adapter, bare } = contest;
  const one = adapter.dialect.compile(sql`select 1 as n`);
  const wanted = (rows * (rows - 1)) / 2;
  const readAll = async (read: () => Promise<number>) => {
    const sum = await read();
    if (sum !== wanted) throw new Error(`Not every row of ${warehouse} was read: ${sum} instead of ${wanted}`);
  };
  yield race(contest, 'round trips', roundTrips, {
    adapter: () => times(roundTrips, () => adapter.query(one)),
    bare: () => times(roundTrips, () => bare.roundTrip()),
  });
  yield race(contest, 'rows read', rows, {
    adapter: () => readAll(() => readFacts(adapter)),
    bare: () => readAll(() => bare.read()),
  });
  yield race(contest, 'rows written', rows, {
    before: () => makeTable(adapter, 'written'),
    adapter: () => writeFacts(adapter, 'written', rows),
    bare: () => bare.write(factsUpTo(rows)),
    after: () => expectRows(adapter, rows),
  });
}

interface Race {
  /** Not timed. */
  readonly before?: () => Promise<void>;
  readonly adapter: () => Promise<void>;
  readonly bare: () => Promise<void>;
  readonly after?: () => Promise<void>;
}

/** In turns, so that what else the machine does meets both; who begins alternates. */
async function race({ warehouse }: Contest, what: string, count: number, each: Race): Promise<AdapterFigures> {
  const seconds = { adapter: [] as number[], bare: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const turns = round % 2 === 0 ? (['adapter', 'bare'] as const) : (['bare', 'adapter'] as const);
    for (const turn of turns) {
      await each.before?.();
      const startedAt = performance.now();
      await each[turn]();
      seconds[turn].push((performance.now() - startedAt) / 1000);
      await each.after?.();
    }
  }
  return {
    warehouse,
    what,
    count,
    adapter: count / median(seconds.adapter),
    bare: count / median(seconds.bare),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < count; n++) await work();
}

async function readFacts(warehouse: Warehouse): Promise<number> {
  const { dialect } = warehouse;
  const select = dialect.compile(sql`select * from ${dialect.relation({ schema: 'bench', name: 'facts' })}`);
  let sum = 0;
  for await (const rows of warehouse.stream(select)) {
    for (const row of rows) sum += Number(row.id);
  }
  return sum;
}

async function makeTable(warehouse: Warehouse, name: string): Promise<void> {
  const { dialect } = warehouse;
  const nulls = factColumns.map((column) => sql`${dialect.bind(column.type, null)} as ${sql.id(column.name)}`);
  const nothing = sql`select * from (select ${sql.join(nulls)}) as nothing where 1 = 0`;
  await warehouse.createTable({ schema: 'bench', name }, dialect.compile(nothing));
}

async function writeFacts(warehouse: Warehouse, name: string, rows: number): Promise<void> {
  await warehouse.append({ schema: 'bench', name }, factColumns, valuesOf(factsUpTo(rows)));
}

function* valuesOf(facts: Iterable<Fact>): Generator<readonly Value[]> {
  for (const { id, email, cents, at, isCustomer, share } of facts) {
    yield [id, email, (cents / 100).toFixed(2), at.toISOString(), isCustomer, share];
  }
}

async function expectRows(warehouse: Warehouse, rows: number): Promise<void> {
  const { dialect } = warehouse;
  const written = dialect.relation({ schema: 'bench', name: 'written' });
  const [found] = await warehouse.query(dialect.compile(sql`select count(*) as n from ${written}`));
  if (Number(found?.n) !== rows) throw new Error(`Not every row was written: ${found?.n} of ${rows}`);
}

/** With the table to read. */
async function prepare(warehouse: Warehouse, rows: number): Promise<void> {
  await makeTable(warehouse, 'facts');
  await writeFacts(warehouse, 'facts', rows);
}

async function openDuckDb(counts: Counts): Promise<Contest> {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-bench-'));
  const settings = { type: 'duckdb', path: join(folder, 'file.duckdb'), memoryLimit: '1GB' } as const;
  const adapter = await openWarehouse(settings, { timeZone: 'UTC' });
  await prepare(adapter, counts.rows);
  const { instance, release } = await shareInstance(settings);
  const bare = await openBareDuckDb(instance);
  const close = async () => {
    await bare.close();
    release();
    await adapter.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { warehouse: 'DuckDB', ...counts, adapter, bare, close };
}

async function openPostgres(counts: Counts): Promise<Contest> {
  const { warehouse: adapter, adminUrl, dispose } = await openTempPostgres('UTC', { schemas: ['bench'] });
  await prepare(adapter, counts.rows);
  const bare = await openBarePostgres(adminUrl);
  const close = async () => {
    await bare.close();
    await dispose();
  };
  return { warehouse: 'PostgreSQL', ...counts, adapter, bare, close };
}

async function openBigQuery(): Promise<Contest> {
  const { url, stop } = await startBigQueryEmulator();
  const settings: BigQuerySettings = { type: 'bigquery', project: emulatedProject, location: 'EU', apiEndpoint: url };
  const adapter = await openWarehouse(settings, { timeZone: 'UTC' });
  await prepare(adapter, onEmulator.rows);
  const bare = openBareBigQuery(settings);
  const close = async () => {
    await bare.close();
    await adapter.close();
    await stop();
  };
  return { warehouse: 'BigQuery (emulator)', ...onEmulator, adapter, bare, close };
}

async function openSnowflake(): Promise<Contest> {
  const { url, stop } = await startSnowflakeEmulator();
  const settings: SnowflakeSettings = {
    ...{ type: 'snowflake', account: 'fake', username: 'scoreline', role: 'SCORELINE', warehouse: 'SCORELINE_WH' },
    credential: { kind: 'password', password: 'secret' },
    database: 'bench',
    host: url,
  };
  const adapter = await openWarehouse(settings, { timeZone: 'UTC' });
  await prepare(adapter, onEmulator.rows);
  const bare = await openBareSnowflake(url, 'bench');
  const close = async () => {
    await bare.close();
    await adapter.close();
    await stop();
  };
  return { warehouse: 'Snowflake (emulator)', ...onEmulator, adapter, bare, close };
}
