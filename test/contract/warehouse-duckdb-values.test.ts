import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Value } from '../../src/warehouse/port.ts';
import { openTempDuckDb, type TempDuckDb } from '../support/temp-duckdb.ts';

let duckDb: TempDuckDb;

beforeAll(async () => {
  duckDb = await openTempDuckDb('Europe/Berlin');
});
afterAll(() => duckDb.dispose());

const one = async (expression: string): Promise<Value | undefined> => {
  const rows = await duckDb.warehouse.query(duckDb.warehouse.dialect.compile(sql.raw(`select ${expression} as v`)));
  return rows[0]?.v;
};

describe('DuckDB types beside those that cross the port', () => {
  test.for<readonly [string, Value]>([
    ['170141183460469231731687303715884105727::hugeint', 170141183460469231731687303715884105727n],
    ['255::utinyint', 255],
    ['sum(1)', 1],
    ['1.5::float', 1.5],
    ["'b'::enum('a', 'b')", 'b'],
    ["'8c0e2a26-7c43-4a2e-9f5e-1d3b3c8c7b11'::uuid", '8c0e2a26-7c43-4a2e-9f5e-1d3b3c8c7b11'],
    [`'{"a": 1}'::json`, '{"a": 1}'],
    ["time '12:30:00'", '12:30:00'],
    ['[1, 2, null]', [1, 2, null]],
    ["[['a'], []]", [['a'], []]],
    ["[date '2026-01-31', null]", ['2026-01-31', null]],
    ['[1.50, 2.25]', ['1.50', '2.25']],
    ["array_value('a', 'b')", ['a', 'b']],
    ["{'a': 1}", "{'a': 1}"],
    ["timestamptz 'infinity'", 'infinity'],
    ["timestamp '-infinity'", '-infinity'],
    ["date 'infinity'", 'infinity'],
    ["date '-infinity'", '-infinity'],
    ["date '5000000-01-01'", '5000000-01-01'],
    ["date '0044-03-15 (BC)'", '-000043-03-15'],
    ["timestamp_s '2026-01-31 09:30:00'", '2026-01-31T08:30:00.000Z'],
    ["timestamp_ms '2026-01-31 09:30:00.125'", '2026-01-31T08:30:00.125Z'],
    ["timestamp_ns '2026-01-31 09:30:00.123456789'", '2026-01-31T08:30:00.123456Z'],
    ["timestamp '1969-12-31 23:59:59.999999'", '1969-12-31T22:59:59.999999Z'],
    ['null', null],
  ])('%s is read as the plain value that it is', async ([expression, value]) => {
    expect(await one(expression)).toEqual(value);
  });

  test.for<readonly [string, string]>([
    ['1::hugeint', 'integer'],
    ['1::float', 'double'],
    ["'a'::enum('a', 'b')", 'text'],
    ['uuid()', 'text'],
    ["'{}'::json", 'text'],
    ["timestamp '2026-01-31 09:30:00'", 'timestamp'],
    ['[1]', 'other'],
    ["{'a': 1}", 'other'],
    ["interval '1 day'", 'other'],
  ])('%s is described as %s', async ([expression, kind]) => {
    const [column] = await duckDb.warehouse.describe(
      duckDb.warehouse.dialect.compile(sql.raw(`select ${expression} as v`)),
    );
    expect(column?.type.kind).toBe(kind);
  });
});

describe('the time zone of the project', () => {
  test('decides on which day an instant falls', async () => {
    expect(await one("cast(timestamptz '2026-01-31 23:30:00+00' as date)")).toBe('2026-02-01');
  });

  test('holds on every connection', async () => {
    const zones = await Promise.all(Array.from({ length: 8 }, () => one("current_setting('TimeZone')")));
    expect(new Set(zones)).toEqual(new Set(['Europe/Berlin']));
  });

  test('reads times without a zone exactly as DuckDB itself does', async () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC'];
    const anyTime = fc.integer({ min: 0, max: 2_000_000_000 });
    // Minutes around the hours in which Berlin, New York and Lord Howe change their clocks.
    const nearChange = fc
      .tuple(
        fc.constantFrom(
          '2026-03-29T02:00Z',
          '2026-10-25T02:00Z',
          '2026-03-08T02:00Z',
          '2026-11-01T01:00Z',
          '2026-04-05T01:30Z',
        ),
        fc.integer({ min: -180, max: 180 }),
      )
      .map(([change, minutes]) => Date.parse(change) / 1000 + minutes * 60);
    for (const zone of zones) {
      const { warehouse, dispose } = await openTempDuckDb(zone);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(anyTime, nearChange), { minLength: 100, maxLength: 200 }),
          async (seconds) => {
            const times = seconds.map((each) => `(make_timestamp(${each}000000))`).join(', ');
            const rows = await warehouse.query(
              warehouse.dialect.compile(
                sql.raw(`select t as naive, cast(t as timestamptz) as zoned from (values ${times}) as x(t)`),
              ),
            );
            expect(rows.map((row) => row.naive)).toEqual(rows.map((row) => row.zoned));
          },
        ),
        { numRuns: 5 },
      );
      await dispose();
    }
  });
});
