import { PostgresQueryCompiler, sql } from 'kysely';
import { compileFragment } from '../compile-fragment.ts';
import type { Dialect, Fragment } from '../types.ts';
import { numberChangesBy } from './number-changes.ts';
import { typedValues } from './typed-values.ts';

const values = typedValues({
  text: 'text',
  boolean: 'boolean',
  integer: 'bigint',
  double: 'double precision',
  date: 'date',
  timestamp: 'timestamptz',
  decimal: ({ precision, scale }) => `numeric(${precision}, ${scale})`,
});

/**
 * PostgreSQL's spelling (15 or later, which is the first with MERGE). Separators, salts and names of JSON members are
 * written as quoted text and not bound, so that they also serve in a view, which takes no binds.
 *
 * No list of arguments grows with the number of columns, as a call takes 100 at most: texts are put together by `||` and
 * in arrays.
 */
export const postgresDialect: Dialect = {
  warehouse: 'postgres',
  compile: (fragment) => compileFragment(fragment, new TypedBindCompiler()),
  relation: ({ database, schema, name }) =>
    database === undefined ? sql.id(schema, name) : sql.id(database, schema, name),
  withColumns,
  // Making a schema takes a right on the database, which CREATE SCHEMA IF NOT EXISTS asks for even where it is there.
  createSchema: (name) =>
    sql`do ${quotedBlock(sql`begin
  if not exists (select 1 from pg_catalog.pg_namespace where nspname = ${sql.lit(name)}) then create schema ${sql.id(name)}; end if;
end`)}`,
  dropSchema: (name) => sql`drop schema ${sql.id(name)} cascade`,
  uniqueKey: (columns) => sql`unique (${sql.join(columns.map((column) => sql.id(column)))})`,
  files: () => null,
  ...values,

  double: (value) => sql`cast(${sql.raw(String(value))} as double precision)`,
  wholeDecimal: (value, type) => sql`cast(${sql.raw(String(value))} as ${values.type(type)})`,
  // A numeric without a scale has as many decimals as its value needs.
  decimalText: (value, scale) => sql`cast(trim_scale(round(cast(${value} as numeric), ${sql.lit(scale)})) as text)`,
  lower: lowerCase,
  textOrder: (text) => sql`${text} collate "C"`,

  day: (at) => sql`cast(${at} as date)`,
  // An infinite date cannot be subtracted.
  daysBetween: (from, to) => sql`(${finiteDay(to)} - ${finiteDay(from)})`,
  // A date or a time without a zone is read in the session's, as everywhere.
  notAfter: (at, instant) => sql`${at} <= ${instant}`,
  notAfterWallTime: (at, wallTime) => sql`${at} <= timestamp ${sql.lit(wallTime)}`,
  notBeforeDay: (at, day) => sql`${at} >= date ${sql.lit(day)}`,
  // Of the moment, as somebody else may have held up the statement: `now()` stands still for a whole transaction.
  now: () => sql`clock_timestamp()`,
  secondsAfter: (at, seconds) => sql`(${at} + ${seconds} * interval '1 second')`,
  instantText: (at) =>
    sql`case when isfinite(cast(${at} as timestamptz)) then to_char(cast(${at} as timestamptz) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end`,
  secondsBetween: (from, to) => sql`cast(${epoch(to)} - ${epoch(from)} as double precision)`,
  roundTo,
  safeDivide: (dividend, divisor) =>
    sql`(cast(${dividend} as double precision) / nullif(cast(${divisor} as double precision), 0))`,
  emailDomain: (email) => sql`nullif(${lowerCase(sql`substring(${email} from ${sql.lit(domainPattern)})`)}, '')`,
  urlPath: (url) => sql`('/' || substring(${url} from ${sql.lit(urlPattern)}))`,
  // Thirty-two bits become a number without a sign.
  hashBucket: (key, salt, buckets) =>
    sql`(cast(cast('x' || substr(md5(${sql.lit(`${salt}:`)} || cast(${key} as text)), 1, 8) as bit(32)) as bigint) % ${sql.lit(buckets)})`,
  stringAgg: (value, separator, orderBy) =>
    sql`string_agg(cast(${value} as text), ${sql.lit(separator)} order by ${orderBy})`,
  joinText: (parts, separator) =>
    parts.length === 0 ? sql`''` : sql`array_to_string(array[${sql.join(parts)}], ${sql.lit(separator)})`,

  jsonObject: (members) => {
    if (members.length === 0) return sql`'{}'`;
    const items = members.map(
      ([name, value], index) =>
        sql`${sql.lit(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`)} || coalesce(cast(to_json(cast(${value} as text)) as text), 'null')`,
    );
    return sql`(${sql.join(items, sql` || `)} || '}')`;
  },
  jsonText: (object, name) => sql`(cast(${object} as json) ->> ${sql.lit(name)})`,
  hash: (parts) => {
    const pieces = parts.map((part) => sql`coalesce(length(${part}) || ':' || ${part}, ':')`);
    return sql`md5(${sql.join(pieces, sql` || `)})`;
  },
  // The bytes of a row as it would be sent keep values apart, whatever is in them; its text would show times in the session's
  // zone, and hash_record_extended refuses some types. Forty of 64 bits, so that sums are far from any end.
  checksum: (parts) => sql`(hashtextextended(encode(record_send(row(${sql.join(parts)})), 'hex'), 0) & 1099511627775)`,
  withNumberChanges: numberChangesBy(jsonNumberChanges),
};

/** A value that a fragment binds by itself, without `Dialect.bind`, says of what type it is: PostgreSQL takes it for text. */
class TypedBindCompiler extends PostgresQueryCompiler {
  protected override appendValue(parameter: unknown): void {
    const type = plainType(parameter);
    if (type === null) {
      super.appendValue(parameter);
      return;
    }
    this.append('cast(');
    super.appendValue(parameter);
    this.append(` as ${type})`);
  }
}

function plainType(parameter: unknown): string | null {
  switch (typeof parameter) {
    case 'string':
      return 'text';
    case 'boolean':
      return 'boolean';
    case 'bigint':
      return 'bigint';
    case 'number':
      return Number.isSafeInteger(parameter) ? 'bigint' : 'double precision';
    default:
      return null;
  }
}

const spaces = ' \\t\\n\\v\\f\\r';
/** What stands behind the last `@`; white space is that of ASCII, whatever the language of the database. */
const domainPattern = `@[${spaces}]*([^@${spaces}]*)[${spaces}]*$`;
/** Scheme and host, the slash that begins the path, the rest of the path. */
const urlPattern = `^[${spaces}]*(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?/?([^?#]*)`;

/**
 * Inside the innermost SELECT, a name is a column of the relation where it has one, and else the null beside it: that is
 * how SQL looks names up.
 */
function withColumns(...[relation, present, columns]: Parameters<Dialect['withColumns']>): Fragment {
  const nulls = columns.map(([name, type]) => sql`cast(null as ${values.type(type)}) as ${sql.id(name)}`);
  const names = sql.join([present, ...columns.map(([name]) => name)].map((name) => sql.id(name)));
  return sql`(select found.* from (select ${sql.join(nulls)}) as missing cross join lateral (select ${names} from ${relation} as given) as found)`;
}

/** In a quoted text, since a block is one. */
function quotedBlock(block: Fragment): Fragment {
  return sql`$scoreline$${block}$scoreline$`;
}

/** By the rules of Unicode; those of a database in the language C know ASCII alone. */
function lowerCase(text: Fragment): Fragment {
  return sql`lower(${text} collate "und-x-icu")`;
}

function finiteDay(at: Fragment): Fragment {
  const day = sql`cast(${at} as date)`;
  return sql`case when isfinite(${day}) then ${day} end`;
}

/** A numeric with all microseconds; null for infinities. */
function epoch(at: Fragment): Fragment {
  const instant = sql`cast(${at} as timestamptz)`;
  return sql`case when isfinite(${instant}) then extract(epoch from ${instant}) end`;
}

/**
 * The text of a double has the digits that tell it from all others. The inner rounding takes away the noise of binary
 * fractions, of as many decimals as on DuckDB.
 */
function roundTo(value: Fragment, precision: number, scale: number): Fragment {
  const double = sql`cast(${value} as double precision)`;
  const decimal = values.type({ kind: 'decimal', precision, scale });
  const digits = sql`cast(cast(${double} as text) as numeric)`;
  return sql`case when abs(${double}) < double precision 'infinity' then cast(round(round(${digits}, ${sql.lit(scale + 6)}), ${sql.lit(scale)}) as ${decimal}) end`;
}

function jsonNumberChanges(before: Fragment, after: Fragment): Fragment {
  const members = (object: Fragment, value: string) =>
    sql`select key as member, cast(value as numeric(18, 6)) as ${sql.raw(value)} from json_each_text(cast(${object} as json)) as members(key, value)`;
  return sql`(select '{' || coalesce(string_agg(cast(to_json(member) as text) || ':"' || change || '"', ',' order by member collate "C"), '') || '}'
from (select member, coalesce(later, 0) - coalesce(earlier, 0) as change
  from (${members(before, 'earlier')}) as old full outer join (${members(after, 'later')}) as new using (member)) as changes
where change <> 0)`;
}
