import type { Dialect, WarehouseType } from '../types.ts';
import { duckDbDialect } from './duckdb.ts';

const dialects: Readonly<Record<WarehouseType, Dialect>> = { duckdb: duckDbDialect };

/** The dialect of a type of warehouse, for compiling without a connection. */
export function dialectOf(type: WarehouseType): Dialect {
  return dialects[type];
}
