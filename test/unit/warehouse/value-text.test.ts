import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../../src/sql/types.ts';
import type { Value } from '../../../src/warehouse/port.ts';
import { instantText, integerFrom, valueToText } from '../../../src/warehouse/value-text.ts';

const decimal: ColumnType = { kind: 'decimal', precision: 6, scale: 2 };

describe('valueToText', () => {
  it.each<[ColumnType, Value, string]>([
    [{ kind: 'text' }, '', ''],
    [{ kind: 'boolean' }, false, 'false'],
    [{ kind: 'integer' }, 9_007_199_254_740_993n, '9007199254740993'],
    [{ kind: 'double' }, -0, '-0'],
    [{ kind: 'double' }, Number.NEGATIVE_INFINITY, '-Infinity'],
    [{ kind: 'date' }, '2026-01-31', '2026-01-31'],
    [{ kind: 'timestamp' }, '2026-01-31T08:30:00.123456+01:00', '2026-01-31T08:30:00.123456+01:00'],
    [decimal, '-9999.99', '-9999.99'],
    [decimal, '0001.5000', '0001.5000'],
    [decimal, '0.00', '0.00'],
  ])('writes %o %s', (type, value, text) => {
    expect(valueToText(type, value)).toBe(text);
  });

  it.each<[ColumnType, Value]>([
    [{ kind: 'text' }, 1],
    [{ kind: 'boolean' }, 'true'],
    [{ kind: 'integer' }, 1.5],
    [{ kind: 'integer' }, 2 ** 53],
    [{ kind: 'double' }, '1'],
    [{ kind: 'date' }, '2026-02-31T00:00:00Z'],
    [{ kind: 'date' }, '2026-13-01'],
    [{ kind: 'timestamp' }, '2026-01-31T08:30:00'],
    [{ kind: 'timestamp' }, '2026-01-31T08:30:00.1234567Z'],
    [decimal, '10000'],
    [decimal, '1.001'],
    [decimal, '-'],
    [decimal, ''],
    [decimal, '1e3'],
  ])('refuses %o %s', (type, value) => {
    expect(() => valueToText(type, value)).toThrow(TypeError);
  });

  it('takes a decimal exactly where it fits, whatever zeros stand around it', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 8n), 10n ** 8n), fc.nat(3), (digits, zeros) => {
        const sign = digits < 0n ? '-' : '';
        const padded = String(digits < 0n ? -digits : digits).padStart(4, '0');
        const text = `${sign}0${padded.slice(0, -3)}.${padded.slice(-3)}${'0'.repeat(zeros)}`;
        const fits = digits % 10n === 0n && digits < 10n ** 7n && digits > -(10n ** 7n);
        if (fits) expect(valueToText(decimal, text)).toBe(text);
        else expect(() => valueToText(decimal, text)).toThrow('that fits decimal(6,2)');
      }),
    );
  });

  it('leaves null null, and asks the warehouse for its own spelling', () => {
    const spelling = { double: (text: string) => text.toLowerCase(), timestamp: (text: string) => text.slice(0, 10) };
    expect(valueToText({ kind: 'double' }, null, spelling)).toBeNull();
    expect(valueToText({ kind: 'double' }, Number.NaN, spelling)).toBe('nan');
    expect(valueToText({ kind: 'timestamp' }, '2026-01-31T08:30:00Z', spelling)).toBe('2026-01-31');
  });
});

it('reads a whole number without losing a digit', () => {
  expect([integerFrom('-7'), integerFrom('9007199254740993')]).toEqual([-7, 9_007_199_254_740_993n]);
});

it('writes six decimals only where three do not hold them', () => {
  expect([instantText(1, 0), instantText(1, 7)]).toEqual(['1970-01-01T00:00:00.001Z', '1970-01-01T00:00:00.001007Z']);
});
