import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ColumnType, Dialect, Fragment } from '../../src/sql/types.ts';
import type { Value, Warehouse } from '../../src/warehouse/port.ts';
import { type SnowflakeServer, snowflakeServerMissing, startSnowflakeServer } from '../support/snowflake-server.ts';
import { openTempDuckDb, type TempDuckDb } from '../support/temp-duckdb.ts';

type Expression = (dialect: Dialect) => Fragment;

const text: ColumnType = { kind: 'text' };
const bound = (dialect: Dialect, value: string | null) => dialect.bind(text, value);
const ofTexts = (make: (dialect: Dialect, value: Fragment) => Fragment, values: readonly (string | null)[]) =>
  values.map(
    (value): Expression =>
      (dialect) =>
        make(dialect, bound(dialect, value)),
  );

/** Instants around the changes of clocks in Berlin, and what is no instant: a date, and times on the wall. */
const times: readonly Expression[] = [
  ...[
    '2026-03-28T22:59:59.999999Z',
    '2026-03-28T23:00:00Z',
    '2026-03-29T00:59:59.123456Z',
    '2026-10-24T22:00:00Z',
    '2026-10-25T00:30:00Z',
    '1969-12-31T23:30:00.001Z',
  ].map(
    (value): Expression =>
      (dialect) =>
        dialect.bind({ kind: 'timestamp' }, value),
  ),
  (dialect) => dialect.bind({ kind: 'date' }, '2026-03-29'),
  () => sql`cast('2026-03-29 12:30:00' as timestamp)`,
  () => sql`cast('2026-10-25 23:30:00.25' as timestamp)`,
  (dialect) => dialect.bind({ kind: 'timestamp' }, null),
];

const emails = [
  'ann@One.Example',
  'a@b@c.example ',
  'none',
  '@',
  ' x@y.example\t',
  'x@ y.example',
  'x@a b',
  'ü@münchen.example',
  '',
  null,
];
const urls = [
  'https://x.example/a/b?c=1#d',
  'https://x.example',
  '//x.example/p',
  '/only/path#f',
  'relative/path',
  '?q',
  ' http://x.example/sp ace',
  'HTTPS://X.Example/Up',
  'mailto:a@b',
  '',
  null,
];
const odd = ['', 'plain', "it's", '"quoted"', 'Zoë 株式会社 🦆', 'back\\slash', 'a:b', '3:abc', null];
const doubles = [0, 0.285, -0.285, 2.675, 1.005, 1e-7, -0.0000005, 123456789.1234567, 0.1 + 0.2, 1e15];

const cases: Readonly<Record<string, readonly Expression[]>> = {
  day: times.map((at) => (dialect) => dialect.day(at(dialect))),
  daysBetween: times.map(
    (at) => (dialect) => dialect.daysBetween(at(dialect), dialect.bind({ kind: 'date' }, '2026-04-01')),
  ),
  secondsBetween: times.map(
    (at) => (dialect) =>
      dialect.secondsBetween(at(dialect), dialect.bind({ kind: 'timestamp' }, '2026-10-25T12:00:00.5Z')),
  ),
  notAfter: times.map(
    (at) => (dialect) => dialect.notAfter(at(dialect), dialect.bind({ kind: 'timestamp' }, '2026-03-28T23:00:00Z')),
  ),
  notAfterWallTime: times.map((at) => (dialect) => dialect.notAfterWallTime(at(dialect), '2026-03-29 12:30:00')),
  notBeforeDay: times.map((at) => (dialect) => dialect.notBeforeDay(at(dialect), '2026-03-29')),
  secondsAfter: times
    .slice(0, 6)
    .map((at) => (dialect) => dialect.instantText(dialect.secondsAfter(at(dialect), sql.lit(90)))),
  instantText: times.map((at) => (dialect) => dialect.instantText(at(dialect))),
  emailDomain: ofTexts((dialect, value) => dialect.emailDomain(value), emails),
  urlPath: ofTexts((dialect, value) => dialect.urlPath(value), urls),
  hashBucket: [1, 7, 10, 1000].flatMap((buckets) =>
    ofTexts((dialect, value) => dialect.hashBucket(value, "tri'al\\", buckets), odd),
  ),
  hash: [
    ...ofTexts((dialect, value) => dialect.hash([value]), odd),
    ...ofTexts((dialect, value) => dialect.hash([value, bound(dialect, null), value]), odd),
  ],
  roundTo: [0, 2, 6].flatMap((scale) =>
    [...doubles, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(
      (value): Expression =>
        (dialect) =>
          dialect.decimalText(dialect.roundTo(dialect.bind({ kind: 'double' }, value), 38, scale), scale),
    ),
  ),
  decimalText: ['12.500000', '10.000000', '-0.010000', '0.000000'].map(
    (value) => (dialect) => dialect.decimalText(dialect.bind({ kind: 'decimal', precision: 18, scale: 6 }, value), 6),
  ),
  safeDivide: [
    [1, 3],
    [1, 0],
    [0, 5],
    [-7, 2],
  ].map(
    ([dividend = 0, divisor = 0]) =>
      (dialect) =>
        dialect.safeDivide(sql.lit(dividend), sql.lit(divisor)),
  ),
  lower: ofTexts((dialect, value) => dialect.lower(value), ['ÄÖ', 'İ', 'ABC', null]),
  joinText: ofTexts(
    (dialect, value) => dialect.joinText([bound(dialect, 'a'), value, bound(dialect, null)], '; '),
    odd,
  ),
  jsonText: ['plain', 'a.b', 'a"b', "a'b", 'a/b~c', '$', 'ключ', 'back\\slash'].map(
    (name) => (dialect) => dialect.jsonText(dialect.jsonObject([[name, bound(dialect, 'x "y" \\ 🦆')]]), name),
  ),
  'a null member': [
    (dialect) => dialect.jsonText(dialect.jsonObject([['a', bound(dialect, null)]]), 'a'),
    (dialect) => dialect.jsonText(dialect.jsonObject([['a', bound(dialect, 'x')]]), 'b'),
  ],
};

describe.skipIf(snowflakeServerMissing !== null)(`The dialect of Snowflake ${snowflakeServerMissing ?? ''}`, () => {
  let server: SnowflakeServer;
  let duckDb: TempDuckDb;
  let snowflake: Warehouse;
  beforeAll(async () => {
    [server, duckDb] = await Promise.all([startSnowflakeServer(), openTempDuckDb('Europe/Berlin')]);
    snowflake = await server.open('dialect', 'Europe/Berlin');
  });
  afterAll(async () => {
    await snowflake.close();
    await Promise.all([server.stop(), duckDb.dispose()]);
  });

  const valuesOf = async (warehouse: Warehouse, expressions: readonly Expression[]): Promise<readonly Value[]> => {
    const list = expressions.map((make, index) => sql`${make(warehouse.dialect)} as ${sql.id(`c${index}`)}`);
    const [row = {}] = await warehouse.query(warehouse.dialect.compile(sql`select ${sql.join(list)}`));
    return expressions.map((_, index) => row[`c${index}`] ?? null);
  };

  test.for(Object.entries(cases))('gives the results of DuckDB for %s', async ([, expressions]) => {
    expect(await valuesOf(snowflake, expressions)).toEqual(await valuesOf(duckDb.warehouse, expressions));
  });
});
