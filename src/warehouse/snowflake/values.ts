import type { Bind, Column } from 'snowflake-sdk';
import type { ColumnType, Bind as TypedBind } from '../../sql/types.ts';
import type { LocalTimeReader } from '../local-time.ts';
import type { Value } from '../port.ts';
import { instantText, integerFrom, type Spelling, valueToText } from '../value-text.ts';

/** What the driver makes of dates and timestamps: a date of milliseconds that also knows the rest. */
interface DriverDate extends Date {
  getNanoSeconds(): number;
}

/** One value of a row as the port's. */
export type ValueReader = (value: unknown) => Value;

/**
 * How the values of a result's column are read. Numbers, JSON and bytes have to be fetched as text (see `fetchedAsText`),
 * since the driver would round a number to JavaScript's precision. `local` reads the timestamps that have no zone.
 */
export function valueReader(column: Column, local: LocalTimeReader): ValueReader {
  return nullable(readerOf(column, local));
}

export const fetchedAsText = ['Number', 'JSON', 'Buffer'] as const;

function nullable(read: (value: NonNullable<unknown>) => Value): ValueReader {
  return (value) => (value === null || value === undefined ? null : read(value));
}

function readerOf(column: Column, local: LocalTimeReader): (value: NonNullable<unknown>) => Value {
  if (column.isBoolean()) return (value) => value === true;
  if (column.isNumber()) {
    if (column.getType().toLowerCase() === 'real') return (value) => doubleFrom(String(value));
    const scale = column.getScale();
    return (value) => (scale === 0 ? integerFrom(String(value)) : decimalFrom(String(value), scale));
  }
  if (column.isDate()) return (value) => dateFrom(value as DriverDate);
  if (column.isTimestampNtz()) return (value) => instantFrom(value as DriverDate, local);
  if (column.isTimestamp()) return (value) => instantFrom(value as DriverDate, null);
  if (column.isArray()) return (value) => listFrom(JSON.parse(String(value)));
  return String;
}

function doubleFrom(text: string): number {
  switch (text.toLowerCase()) {
    case 'inf':
    case 'infinity':
      return Number.POSITIVE_INFINITY;
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY;
    default:
      return Number(text);
  }
}

/** With all of its digits, zeros at the end included. */
function decimalFrom(text: string, scale: number): string {
  const [whole = '0', fraction = ''] = text.split('.');
  return `${whole === '' ? '0' : whole === '-' ? '-0' : whole}.${fraction.padEnd(scale, '0')}`;
}

function dateFrom(date: Date): string {
  return date.toISOString().replace(/T.*/, '');
}

/** Six decimals only where milliseconds do not hold them; Snowflake's nanoseconds are cut off, as Scoreline has none. */
function instantFrom(date: DriverDate, local: LocalTimeReader | null): string {
  const micros = Math.floor(date.getNanoSeconds() / 1000) % 1000;
  const ms = date.getTime();
  return instantText(local === null ? ms : local(ms), micros);
}

/** Of a semi-structured array; objects in it stay JSON. */
function listFrom(items: unknown): Value {
  if (Array.isArray(items)) return items.map(listFrom);
  if (typeof items === 'string' || typeof items === 'number' || typeof items === 'boolean') return items;
  return items === null || items === undefined ? null : JSON.stringify(items);
}

/** A bind as the driver takes it: numbers and booleans of JavaScript as they are, all else as text, to be cast in the SQL. */
export function bindToSnowflake({ type, value }: TypedBind): Bind {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return valueToSnowflake(type, value);
}

/**
 * The port's value as text that Snowflake casts to the type, for binds and for columns; see `valueToText`. An array bind
 * takes its type from the first row, so its values are texts one and all.
 */
export function valueToSnowflake(type: ColumnType, value: Value): string | null {
  return valueToText(type, value, spelling);
}

const spelling: Spelling = {
  double: (text) => text.replace('Infinity', 'inf'),
  timestamp: (text) => text.replace(/Z$/, '+00:00'),
};
