import type { ColumnType } from '../sql/types.ts';
import type { Value } from './port.ts';

const expected: Record<ColumnType['kind'], string> = {
  text: 'a text',
  boolean: 'true or false',
  integer: 'a whole number',
  double: 'a number',
  date: 'a date like 2026-01-31',
  timestamp: 'an instant with its zone, like 2026-01-31T08:30:00Z, with microseconds at most',
  decimal: 'a decimal number as text',
};

/** The error of a value that is none of its column's type. Values are made by the engine itself, so it is a bug of ours. */
export function valueMismatch(type: ColumnType, value: Value): TypeError {
  const size = type.kind === 'decimal' ? ` that fits decimal(${type.precision},${type.scale})` : '';
  return new TypeError(`Expected ${expected[type.kind]}${size}, got ${typeof value} ${String(value)}`);
}
