import { parseInstant } from '../../project/instant.ts';
import type { TestValue } from '../../project/model-types.ts';
import type { Column, Value } from '../../warehouse/port.ts';

/** Sums of doubles depend on their order in the last digits, and nobody writes those down. */
const tolerance = 1e-9;

/** Whether a value of a model is the expected one, as the column's type reads it. */
export function sameCell({ type }: Column, expected: TestValue, actual: Value, timeZone: string): boolean {
  if (expected === null || actual === null) return expected === actual;
  switch (type.kind) {
    case 'integer':
    case 'double':
    case 'decimal':
      return sameNumber(expected, actual);
    case 'boolean':
      return String(expected) === String(actual);
    case 'timestamp': {
      const wanted = parseInstant(String(expected), timeZone);
      return wanted !== null && wanted === parseInstant(String(actual), timeZone);
    }
    case 'date':
    case 'text':
    case 'other':
      return String(expected) === cellText(actual);
    default:
      return type satisfies never;
  }
}

/** As people read it; null for none. */
export function cellText(value: Value): string | null {
  if (value === null) return null;
  return Array.isArray(value) ? `[${value.map((each) => cellText(each) ?? 'null').join(', ')}]` : String(value);
}

function sameNumber(expected: TestValue, actual: Value): boolean {
  const wanted = typeof expected === 'string' && expected.trim() !== '' ? Number(expected) : expected;
  const found = Number(actual);
  if (typeof wanted !== 'number' || Number.isNaN(wanted)) return Number.isNaN(found) && Number.isNaN(wanted);
  return wanted === found || Math.abs(wanted - found) <= tolerance * Math.max(1, Math.abs(wanted), Math.abs(found));
}
