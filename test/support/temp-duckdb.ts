import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDbSettings } from '../../src/project/warehouse-types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';

export interface TempDuckDb {
  readonly warehouse: Warehouse;
  /** The folder that holds the file and whatever a test puts beside it; removed by `dispose`. */
  readonly folder: string;
  readonly settings: DuckDbSettings;
  dispose(): Promise<void>;
}

/** A real DuckDB file in a folder of its own. */
export async function openTempDuckDb(timeZone = 'UTC'): Promise<TempDuckDb> {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-'));
  const settings: DuckDbSettings = { type: 'duckdb', path: join(folder, 'test.duckdb'), memoryLimit: '512MB' };
  const warehouse = await openWarehouse(settings, { timeZone });
  const dispose = async () => {
    await warehouse.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { warehouse, folder, settings, dispose };
}
