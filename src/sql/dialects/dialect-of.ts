import type { Dialect, WarehouseType } from '../types.ts';
import { bigQueryDialect } from './bigquery.ts';
import { duckDbDialect } from './duckdb.ts';
import { postgresDialect } from './postgres.ts';
import { snowflakeDialect } from './snowflake.ts';

const dialects: Readonly<Record<WarehouseType, Dialect>> = {
  bigquery: bigQueryDialect,
  duckdb: duckDbDialect,
  postgres: postgresDialect,
  snowflake: snowflakeDialect,
};

/** The dialect of a type of warehouse, for compiling without a connection. */
export function dialectOf(type: WarehouseType): Dialect {
  return dialects[type];
}
