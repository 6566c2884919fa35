import { bigQueryDialect } from '../../sql/dialects/bigquery.ts';
import type { Bind, ColumnType } from '../../sql/types.ts';
import type { LocalTimeReader } from '../local-time.ts';
import type { Value } from '../port.ts';
import { valueMismatch } from '../value-mismatch.ts';
import type { Field, QueryParameter } from './rest-types.ts';

const dayMs = 86_400_000;

/** A value as the REST API writes it: texts, a list of `{ v }`, or a record `{ f: [{ v }] }`. */
type Cell = unknown;

/** One value of a result (with `useInt64Timestamp`) as the port's. `local` reads the DATETIMEs, which have no zone. */
export function valueFromBigQuery(field: Field, cell: Cell, local: LocalTimeReader): Value {
  if (field.mode === 'REPEATED') {
    return Array.isArray(cell) ? cell.map((item) => single(field, (item as { v?: Cell }).v, local)) : [];
  }
  return single(field, cell, local);
}

function single(field: Field, cell: Cell, local: LocalTimeReader): Value {
  if (cell === null || cell === undefined) return null;
  // A record has no type of the port's: it leaves as its text.
  if (typeof cell !== 'string') return JSON.stringify(plainRecord(field, cell, local));
  switch (field.type) {
    case 'INTEGER':
    case 'INT64':
      return integerFrom(cell);
    case 'FLOAT':
    case 'FLOAT64':
      // `NaN`, `Infinity` and `-Infinity` are spelt as JavaScript spells them.
      return Number(cell);
    case 'BOOLEAN':
    case 'BOOL':
      return cell === 'true';
    case 'TIMESTAMP':
      return isoOfMicros(BigInt(cell));
    case 'DATETIME':
      return instantOfWallClock(cell, local);
    default:
      return cell;
  }
}

function plainRecord(field: Field, cell: Cell, local: LocalTimeReader): unknown {
  const cells = (cell as { f?: readonly { v?: Cell }[] }).f ?? [];
  return Object.fromEntries(
    (field.fields ?? []).map((member, index) => {
      const value = valueFromBigQuery(member, cells[index]?.v, local);
      return [member.name, typeof value === 'bigint' ? String(value) : value];
    }),
  );
}

function integerFrom(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

function isoOfMicros(micros: bigint): string {
  const remainder = Number(((micros % 1000n) + 1000n) % 1000n);
  return isoOf(Number((micros - BigInt(remainder)) / 1000n), remainder);
}

/** `2026-01-31T08:30:00.123456`, with no digits behind the seconds where there are none. */
function instantOfWallClock(text: string, local: LocalTimeReader): string {
  const [whole = '', fraction = ''] = text.split('.');
  const digits = fraction.padEnd(6, '0');
  return isoOf(local(Date.parse(`${whole}Z`)) + Number(digits.slice(0, 3)), Number(digits.slice(3)));
}

function isoOf(ms: number, micros: number): string {
  const iso = new Date(ms).toISOString();
  return micros === 0 ? iso : `${iso.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

/** The type that binds and loaded columns of a `ColumnType` have. */
export function bigQueryType(type: ColumnType): string {
  return bigQueryDialect.compile(bigQueryDialect.type(type)).text.toUpperCase();
}

/**
 * A bind as the REST API takes it. The client's own conversion is passed by: it sends dates and instants that come as text
 * as nulls without a word, and booleans as something else than text.
 */
export function parameterOf({ type, value }: Bind, index: number): QueryParameter {
  return {
    name: `p${index + 1}`,
    parameterType: { type: bigQueryType(type) },
    parameterValue: { value: textToBigQuery(type, value) ?? undefined },
  };
}

/**
 * The port's value as the text that BigQuery reads, in binds and in lines of JSON. Throws a TypeError that says what was
 * expected: values are made by the engine itself, so a wrong one is a bug.
 */
export function textToBigQuery(type: ColumnType, value: Value): string | null {
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
      if (typeof value === 'number') return String(value);
      break;
    case 'date':
      if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && Number.isInteger(Date.parse(value) / dayMs))
        return value;
      break;
    case 'timestamp':
      if (typeof value === 'string' && instantPattern.test(value) && !Number.isNaN(Date.parse(value))) return value;
      break;
    case 'decimal':
      if (typeof value === 'string' && fitsDecimal(value, type.precision, type.scale)) return value;
      break;
    default:
      throw unknownType(type);
  }
  throw valueMismatch(type, value);
}

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)$/;

function fitsDecimal(text: string, precision: number, scale: number): boolean {
  const match = /^-?0*(\d+)(?:\.(\d+?)0*)?$/.exec(text);
  if (match === null) return false;
  const [, whole = '', fraction = ''] = match;
  return fraction.length <= scale && whole.replace(/^0+/, '').length <= precision - scale;
}

function unknownType(type: never): TypeError {
  return new TypeError(`Unknown column type ${JSON.stringify(type)}`);
}
