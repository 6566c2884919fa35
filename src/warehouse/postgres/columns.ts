import type { ColumnType } from '../../sql/types.ts';
import type { Column, Row } from '../port.ts';

/** What a column's type is, from `pg_type`: of a domain, the type that it is made of. */
export const typeColumns = `format_type(t.oid, typed.modifier) as native_type,
  case when t.typtype = 'e' then 'enum' else format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null) end as base_type,
  case when t.typtype = 'd' then t.typtypmod else typed.modifier end as modifier`;

/**
 * The digits of a numeric without a precision of its own, such as the result of a division, as far as other warehouses
 * have them. Its values keep all digits that they have.
 */
const openNumeric: ColumnType = { kind: 'decimal', precision: 38, scale: 9 };

/** @param row has `name` and the columns of `typeColumns` */
export function postgresColumn(row: Row): Column {
  const modifier = typeof row.modifier === 'number' ? row.modifier : -1;
  return {
    name: String(row.name),
    nativeType: String(row.native_type),
    type: columnTypeOf(String(row.base_type), modifier),
  };
}

function columnTypeOf(baseType: string, modifier: number): ColumnType | { readonly kind: 'other' } {
  switch (baseType) {
    case 'text':
    case 'character varying':
    case 'character':
    case 'bpchar':
    case 'name':
    case '"char"':
    case 'citext':
    case 'uuid':
    case 'json':
    case 'jsonb':
    case 'enum':
      return { kind: 'text' };
    case 'boolean':
      return { kind: 'boolean' };
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'oid':
      return { kind: 'integer' };
    case 'real':
    case 'double precision':
      return { kind: 'double' };
    case 'numeric':
      return modifier < 0 ? openNumeric : numericOf(modifier);
    case 'date':
      return { kind: 'date' };
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return { kind: 'timestamp' };
    default:
      return { kind: 'other' };
  }
}

/** The modifier packs both (`numeric_typmod_precision`); eleven bits of the scale have a sign. */
function numericOf(modifier: number): ColumnType {
  const packed = modifier - 4;
  const scale = ((packed & 0x7ff) ^ 1024) - 1024;
  return { kind: 'decimal', precision: packed >> 16, scale: Math.max(0, scale) };
}
