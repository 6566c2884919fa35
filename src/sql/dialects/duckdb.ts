import { PostgresQueryCompiler, sql } from 'kysely';
import { compileFragment } from '../compile-fragment.ts';
import type { Dialect, Fragment } from '../types.ts';
import { readFiles } from './duckdb-files.ts';
import { numberChangesBy } from './number-changes.ts';
import { typedValues } from './typed-values.ts';
import { unionByName } from './union-by-name.ts';

const values = typedValues({
  text: 'varchar',
  boolean: 'boolean',
  integer: 'bigint',
  double: 'double',
  date: 'date',
  timestamp: 'timestamptz',
  decimal: ({ precision, scale }) => `decimal(${precision}, ${scale})`,
});

/**
 * DuckDB's spelling. Separators, salts and names of JSON members are written as quoted text and not bound, so that they
 * also serve in a view, which takes no binds: `bind` and `inList` alone bind.
 *
 * Days are taken with a cast, whatever the type of the column: of a TIMESTAMP that is 300 million rows/s on two cores, of
 * a TIMESTAMPTZ (a look-up in the time zone's rules per row) about 10 million.
 */
export const duckDbDialect: Dialect = {
  warehouse: 'duckdb',
  // Names in double quotes, binds as `$1`: DuckDB follows PostgreSQL in both.
  compile: (fragment) => compileFragment(fragment, new PostgresQueryCompiler()),
  relation: ({ database, schema, name }) =>
    database === undefined ? sql.id(schema, name) : sql.id(database, schema, name),
  withColumns: unionByName(values.type),
  createSchema: (name) => sql`create schema if not exists ${sql.id(name)}`,
  dropSchema: (name) => sql`drop schema ${sql.id(name)} cascade`,
  // One process alone writes into the file, and an index costs every row that is written.
  uniqueKey: () => null,
  files: readFiles,
  ...values,

  // Whatever a decimal divides becomes a double here.
  double: (value) => sql.raw(Number.isInteger(value) ? `${value}.0` : String(value)),
  wholeDecimal: (value) => sql.raw(String(value)),
  decimalText: (value, scale) => {
    const text = sql`cast(${value} as varchar)`;
    return scale === 0 ? text : sql`rtrim(rtrim(${text}, '0'), '.')`;
  },
  lower: (text) => sql`lower(${text})`,
  textOrder: (text) => text,

  day: (at) => sql`cast(${at} as date)`,
  daysBetween: (from, to) => sql`(cast(${to} as date) - cast(${from} as date))`,
  notAfter,
  notAfterWallTime: (at, wallTime) => sql`${at} <= timestamp ${sql.lit(wallTime)}`,
  notBeforeDay: (at, day) => sql`${at} >= date ${sql.lit(day)}`,
  // Of the transaction, which here is as long as the statement or the script.
  now: () => sql`now()`,
  secondsAfter: (at, seconds) => sql`(${at} + to_seconds(${seconds}))`,
  instantText: (at) =>
    sql`case when isfinite(${at}) then strftime(timezone('UTC', cast(${at} as timestamptz)), '%Y-%m-%dT%H:%M:%S.%gZ') end`,
  // A time without a zone becomes an instant first: where the clocks change, an hour on the wall is not 3,600 seconds.
  secondsBetween: (from, to) => sql`((${microseconds(to)} - ${microseconds(from)}) / 1e6)`,
  roundTo,
  safeDivide: (dividend, divisor) => sql`(cast(${dividend} as double) / nullif(cast(${divisor} as double), 0))`,
  // One regular expression each: `trim` takes DuckDB as long again.
  emailDomain: (email) => sql`nullif(lower(regexp_extract(${email}, '@\\s*([^@\\s]*)\\s*$', 1)), '')`,
  urlPath: (url) => sql`('/' || regexp_extract(${url}, ${sql.lit(urlPattern)}, 1))`,
  // Eight hexadecimal digits of MD5 are the same number on every warehouse, and buckets are even to one in a million.
  hashBucket: (key, salt, buckets) =>
    sql`(cast('0x' || substr(md5(${sql.lit(`${salt}:`)} || cast(${key} as varchar)), 1, 8) as bigint) % ${sql.lit(buckets)})`,
  stringAgg: (value, separator, orderBy) => sql`string_agg(${value}, ${sql.lit(separator)} order by ${orderBy})`,
  joinText: (parts, separator) =>
    parts.length === 0 ? sql`''` : sql`concat_ws(${sql.lit(separator)}, ${sql.join(parts)})`,

  jsonObject: (members) => {
    const items = members.map(([name, value]) => sql`${sql.lit(name)}, ${value}`);
    return sql`cast(json_object(${sql.join(items)}) as varchar)`;
  },
  jsonText: (object, name) => sql`json_extract_string(${object}, ${sql.lit(jsonPointer(name))})`,
  // The length in front keeps the parts apart, whatever is in them; null has no length, the empty text has length 0.
  hash: (parts) => sql`md5(concat(${sql.join(parts.map((part) => sql`length(${part}), ':', ${part}`))}))`,
  // Forty of the 64 bits, so that a sum over millions of rows is far from any end.
  checksum: (parts) => sql`cast(hash(${sql.join(parts)}) >> 24 as bigint)`,
  withNumberChanges: numberChangesBy(jsonNumberChanges),
};

/** Scheme and host, the slash that begins the path, the rest of the path. */
const urlPattern = '^\\s*(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?/?([^?#]*)';

/**
 * The inner rounding takes away the noise of binary fractions, so that 0.285 counts as half-way between 0.28 and 0.29.
 * It stays in doubles: DuckDB turns doubles into decimals of more than 18 digits seventy times slower.
 */
function roundTo(value: Fragment, precision: number, scale: number): Fragment {
  const double = sql`cast(${value} as double)`;
  const shift = sql.raw(`1e${scale}`);
  const decimal = values.type({ kind: 'decimal', precision, scale });
  return sql`case when isfinite(${double}) then cast(round(round(${double} * ${shift}, 6)) / ${shift} as ${decimal}) end`;
}

/**
 * DuckDB knows the type when it plans and keeps one branch. To compare a time without a zone it looks up the zone's rules
 * in every row, so for those the day decides first, and the exact comparison is left for the last day.
 */
function notAfter(at: Fragment, instant: Fragment): Fragment {
  const onAnEarlierDay = sql`cast(${at} as date) < cast(${instant} as date)`;
  return sql`case when typeof(${at}) = 'TIMESTAMP WITH TIME ZONE' then ${at} <= ${instant} else ${onAnEarlierDay} or ${at} <= ${instant} end`;
}

function microseconds(at: Fragment): Fragment {
  return sql`epoch_us(cast(${at} as timestamptz))`;
}

function jsonNumberChanges(before: Fragment, after: Fragment): Fragment {
  const number = (object: Fragment) =>
    sql`cast(coalesce(json_extract_string(${object}, '/' || member), '0') as decimal(18, 6))`;
  const members = sql`list_sort(list_distinct(list_concat(json_keys(${before}), json_keys(${after}))))`;
  return sql`(select coalesce(cast(json_group_object(member, cast(change as varchar)) as varchar), '{}')
from (select member, ${number(after)} - ${number(before)} as change from unnest(${members}) as members(member)) as changes
where change <> 0)`;
}

/** RFC 6901, in which quotes and dots of a name need no escape. */
function jsonPointer(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
