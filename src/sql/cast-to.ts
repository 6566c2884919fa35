import { sql } from 'kysely';
import type { ColumnType, Dialect, Fragment } from './types.ts';

/** A value as a type; as a decimal with exactly its decimals, rounded half away from zero. */
export function castTo(dialect: Dialect, value: Fragment, type: ColumnType): Fragment {
  if (type.kind === 'decimal' && dialect.roundDecimal !== undefined) return dialect.roundDecimal(value, type);
  return sql`cast(${value} as ${dialect.type(type)})`;
}
