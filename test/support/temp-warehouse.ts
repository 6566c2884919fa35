import type { WarehouseSettings } from '../../src/project/warehouse-types.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { openTempDuckDb } from './temp-duckdb.ts';
import { openTempPostgres, type RoleRights } from './temp-postgres.ts';

export interface TempWarehouse {
  readonly warehouse: Warehouse;
  readonly settings: WarehouseSettings;
  dispose(): Promise<void>;
}

const openers: Readonly<Record<string, (timeZone: string, rights?: RoleRights) => Promise<TempWarehouse>>> = {
  duckdb: openTempDuckDb,
  postgres: openTempPostgres,
};

/**
 * An empty warehouse of the kind that SCORELINE_TEST_WAREHOUSE names, DuckDB without it.
 * @param rights of whoever works in it, where a warehouse knows rights
 */
export function openTempWarehouse(
  timeZone = 'UTC',
  kind = testWarehouse(),
  rights?: RoleRights,
): Promise<TempWarehouse> {
  const open = openers[kind];
  if (open === undefined)
    throw new TypeError(`SCORELINE_TEST_WAREHOUSE is ${kind}: expected ${Object.keys(openers).join(' or ')}`);
  return open(timeZone, rights);
}

export function testWarehouse(): string {
  return process.env.SCORELINE_TEST_WAREHOUSE ?? 'duckdb';
}
