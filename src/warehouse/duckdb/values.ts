import {
  BIGINT,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import type { ColumnType } from '../../sql/types.ts';
import type { LocalTimeReader } from '../local-time.ts';
import type { Value } from '../port.ts';
import { valueMismatch } from '../value-mismatch.ts';
import { instantPattern, instantText } from '../value-text.ts';

const dayMs = 86_400_000;
/** The largest day that a JavaScript date can name; of later ones DuckDB's own text is kept. */
const largestDay = 100_000_000;
const largestMs = largestDay * dayMs;

/** DuckDB's value as the port's. `local` reads the timestamps that have no zone. */
export function valueFromDuckDb(value: DuckDBValue, local: LocalTimeReader): Value {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return integerFrom(value);
  }
  if (value === null) return null;
  if (value instanceof DuckDBDecimalValue) return value.toString();
  if (value instanceof DuckDBTimestampTZValue) return instantFrom(value, value.micros, null);
  if (value instanceof DuckDBDateValue) return dateFrom(value);
  if (value instanceof DuckDBTimestampValue) return instantFrom(value, value.micros, local);
  if (value instanceof DuckDBTimestampMillisecondsValue) return instantFrom(value, value.millis * 1000n, local);
  if (value instanceof DuckDBTimestampSecondsValue) return instantFrom(value, value.seconds * 1_000_000n, local);
  if (value instanceof DuckDBTimestampNanosecondsValue) return instantFrom(value, value.nanos / 1000n, local);
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    return value.items.map((item) => valueFromDuckDb(item, local));
  }
  return value.toString();
}

function integerFrom(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function dateFrom(value: DuckDBDateValue): string {
  if (value.days === DuckDBDateValue.PosInf.days) return 'infinity';
  if (value.days === DuckDBDateValue.NegInf.days) return '-infinity';
  if (Math.abs(value.days) > largestDay) return value.toString();
  return new Date(value.days * dayMs).toISOString().replace(/T.*/, '');
}

function instantFrom(value: DuckDBValue & object, micros: bigint, local: LocalTimeReader | null): string {
  if (micros === DuckDBTimestampValue.PosInf.micros) return 'infinity';
  if (micros === DuckDBTimestampValue.NegInf.micros) return '-infinity';
  const remainder = Number(((micros % 1000n) + 1000n) % 1000n);
  const ms = Number((micros - BigInt(remainder)) / 1000n);
  if (Math.abs(ms) > largestMs) return value.toString();
  return instantText(local === null ? ms : local(ms), remainder);
}

/** The type that binds and appended columns of a `ColumnType` have; the same as the dialect's names for them. */
export function duckDbType(type: ColumnType): DuckDBType {
  switch (type.kind) {
    case 'text':
      return VARCHAR;
    case 'boolean':
      return BOOLEAN;
    case 'integer':
      return BIGINT;
    case 'double':
      return DOUBLE;
    case 'date':
      return DATE;
    case 'timestamp':
      return TIMESTAMPTZ;
    case 'decimal':
      return DECIMAL(type.precision, type.scale);
    default:
      throw unknownType(type);
  }
}

/**
 * The port's value as DuckDB's of a type. Throws a TypeError that says what was expected: values are made by the engine
 * itself, so a wrong one is a bug.
 */
export function valueToDuckDb(type: ColumnType, value: Value): DuckDBValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'text':
      if (typeof value === 'string') return value;
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'integer':
      if (typeof value === 'bigint') return value;
      if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
      break;
    case 'double':
      if (typeof value === 'number') return value;
      break;
    case 'date':
      if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)) return dateTo(value);
      break;
    case 'timestamp':
      if (typeof value === 'string') return instantTo(value);
      break;
    case 'decimal':
      if (typeof value === 'string') return decimalTo(value, type.precision, type.scale);
      break;
    default:
      throw unknownType(type);
  }
  throw valueMismatch(type, value);
}

function dateTo(text: string): DuckDBDateValue {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw valueMismatch({ kind: 'date' }, text);
  return new DuckDBDateValue(ms / dayMs);
}

function instantTo(text: string): DuckDBTimestampTZValue {
  const match = instantPattern.exec(text);
  const ms = match === null ? Number.NaN : Date.parse(text);
  if (match === null || Number.isNaN(ms)) throw valueMismatch({ kind: 'timestamp' }, text);
  const microsOfMs = (match[1] ?? '').padEnd(6, '0').slice(3);
  return new DuckDBTimestampTZValue(BigInt(ms) * 1000n + BigInt(microsOfMs));
}

function decimalTo(text: string, precision: number, scale: number): DuckDBDecimalValue {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw valueMismatch({ kind: 'decimal', precision, scale }, text);
  const [, sign = '', whole = '', given = ''] = match;
  const fraction = given.replace(/0+$/, '').padEnd(scale, '0');
  const digits = `${whole}${fraction}`.replace(/^0+(?=\d)/, '');
  if (fraction.length > scale || digits.length > precision)
    throw valueMismatch({ kind: 'decimal', precision, scale }, text);
  return new DuckDBDecimalValue(BigInt(`${sign}${digits}`), precision, scale);
}

function unknownType(type: never): TypeError {
  return new TypeError(`Unknown column type ${JSON.stringify(type)}`);
}
