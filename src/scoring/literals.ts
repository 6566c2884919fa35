import { sql } from 'kysely';
import { castTo } from '../sql/cast-to.ts';
import type { ColumnType, Dialect, Fragment } from '../sql/types.ts';

/** Points, sums and scores: six decimals, up to a million millions; DuckDB is twice as slow with more than 18 digits. */
export const pointsType = { kind: 'decimal', precision: 18, scale: 6 } as const satisfies ColumnType;

/** The largest number that a card may name; sums of a few of them still fit `pointsType`. */
export const maxPoints = 1e11;

/** A name made by this folder: letters, digits and underscores, never a keyword. Names of users go through `sql.id`. */
export function name(text: string): Fragment {
  return sql.raw(text);
}

/** A finite number as plain decimals, never `1e-7`, which engines read as a double. */
export function numberText(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  return value.toFixed(20).replace(/\.?0+$/, '');
}

export function numberLiteral(value: number): Fragment {
  return sql.raw(numberText(value));
}

/** A number that stays exact: engines read `2.5` as a decimal or as a double, each to its taste. */
export function decimalLiteral(value: number, dialect: Dialect): Fragment {
  return Number.isInteger(value)
    ? dialect.wholeDecimal(value, pointsType)
    : castTo(dialect, numberLiteral(value), pointsType);
}

/** Decimals needed to write a number: 2 for 0.25. */
export function decimalsOf(value: number): number {
  return numberText(value).split('.')[1]?.length ?? 0;
}

/** Quoted where every warehouse reads the quotes alike (most texts, which keeps the SQL readable), else bound. */
export function textLiteral(text: string, dialect: Dialect): Fragment {
  return /^[^'\\\p{Cc}]*$/u.test(text) ? sql.lit(text) : dialect.bind({ kind: 'text' }, text);
}

/** @param day `2026-01-31` */
export function dateLiteral(day: string): Fragment {
  return sql`date ${sql.lit(day)}`;
}
