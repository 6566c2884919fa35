import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { Dialect, WarehouseType } from '../types.ts';
import { duckDbDialect } from './duckdb.ts';
import { postgresDialect } from './postgres.ts';
import { snowflakeDialect } from './snowflake.ts';

const dialects: Readonly<Partial<Record<WarehouseType, Dialect>>> = {
  duckdb: duckDbDialect,
  postgres: postgresDialect,
  snowflake: snowflakeDialect,
};

/** The dialect of a type of warehouse, for compiling without a connection. */
export function dialectOf(type: WarehouseType): Dialect {
  const dialect = dialects[type];
  if (dialect === undefined)
    throw new ScorelineError('CONFIG_NOT_SUPPORTED', `The warehouse type ${type} is not supported yet.`);
  return dialect;
}
