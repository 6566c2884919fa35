import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import type { WarehouseSettings } from '../../src/project/warehouse-types.ts';
import type { Fragment } from '../../src/sql/types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { openTempPostgres } from '../support/temp-postgres.ts';
import { memoryLimitMiB } from './memory-bench.ts';
import type { StreamReading, StreamRequest } from './stream-reader.ts';

/** What reading a plan of so many rows took the process that read it. */
export interface StreamFigures extends StreamReading {
  readonly warehouse: string;
  /** DuckDB's, which is in that process too; 0 elsewhere. */
  readonly limitMiB: number;
}

const pauseMs = 5;
const reader = fileURLToPath(new URL('./stream-reader.ts', import.meta.url));

/** Streams a plan of so many rows from DuckDB and from PostgreSQL to a reader in a process of its own. Linux only. */
export async function* measureStreams(rows: number): AsyncGenerator<StreamFigures, void> {
  yield { warehouse: 'DuckDB', limitMiB: memoryLimitMiB, ...(await streamDuckDb(rows)) };
  yield { warehouse: 'PostgreSQL', limitMiB: 0, ...(await streamPostgres(rows)) };
}

async function streamDuckDb(rows: number): Promise<StreamReading> {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-bench-'));
  const memoryLimit = `${memoryLimitMiB}MiB`;
  const settings = { type: 'duckdb', path: join(folder, 'file.duckdb'), memoryLimit } as const;
  try {
    const warehouse = await openWarehouse(settings, { timeZone: 'UTC' });
    await makePlan(warehouse, sql`range(${sql.lit(rows)})`);
    // One process at a time has the file.
    await warehouse.close();
    return await read(settings, rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function streamPostgres(rows: number): Promise<StreamReading> {
  const { warehouse, settings, dispose } = await openTempPostgres('UTC', { schemas: ['bench'] });
  const table = { schema: 'bench', name: 'plan_rows' };
  try {
    await makePlan(warehouse, sql`generate_series(0, ${sql.lit(rows - 1)})`);
    return await read(settings, rows);
  } finally {
    // The server goes with this process, and its disk may be wanted before.
    await warehouse.drop([table]);
    await dispose();
  }
}

/** As those of a sync: keys, match values, and what changed as two objects in JSON. */
async function makePlan(warehouse: Warehouse, numbers: Fragment): Promise<void> {
  const select = sql`select case when n % 3 = 0 then 'create' else 'update' end as operation, 'lead-' || n as model_key,
  cast(100000000000 + n as varchar) as record_id, md5(cast(n as varchar)) as identity_id, 'person' || n || '@people.example' as match_value,
  'lead_score,lead_tier' as changed, '{"lead_score":"' || n % 1000 || '","lead_tier":"hot","lead_logins":"' || n % 60 || '"}' as row_values,
  '{"lead_score":"' || n % 900 || '","lead_tier":"warm"}' as old_values, n % 10 as priority
from ${numbers} as numbers (n)`;
  await warehouse.createTable({ schema: 'bench', name: 'plan_rows' }, warehouse.dialect.compile(select));
}

async function read(settings: WarehouseSettings, rows: number): Promise<StreamReading> {
  const request: StreamRequest = { settings, pauseMs };
  const { stdout } = await promisify(execFile)(process.execPath, [reader, JSON.stringify(request)]);
  const reading: StreamReading = JSON.parse(stdout);
  if (reading.rows !== rows) throw new Error(`${reading.rows} of ${rows} rows were read`);
  return reading;
}
