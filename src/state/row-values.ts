import type { Row } from '../warehouse/port.ts';

/** Readers for the columns of our own queries: another type than expected is a bug of ours and throws a TypeError. */

export function textOf(row: Row, column: string): string {
  const value = textOrNull(row, column);
  if (value === null) throw new TypeError(`Column ${column} is null`);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  const value = row[column];
  if (value === null || typeof value === 'string') return value;
  throw new TypeError(`Column ${column} holds no text but ${typeof value}`);
}

/** A count, or another whole number that a JavaScript number holds. */
export function countOf(row: Row, column: string): number {
  const value = numberOrNull(row, column);
  if (value === null) throw new TypeError(`Column ${column} is null`);
  return value;
}

export function numberOrNull(row: Row, column: string): number | null {
  const value = row[column];
  if (value === null || typeof value === 'number') return value;
  throw new TypeError(`Column ${column} holds no number but ${typeof value}`);
}
