import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalValue } from '../../../src/sync/canonical-value.ts';

describe('a value from HubSpot', () => {
  test.each([
    ['number', '72.50', '72.5'],
    ['number', '072', '72'],
    ['number', '-0.00', '0'],
    ['number', '+5', '5'],
    ['number', '.5', '0.5'],
    ['number', '1.5E3', '1500'],
    ['number', '15e-3', '0.015'],
    ['number', '12345678901234567890123456.0', '12345678901234567890123456'],
    ['number', 'many', 'many'],
    ['datetime', '1769848200123', '2026-01-31T08:30:00.123Z'],
    ['datetime', '2026-01-31T08:30:00.000Z', '2026-01-31T08:30:00Z'],
    ['datetime', '2026-01-31T09:30:00+01:00', '2026-01-31T08:30:00Z'],
    ['date', '2026-01-31', '2026-01-31'],
    ['date', '1769817600000', '2026-01-31'],
    ['bool', 'True', 'true'],
    ['string', ' Grüße 👋\n', 'Grüße 👋'],
    ['enumeration', 'hot', 'hot'],
  ] as const)('of type %s, %s, is compared as %s', (type, value, canonical) => {
    expect(canonicalValue(type, value)).toBe(canonical);
  });

  test('that is empty is none', () => {
    for (const type of ['number', 'datetime', 'date', 'bool', 'string', 'enumeration'] as const) {
      expect(canonicalValue(type, '')).toBeNull();
      expect(canonicalValue(type, null)).toBeNull();
    }
  });

  test('that is a number keeps its size, and is the same when compared again', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }), (number) => {
        const once = canonicalValue('number', String(number));
        expect(Number(once)).toBe(number === 0 ? 0 : number);
        expect(canonicalValue('number', once)).toBe(once);
      }),
    );
  });
});
