import type { ColumnType } from '../../sql/types.ts';
import type { Column } from '../port.ts';

const integers = new Set([
  ...['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'],
  ...['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT', 'BIGNUM'],
]);
const timestamps = new Set(['TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE']);

/** A column from DuckDB's name of its type, such as `DECIMAL(18,4)`, as DESCRIBE and duckdb_columns() give it. */
export function duckDbColumn(name: string, nativeType: string): Column {
  return { name, nativeType, type: columnTypeOf(nativeType) };
}

function columnTypeOf(nativeType: string): ColumnType | { readonly kind: 'other' } {
  if (nativeType.endsWith(']')) return { kind: 'other' };
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(nativeType);
  if (decimal !== null) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  if (integers.has(nativeType)) return { kind: 'integer' };
  if (timestamps.has(nativeType)) return { kind: 'timestamp' };
  if (nativeType.startsWith('ENUM(')) return { kind: 'text' };
  switch (nativeType) {
    case 'VARCHAR':
    case 'UUID':
    case 'JSON':
      return { kind: 'text' };
    case 'BOOLEAN':
      return { kind: 'boolean' };
    case 'FLOAT':
    case 'DOUBLE':
      return { kind: 'double' };
    case 'DATE':
      return { kind: 'date' };
    default:
      return { kind: 'other' };
  }
}
