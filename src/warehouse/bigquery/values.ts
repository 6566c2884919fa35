import { bigQueryDialect } from '../../sql/dialects/bigquery.ts';
import type { Bind, ColumnType } from '../../sql/types.ts';
import type { LocalTimeReader } from '../local-time.ts';
import type { Value } from '../port.ts';
import { instantText, integerFrom, valueToText } from '../value-text.ts';
import type { Field, QueryParameter } from './rest-types.ts';

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

function isoOfMicros(micros: bigint): string {
  const remainder = Number(((micros % 1000n) + 1000n) % 1000n);
  return instantText(Number((micros - BigInt(remainder)) / 1000n), remainder);
}

/** `2026-01-31T08:30:00.123456`, with no digits behind the seconds where there are none. */
function instantOfWallClock(text: string, local: LocalTimeReader): string {
  const [whole = '', fraction = ''] = text.split('.');
  const digits = fraction.padEnd(6, '0');
  return instantText(local(Date.parse(`${whole}Z`)) + Number(digits.slice(0, 3)), Number(digits.slice(3)));
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
    parameterValue: { value: valueToText(type, value) ?? undefined },
  };
}
