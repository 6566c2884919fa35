import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PropertyType } from '../../../src/project/sync-types.ts';
import { columnKindsOfProperty, formatValue, maxTextLength } from '../../../src/sync/format-value.ts';
import type { TempDuckDb } from '../../support/temp-duckdb.ts';
import { openTempDuckDb } from '../../support/temp-duckdb.ts';

let db: TempDuckDb;
beforeAll(async () => {
  db = await openTempDuckDb('Europe/Berlin');
});
afterAll(() => db.dispose());

async function format(type: PropertyType, expression: string, decimals?: number) {
  const { warehouse } = db;
  const { dialect } = warehouse;
  const [column] = await warehouse.describe(dialect.compile(sql`select ${sql.raw(expression)} as v`));
  if (column === undefined) throw new Error('no column');
  const { text, invalid } = formatValue(dialect, { type, decimals }, column, sql`m.v`);
  const [row] = await warehouse.query(
    dialect.compile(
      sql`select ${text} as text, ${invalid ?? sql`false`} as invalid from (select ${sql.raw(expression)} as v) m`,
    ),
  );
  return row?.invalid === true ? 'refused' : row?.text;
}

describe('numbers', () => {
  test.each([
    ['72', '72'],
    ['cast(72.50 as decimal(18, 2))', '72.5'],
    ['cast(100.00 as decimal(18, 2))', '100'],
    ['cast(-0.50 as decimal(18, 2))', '-0.5'],
    ['cast(12345678901234567890123456 as hugeint)', '12345678901234567890123456'],
    ['cast(0.1 as double)', '0.1'],
    ['cast(100 as double)', '100'],
    ['cast(1e20 as double)', '100000000000000000000'],
    ['cast(1e-7 as double)', '0'],
    ['cast(123456789.123 as double)', '123456789.123'],
    ['cast(0 as double) * -1', '0'],
    ["cast('nan' as double)", 'refused'],
    ["cast('infinity' as double)", 'refused'],
    ["cast('-infinity' as double)", 'refused'],
    ['cast(1e300 as double)', 'refused'],
    ['cast(null as double)', null],
    ['cast(null as decimal(18, 2))', null],
  ])('writes %s as %s', async (expression, text) => {
    expect(await format('number', expression)).toBe(text);
  });

  test.each([
    ['cast(72.50 as decimal(18, 2))', 0, '73'],
    ['cast(-72.50 as decimal(18, 2))', 0, '-73'],
    ['cast(99.96 as decimal(4, 2))', 1, '100'],
    ['cast(0.285 as double)', 2, '0.29'],
    ['cast(-0.004 as double)', 2, '0'],
    ['cast(5 as integer)', 2, '5'],
    ['cast(1.23456789 as double)', 8, '1.23456789'],
  ])('rounds %s to %i decimals, half away from zero: %s', async (expression, decimals, text) => {
    expect(await format('number', expression, decimals)).toBe(text);
  });
});

describe('texts', () => {
  test.each([
    ["'hot'", 'hot'],
    ["''", null],
    ["'Grüße 👋'", 'Grüße 👋'],
    ['cast(72.50 as decimal(18, 2))', '72.5'],
    ['true', 'true'],
    ["date '2026-01-31'", '2026-01-31'],
  ])('writes %s as %s', async (expression, text) => {
    expect(await format('string', expression)).toBe(text);
  });

  test('keeps a text of exactly the limit and cuts a longer one to it, with a marker', async () => {
    expect(await format('string', `repeat('x', ${maxTextLength})`)).toBe('x'.repeat(maxTextLength));
    const cut = String(await format('string', `repeat('x', ${maxTextLength + 1})`));
    expect(cut).toHaveLength(maxTextLength);
    expect(cut.endsWith('x … [cut by Scoreline]')).toBe(true);
  });
});

describe('dates, datetimes and booleans', () => {
  test("takes the day in the project's time zone", async () => {
    expect(await format('date', "timestamptz '2026-01-31 23:30:00+00'")).toBe('2026-02-01');
    expect(await format('date', "date '2026-01-31'")).toBe('2026-01-31');
  });

  test("writes instants in UTC, and reads a time without a zone in the project's", async () => {
    expect(await format('datetime', "timestamptz '2026-01-31 08:30:00.123456+00'")).toBe('2026-01-31T08:30:00.123Z');
    expect(await format('datetime', "timestamp '2026-01-31 08:30:00'")).toBe('2026-01-31T07:30:00Z');
    expect(await format('datetime', "date '2026-07-01'")).toBe('2026-06-30T22:00:00Z');
    expect(await format('datetime', "timestamptz '1899-12-31 00:00:00+00'")).toBe('1899-12-31T00:00:00Z');
  });

  test.each(["'infinity'", "'-infinity'", "'12026-01-31'", "'0044-03-15 (BC)'"])(
    'refuses the time %s, which HubSpot cannot hold',
    async (time) => {
      expect(await format('date', `cast(${time} as date)`)).toBe('refused');
      expect(await format('datetime', `cast(${time} as timestamp)`)).toBe('refused');
    },
  );

  test('writes booleans in words', async () => {
    expect(await format('bool', 'true')).toBe('true');
    expect(await format('bool', 'false')).toBe('false');
    expect(await format('bool', 'cast(null as boolean)')).toBeNull();
  });
});

test('every property type says which columns it can hold', () => {
  expect(Object.keys(columnKindsOfProperty).sort()).toEqual([
    'bool',
    'date',
    'datetime',
    'enumeration',
    'number',
    'string',
  ]);
});
