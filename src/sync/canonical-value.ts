import type { PropertyType } from '../project/sync-types.ts';

/**
 * A value that HubSpot returned in the form in which `formatValue` writes values, so that equal ones are equal texts:
 * `72.50` is `72.5`, milliseconds and instants of any zone are `2026-01-31T08:30:00Z`, texts have no white space at their ends.
 * What has no such form stays as it is.
 * @returns null for the empty text, which HubSpot cannot hold
 */
export function canonicalValue(type: PropertyType, value: string | null): string | null {
  if (value === null || value === '') return null;
  switch (type) {
    case 'number':
      return canonicalNumber(value);
    case 'bool':
      return value.toLowerCase();
    case 'date':
      return canonicalInstant(value)?.slice(0, 10) ?? value;
    case 'datetime':
      return canonicalInstant(value) ?? value;
    case 'string':
      return value.trim() || null;
    case 'enumeration':
      return value;
    default: {
      const unknown: never = type;
      throw new TypeError(`Unknown property type ${String(unknown)}`);
    }
  }
}

/** By its digits, so that a number of 30 digits loses none. */
function canonicalNumber(value: string): string {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(value.trim());
  if (parts === null) return value;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = whole + fraction;
  if (digits === '') return value;
  const point = whole.length + Number(exponent);
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = padded.slice(at).replace(/0+$/, '');
  const plain = right === '' ? left : `${left}.${right}`;
  return sign === '-' && plain !== '0' ? `-${plain}` : plain;
}

/** ISO in UTC, in milliseconds only where there are any; null for what is no instant. */
function canonicalInstant(value: string): string | null {
  const at = /^-?\d+$/.test(value) ? new Date(Number(value)) : new Date(value);
  if (Number.isNaN(at.getTime())) return null;
  return at.toISOString().replace('.000Z', 'Z');
}
