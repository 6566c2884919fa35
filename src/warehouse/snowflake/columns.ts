import { nameFromSnowflake } from '../../sql/dialects/snowflake-names.ts';
import type { ColumnType } from '../../sql/types.ts';
import type { Column } from '../port.ts';

/** A column as Snowflake describes it, in a result (`fixed`, `timestamp_ltz`) or in INFORMATION_SCHEMA (`NUMBER`). */
export interface SnowflakeColumn {
  readonly name: string;
  readonly type: string;
  readonly precision: number | null;
  readonly scale: number | null;
}

export function snowflakeColumn({ name, type, precision, scale }: SnowflakeColumn): Column {
  const kind = type.toUpperCase();
  const isDecimal = kind === 'FIXED' || kind === 'NUMBER';
  return {
    name: nameFromSnowflake(name),
    nativeType: isDecimal && precision !== null ? `NUMBER(${precision},${scale ?? 0})` : kind,
    type: isDecimal ? numberType(precision ?? 38, scale ?? 0) : columnTypeOf(kind),
  };
}

/** Snowflake has no integers but numbers without decimals. */
function numberType(precision: number, scale: number): ColumnType {
  return scale === 0 ? { kind: 'integer' } : { kind: 'decimal', precision, scale };
}

function columnTypeOf(kind: string): ColumnType | { readonly kind: 'other' } {
  switch (kind) {
    case 'TEXT':
    case 'VARCHAR':
    case 'STRING':
      return { kind: 'text' };
    case 'BOOLEAN':
      return { kind: 'boolean' };
    case 'REAL':
    case 'FLOAT':
    case 'DOUBLE':
      return { kind: 'double' };
    case 'DATE':
      return { kind: 'date' };
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_TZ':
      return { kind: 'timestamp' };
    default:
      return { kind: 'other' };
  }
}
