import { sql } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import { compileFragment } from '../compile-fragment.ts';
import { bigQueryLexis } from '../syntax/lexis.ts';
import type { ColumnType, Dialect, Fragment } from '../types.ts';
import { BigQueryQueryCompiler } from './bigquery-query-compiler.ts';
import { numberChangesBy } from './number-changes.ts';
import { typedValues } from './typed-values.ts';

const values = typedValues({
  text: 'string',
  boolean: 'bool',
  integer: 'int64',
  double: 'float64',
  date: 'date',
  timestamp: 'timestamp',
  // Without its size, which BigQuery takes in the columns of a table alone: `roundDecimal` sees to the decimals.
  decimal: (type) => (isNumeric(type) ? 'numeric' : 'bignumeric'),
});

/**
 * BigQuery's spelling. Every job has the project's time zone as its default (see `src/warehouse/bigquery`), so that days,
 * casts and literals without a zone are read in it.
 *
 * A DATE, a DATETIME and a TIMESTAMP cannot be compared with each other, and whoever writes SQL here does not know which of
 * them a column is: casts lead to one type, and of a TIMESTAMP that is no work. A literal in quotes alone takes the type of
 * what it is compared with, so that partitions can be left out.
 */
export const bigQueryDialect: Dialect = {
  warehouse: 'bigquery',
  lexis: bigQueryLexis,
  compile: (fragment) => compileFragment(fragment, new BigQueryQueryCompiler()),
  relation: ({ database, schema, name }) =>
    database === undefined ? sql.id(schema, name) : sql.id(database, schema, name),
  // The row as JSON has what it has; its names have the case of the relation's columns.
  withColumns: (relation, present, columns) => {
    const read = columns.map(
      ([name, type]) => sql`cast(json_value(whole_row, ${jsonPath(name)}) as ${values.type(type)}) as ${sql.id(name)}`,
    );
    const rows = sql`select r.${sql.id(present)}, to_json_string(r) as whole_row from ${relation} as r`;
    return sql`(select ${sql.join([sql.id(present), ...read])} from (${rows}) as rows_as_text)`;
  },
  createSchema: (name) => sql`create schema if not exists ${sql.id(name)}`,
  dropSchema: (name) => sql`drop schema ${sql.id(name)} cascade`,
  // BigQuery declares keys, but does not watch over them.
  uniqueKey: () => null,
  files: () => null,
  ...values,
  roundDecimal: (value, type) => sql`round(cast(${value} as ${values.type(type)}), ${sql.lit(type.scale)})`,

  double: (value) => sql.raw(Number.isInteger(value) ? `${value}.0` : String(value)),
  // Beside a NUMERIC, an INT64 is one too.
  wholeDecimal: (value) => sql.raw(String(value)),
  decimalText: (value) =>
    sql`regexp_replace(cast(${value} as string), ${sql.lit('\\.0+$|(\\.\\d*[1-9])0+$')}, ${sql.lit('\\1')})`,
  lower: (text) => sql`lower(${text})`,
  textOrder: (text) => text,

  day,
  daysBetween: (from, to) => sql`date_diff(${day(to)}, ${day(from)}, day)`,
  notAfter: (at, instant) => sql`${instantOf(at)} <= ${instant}`,
  notAfterWallTime: (at, wallTime) => sql`${instantOf(at)} <= timestamp ${sql.lit(wallTime)}`,
  notBeforeDay: (at, date) => sql`${at} >= ${sql.lit(date)}`,
  tablesOfDays,
  // Of the statement.
  now: () => sql`current_timestamp()`,
  secondsAfter: (at, seconds) => sql`timestamp_add(${at}, interval (${seconds}) second)`,
  instantText: (at) => sql`format_timestamp('%E4Y-%m-%dT%H:%M:%E3SZ', ${instantOf(at)}, 'UTC')`,
  secondsBetween: (from, to) => sql`(timestamp_diff(${instantOf(to)}, ${instantOf(from)}, microsecond) / 1e6)`,
  roundTo,
  // `/` refuses a result that is too large for a double; this one is infinite then, as it is elsewhere.
  safeDivide: (dividend, divisor) =>
    sql`ieee_divide(cast(${dividend} as float64), nullif(cast(${divisor} as float64), 0))`,
  emailDomain: (email) => sql`nullif(lower(regexp_extract(${email}, ${sql.lit('@\\s*([^@\\s]*)\\s*$')})), '')`,
  urlPath: (url) => sql`concat('/', regexp_extract(${url}, ${sql.lit(urlPattern)}))`,
  hashBucket: (key, salt, buckets) =>
    sql`mod(cast(concat('0x', substr(to_hex(md5(concat(${sql.lit(`${salt}:`)}, cast(${key} as string)))), 1, 8)) as int64), ${sql.lit(buckets)})`,
  stringAgg: (value, separator, orderBy) =>
    sql`string_agg(cast(${value} as string), ${sql.lit(separator)} order by ${orderBy})`,
  joinText: (parts, separator) =>
    parts.length === 0 ? sql`''` : sql`coalesce(array_to_string([${sql.join(parts)}], ${sql.lit(separator)}), '')`,

  // Written out, since a JSON of BigQuery's sorts its members by their names, and a STRUCT takes no odd ones.
  jsonObject: (members) => {
    const written = members.map(([name, value], index) => {
      const before = `${index === 0 ? '' : ','}${JSON.stringify(name)}:`;
      return sql`${sql.lit(before)}, to_json_string(${value})`;
    });
    return members.length === 0 ? sql`'{}'` : sql`concat('{', ${sql.join(written)}, '}')`;
  },
  jsonText: (object, name) => sql`json_value(${object}, ${jsonPath(name)})`,
  hash: (parts) => {
    const texts = parts.map((part) => sql`coalesce(concat(cast(char_length(${part}) as string), ':', ${part}), ':')`);
    return sql`to_hex(md5(concat(${sql.join(texts)})))`;
  },
  checksum: (parts) => {
    const members = parts.map((part, index) => sql`${part} as ${sql.raw(`c${index}`)}`);
    return sql`(farm_fingerprint(to_json_string(struct(${sql.join(members)}))) & ${sql.raw(String(2 ** 40 - 1))})`;
  },
  withNumberChanges: numberChangesBy(jsonNumberChanges),
};

/** Scheme and host, the slash that begins the path, the rest of the path. */
const urlPattern = '^\\s*(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?/?([^?#]*)';

/** NUMERIC has 29 digits before the point and 9 behind it; BIGNUMERIC, with more, costs twice as much. */
function isNumeric({ precision, scale }: Extract<ColumnType, { kind: 'decimal' }>): boolean {
  return scale <= 9 && precision - scale <= 29;
}

function day(at: Fragment): Fragment {
  return sql`cast(${at} as date)`;
}

function instantOf(at: Fragment): Fragment {
  return sql`cast(${at} as timestamp)`;
}

/**
 * The inner rounding takes away the noise of binary fractions, so that 0.285 counts as half-way between 0.28 and 0.29, and
 * the outer one what the division brings back. What NUMERIC cannot hold is refused; it holds more than most decimal types.
 */
function roundTo(value: Fragment, precision: number, scale: number): Fragment {
  const double = sql`cast(${value} as float64)`;
  const shift = sql.raw(`1e${scale}`);
  const type = values.type({ kind: 'decimal', precision, scale });
  const rounded = sql`round(cast(round(round(${double} * ${shift}, 6)) / ${shift} as ${type}), ${sql.lit(scale)})`;
  return sql`case when not is_nan(${double}) and not is_inf(${double}) then ${rounded} end`;
}

/**
 * Google Analytics exports a table per day, `events_20260131`, and while a day lasts one called `events_intraday_20260131`.
 * Constants alone let BigQuery leave tables out. The spare day is for whoever names tables by the days of another zone.
 */
function tablesOfDays(since: string | null, until: string): Fragment {
  const suffix = (day: string, days: number) =>
    Temporal.PlainDate.from(day).add({ days }).toString().replaceAll('-', '');
  const first = since === null ? '00000000' : suffix(since, -1);
  const last = suffix(until, 1);
  const bounds = ['', 'intraday_'].map(
    (kind) => sql`_table_suffix between ${sql.lit(`${kind}${first}`)} and ${sql.lit(`${kind}${last}`)}`,
  );
  return sql`(${sql.join(bounds, sql` or `)})`;
}

/** A text that BigQuery reads as a path: the member's name in double quotes. */
function jsonPath(name: string): Fragment {
  return sql.lit(`$.${JSON.stringify(name)}`);
}

/** The pairs of one object: names and numbers of ours, in which nothing is escaped. */
const pairPattern = '"[^"]*":"[^"]*"';

/** Without BigQuery's functions for JSON, whose paths have to be known beforehand. */
function jsonNumberChanges(before: Fragment, after: Fragment): Fragment {
  const numbers = (object: Fragment, sign: Fragment) =>
    sql`select regexp_extract(pair, '^"([^"]*)"') as member, ${sign}cast(regexp_extract(pair, ':"([^"]*)"$') as numeric) as number
  from unnest(regexp_extract_all(${object}, ${sql.lit(pairPattern)})) as pair`;
  return sql`(select coalesce(concat('{', string_agg(concat('"', member, '":"', format('%.6f', change), '"'), ',' order by member), '}'), '{}')
from (
  select member, sum(number) as change from (
  ${numbers(before, sql`-`)}
  union all
  ${numbers(after, sql``)}
  ) as numbers
  group by member
) as changes
where change <> 0)`;
}
