import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { Dialect, WarehouseType } from '../types.ts';
import { bigQueryDialect } from './bigquery.ts';
import { duckDbDialect } from './duckdb.ts';
import { postgresDialect } from './postgres.ts';

const dialects: Readonly<Partial<Record<WarehouseType, Dialect>>> = {
  bigquery: bigQueryDialect,
  duckdb: duckDbDialect,
  postgres: postgresDialect,
};

/** The dialect of a type of warehouse, for compiling without a connection. */
export function dialectOf(type: WarehouseType): Dialect {
  const dialect = dialects[type];
  if (dialect === undefined)
    throw new ScorelineError('CONFIG_NOT_SUPPORTED', `The warehouse type ${type} is not supported yet.`);
  return dialect;
}
