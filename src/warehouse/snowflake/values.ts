import type { Bind, Column } from 'snowflake-sdk';
import type { ColumnType, Bind as TypedBind } from '../../sql/types.ts';
import type { LocalTimeReader } from '../local-time.ts';
import type { Value } from '../port.ts';
import { valueMismatch } from '../value-mismatch.ts';

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

function integerFrom(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
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
  const iso = new Date(local === null ? ms : local(ms)).toISOString();
  return micros === 0 ? iso : `${iso.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
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
  return valueToText(type, value);
}

/**
 * The port's value as text that Snowflake casts to the type, for binds and for columns. An array bind takes its type from
 * the first row, so its values are texts one and all. Throws a TypeError that says what was expected: values are made by
 * the engine itself, so a wrong one is a bug.
 */
export function valueToText(type: ColumnType, value: Value): string | null {
  if (value === null) return null;
  switch (type.kind) {
    case 'text':
      if (typeof value === 'string') return value;
      break;
    case 'boolean':
      if (typeof value === 'boolean') return String(value);
      break;
    case 'integer':
      if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) return String(value);
      break;
    case 'double':
      if (typeof value === 'number') return doubleText(value);
      break;
    case 'date':
      if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)))
        return value;
      break;
    case 'timestamp':
      if (typeof value === 'string' && instantPattern.test(value) && !Number.isNaN(Date.parse(value))) {
        return value.replace(/Z$/, '+00:00');
      }
      break;
    case 'decimal':
      if (typeof value === 'string' && fitsDecimal(value, type)) return value;
      break;
    default:
      throw new TypeError(`Unknown column type ${JSON.stringify(type satisfies never)}`);
  }
  throw valueMismatch(type, value);
}

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)$/;

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? 'inf' : '-inf';
}

/** Snowflake would round what has more decimals. */
function fitsDecimal(text: string, { precision, scale }: Extract<ColumnType, { kind: 'decimal' }>): boolean {
  const match = /^-?0*(\d*?)(?:\.(\d*?)0*)?$/.exec(text);
  if (match === null || !/\d/.test(text)) return false;
  const [, whole = '', fraction = ''] = match;
  return fraction.length <= scale && whole.length <= precision - scale;
}
