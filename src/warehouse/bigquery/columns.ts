import type { ColumnType } from '../../sql/types.ts';
import type { Column } from '../port.ts';
import type { Field } from './rest-types.ts';

/** A column from the schema of a result. */
export function columnOfField({ name = '', type = '', mode, precision, scale }: Field): Column {
  const standard = standardNames[type] ?? type;
  const sized = precision == null ? standard : `${standard}(${precision}, ${scale ?? 0})`;
  return bigQueryColumn(name, mode === 'REPEATED' ? `ARRAY<${sized}>` : sized);
}

/** Results name some types as BigQuery's old SQL did. */
const standardNames: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
};

/** A column from BigQuery's name of its type, such as `NUMERIC(18, 4)`, as INFORMATION_SCHEMA gives it. */
export function bigQueryColumn(name: string, nativeType: string): Column {
  return { name, nativeType, type: columnTypeOf(nativeType) };
}

function columnTypeOf(nativeType: string): ColumnType | { readonly kind: 'other' } {
  const match = /^(\w+)(?:\((\d+)(?:, ?(\d+))?\))?$/.exec(nativeType);
  const [, name = '', precision, scale] = match ?? [];
  switch (name) {
    case 'STRING':
    case 'JSON':
      return { kind: 'text' };
    case 'BOOL':
      return { kind: 'boolean' };
    case 'INT64':
      return { kind: 'integer' };
    case 'FLOAT64':
      return { kind: 'double' };
    case 'DATE':
      return { kind: 'date' };
    case 'DATETIME':
    case 'TIMESTAMP':
      return { kind: 'timestamp' };
    case 'NUMERIC':
      return precision === undefined ? { kind: 'decimal', precision: 38, scale: 9 } : decimal(precision, scale);
    case 'BIGNUMERIC':
      // It has 76 digits, and a 77th in part.
      return precision === undefined ? { kind: 'decimal', precision: 76, scale: 38 } : decimal(precision, scale);
    default:
      return { kind: 'other' };
  }
}

function decimal(precision: string, scale = '0'): ColumnType {
  return { kind: 'decimal', precision: Number(precision), scale: Number(scale) };
}
