import { sql } from 'kysely';
import { compileFragment } from '../compile-fragment.ts';
import type { Dialect, Fragment, NumberChanges } from '../types.ts';
import { SnowflakeQueryCompiler } from './snowflake-query-compiler.ts';
import { typedValues } from './typed-values.ts';
import { unionByName } from './union-by-name.ts';

const values = typedValues({
  text: 'varchar',
  boolean: 'boolean',
  integer: 'bigint',
  double: 'double',
  date: 'date',
  timestamp: 'timestamp_ltz',
  decimal: ({ precision, scale }) => `number(${precision}, ${scale})`,
});

/**
 * Snowflake's spelling. Separators, salts and names of JSON members are written as quoted text and not bound, so that they
 * also serve in a view, which takes no binds: `bind` and `inList` alone bind.
 *
 * An instant is a TIMESTAMP_LTZ. The three kinds of timestamps and dates become one before they are compared, since the
 * day of a TIMESTAMP_TZ would be that of its own offset; of a column that is one already, Snowflake leaves the cast out.
 */
export const snowflakeDialect: Dialect = {
  warehouse: 'snowflake',
  compile: (fragment) => compileFragment(fragment, new SnowflakeQueryCompiler()),
  relation: ({ database, schema, name }) =>
    database === undefined ? sql.id(schema, name) : sql.id(database, schema, name),
  withColumns: unionByName(values.type),
  // The adapter goes on where a role may not make schemas and finds this one made.
  createSchema: (name) => sql`create schema if not exists ${sql.id(name)}`,
  dropSchema: (name) => sql`drop schema ${sql.id(name)} cascade`,
  // Snowflake takes keys down and does not watch over them; its MERGE locks the table instead.
  uniqueKey: () => null,
  files: () => null,
  ...values,

  // A quotient of two numbers has few decimals.
  double: (value) => sql`cast(${sql.raw(String(value))} as double)`,
  wholeDecimal: (value) => sql.raw(String(value)),
  decimalText: (value, scale) => {
    const text = sql`cast(cast(${value} as ${values.type({ kind: 'decimal', precision: 38, scale })}) as varchar)`;
    return scale === 0 ? text : sql`regexp_replace(${text}, '[.]?0+$', '')`;
  },
  lower: (text) => sql`lower(${text})`,
  // By code points, unless a column has a collation of its own.
  textOrder: (text) => text,

  day,
  daysBetween: (from, to) => sql`datediff(day, ${day(from)}, ${day(to)})`,
  notAfter: (at, moment) => sql`${instant(at)} <= ${moment}`,
  notAfterWallTime: (at, wallTime) => sql`${at} <= cast(${sql.lit(wallTime)} as timestamp_ntz)`,
  notBeforeDay: (at, onDay) => sql`${at} >= cast(${sql.lit(onDay)} as date)`,
  now: () => sql`current_timestamp()`,
  secondsAfter: (at, seconds) => sql`dateadd(second, ${seconds}, ${at})`,
  instantText: (at) => {
    const utc = sql`convert_timezone('UTC', ${instant(at)})`;
    return sql`(to_char(${utc}, 'YYYY-MM-DD') || 'T' || to_char(${utc}, 'HH24:MI:SS.FF3') || 'Z')`;
  },
  secondsBetween: (from, to) =>
    sql`(cast(datediff(microsecond, ${instant(from)}, ${instant(to)}) as double) / 1000000)`,
  roundTo,
  safeDivide: (dividend, divisor) => sql`(cast(${dividend} as double) / nullif(cast(${divisor} as double), 0))`,
  emailDomain: (email) =>
    sql`nullif(lower(regexp_substr(${email}, ${sql.lit('@\\s*([^@\\s]*)\\s*$')}, 1, 1, 'e', 1)), '')`,
  // Where there is no path, the match is empty, and may be null.
  urlPath: (url) =>
    sql`case when ${url} is not null then '/' || coalesce(regexp_substr(${url}, ${sql.lit(urlPattern)}, 1, 1, 'e', 3), '') end`,
  // Eight hexadecimal digits of MD5 are the same number on every warehouse, and buckets are even to one in a million.
  hashBucket: (key, salt, buckets) =>
    sql`mod(to_number(substr(md5(${sql.lit(`${salt}:`)} || cast(${key} as varchar)), 1, 8), 'XXXXXXXX'), ${sql.lit(buckets)})`,
  // LISTAGG of nulls alone is the empty text.
  stringAgg: (value, separator, orderBy) =>
    sql`case when count(${value}) > 0 then listagg(${value}, ${sql.lit(separator)}) within group (order by ${orderBy}) end`,
  // CONCAT_WS is null as soon as one part is.
  joinText: (parts, separator) => {
    if (parts.length === 0) return sql`''`;
    const each = parts.map((part) => sql`coalesce(${sql.lit(separator)} || ${part}, '')`);
    return sql`substr(${sql.join(each, sql` || `)}, ${sql.lit([...separator].length + 1)})`;
  },

  // Snowflake's own objects have their members in an order of its own; texts are compared with what was written before.
  jsonObject: (members) => {
    const items = members.map(
      ([name, value]) => sql`${sql.lit(`${JSON.stringify(name)}:`)} || coalesce(to_json(to_variant(${value})), 'null')`,
    );
    return items.length === 0 ? sql`'{}'` : sql`('{' || ${sql.join(items, sql` || ',' || `)} || '}')`;
  },
  jsonText: (object, name) => sql`json_extract_path_text(${object}, ${sql.lit(`[${JSON.stringify(name)}]`)})`,
  // The length in front keeps the parts apart, whatever is in them; null has no length, the empty text has length 0.
  hash: (parts) =>
    sql`md5(${sql.join(
      parts.map((part) => sql`coalesce(cast(length(${part}) as varchar) || ':' || ${part}, ':')`),
      sql` || `,
    )})`,
  // Forty of the 64 bits, so that a sum over millions of rows is far from any end.
  checksum: (parts) => sql`bitand(hash(${sql.join(parts)}), 1099511627775)`,
  withNumberChanges,
};

/** Scheme and host, the slash that begins the path, the rest of the path: the third group, as Snowflake has none that count not. */
const urlPattern = '^\\s*(([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?/?([^?#]*)';

function instant(at: Fragment): Fragment {
  return sql`cast(${at} as timestamp_ltz)`;
}

function day(at: Fragment): Fragment {
  return sql`cast(${instant(at)} as date)`;
}

/**
 * The inner rounding takes away the noise of binary fractions, so that 0.285 counts as half-way between 0.28 and 0.29. To
 * Snowflake, NaN is above infinity.
 */
function roundTo(value: Fragment, precision: number, scale: number): Fragment {
  const double = sql`cast(${value} as double)`;
  const shift = sql`cast(${sql.raw(String(10 ** scale))} as double)`;
  const decimal = values.type({ kind: 'decimal', precision, scale });
  return sql`case when abs(${double}) < cast('inf' as double) then cast(round(round(${double} * ${shift}, 6)) / ${shift} as ${decimal}) end`;
}

/**
 * By joins: Snowflake takes no FLATTEN of a row's object within an expression. The earlier numbers are taken from the later
 * ones, member by member, and what is left is one object per row.
 */
function withNumberChanges(rows: Fragment, { key, before, after, as }: NumberChanges): Fragment {
  const list = (alias: string) => sql.join(key.map((column) => sql`${sql.id(alias)}.${sql.id(column)}`));
  const isSame = key.map((column) => sql`c.${sql.id(column)} = r.${sql.id(column)}`);
  const members = (object: string, sign: '' | '-') =>
    sql`select ${list('r')}, f.key as member, ${sql.raw(sign)}cast(f.value as number(18, 6)) as points
  from compared as r, lateral flatten(input => parse_json(r.${sql.id(object)})) as f`;
  return sql`(
with compared as (select * from ${rows} as x),
members as (
  ${members(after, '')}
  union all
  ${members(before, '-')}
),
changes as (
  select ${list('m')}, m.member, sum(m.points) as change
  from members as m
  group by ${list('m')}, m.member
  having sum(m.points) <> 0
),
objects as (
  select ${list('c')}, 
    '{' || listagg(to_json(to_variant(c.member)) || ':"' || cast(cast(c.change as number(18, 6)) as varchar) || '"', ',')
      within group (order by c.member) || '}' as moved
  from changes as c
  group by ${list('c')}
)
select r.*, coalesce(c.moved, '{}') as ${sql.id(as)}
from compared as r
left join objects as c on ${sql.join(isSame, sql` and `)}
)`;
}
