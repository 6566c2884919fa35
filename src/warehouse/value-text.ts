import type { ColumnType } from '../sql/types.ts';
import type { Value } from './port.ts';
import { valueMismatch } from './value-mismatch.ts';

/** What one warehouse writes otherwise than JavaScript does. */
export interface Spelling {
  /** Of `0.5`, `1e-7`, `NaN` or `-Infinity`. */
  readonly double?: (text: string) => string;
  /** Of an ISO instant with its zone. */
  readonly timestamp?: (text: string) => string;
}

/** ISO with its zone, to the microsecond; the decimals of the second are the first group. */
export const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.(\d{1,6}))?)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * The port's value as the text that a warehouse reads as a value of a type, where values travel as texts. Throws a
 * TypeError that says what was expected: values are made by the engine itself, so a wrong one is a bug.
 */
export function valueToText(type: ColumnType, value: Value, spelling: Spelling = {}): string | null {
  if (value === null) return null;
  const text = textOf(type, value, spelling);
  if (text === null) throw valueMismatch(type, value);
  return text;
}

/** Null: not a value of the type. */
function textOf(type: ColumnType, value: NonNullable<Value>, spelling: Spelling): string | null {
  switch (type.kind) {
    case 'text':
      return typeof value === 'string' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : null;
    case 'integer':
      return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : null;
    case 'double':
      return typeof value === 'number' ? doubleText(value, spelling) : null;
    case 'date':
      return isTime(value, /^\d{4}-\d\d-\d\d$/) ? value : null;
    case 'timestamp':
      return isTime(value, instantPattern) ? (spelling.timestamp?.(value) ?? value) : null;
    case 'decimal':
      return fitsDecimal(value, type) ? value : null;
    default:
      throw new TypeError(`Unknown column type ${JSON.stringify(type satisfies never)}`);
  }
}

function doubleText(value: number, spelling: Spelling): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return spelling.double?.(text) ?? text;
}

function isTime(value: Value, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value) && !Number.isNaN(Date.parse(value));
}

/** A warehouse would round what has too many decimals without a word. */
function fitsDecimal(value: Value, { precision, scale }: Extract<ColumnType, { kind: 'decimal' }>): value is string {
  const match = typeof value === 'string' ? /^-?0*(\d*)(?:\.(\d+?)0*)?$/.exec(value) : null;
  if (match === null || !/\d/.test(String(value))) return false;
  const [, whole = '', fraction = ''] = match;
  return fraction.replace(/0$/, '').length <= scale && whole.length <= precision - scale;
}

/** A whole number in text; a bigint where a number would lose digits. */
export function integerFrom(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/**
 * An instant as the port has it: six decimals only where milliseconds do not hold them.
 * @param ms since 1970, whole
 * @param micros beyond the milliseconds, 0 to 999
 */
export function instantText(ms: number, micros: number): string {
  const iso = new Date(ms).toISOString();
  return micros === 0 ? iso : `${iso.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}
