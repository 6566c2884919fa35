import type { WarehouseSettings } from '../project/warehouse-types.ts';
import type { OpenOptions, Warehouse } from './port.ts';

/**
 * Connects to the warehouse of a target. Vendors' SDKs are loaded here and only when a target needs them, so that
 * `--help` starts at once. Throws WAREHOUSE_UNREACHABLE where it cannot be reached or opened and RUN_BUSY where another
 * process holds its file. Whoever opens it closes it.
 */
export async function openWarehouse(settings: WarehouseSettings, options: OpenOptions): Promise<Warehouse> {
  switch (settings.type) {
    case 'duckdb': {
      const { openDuckDb } = await import('./duckdb/warehouse.ts');
      return openDuckDb(settings, options);
    }
    case 'bigquery': {
      const { openBigQuery } = await import('./bigquery/warehouse.ts');
      return openBigQuery(settings, options);
    }
    case 'postgres': {
      const { openPostgres } = await import('./postgres/warehouse.ts');
      return openPostgres(settings, options);
    }
    case 'snowflake': {
      const { openSnowflake } = await import('./snowflake/warehouse.ts');
      return openSnowflake(settings, options);
    }
    default:
      throw new TypeError(`No warehouse adapter for ${JSON.stringify(settings satisfies never)}`);
  }
}
