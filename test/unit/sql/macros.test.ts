import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialectOf } from '../../../src/sql/dialects/dialect-of.ts';
import { type MacroName, macros } from '../../../src/sql/macros.ts';
import type { WarehouseType } from '../../../src/sql/types.ts';
import { DuckDbSession } from './duckdb-session.ts';
import { asOf, places, render } from './render-context.ts';

const calls: Readonly<Record<MacroName, string>> = {
  day: "day('at')",
  days_between: "days_between('a', 'b')",
  seconds_between: "seconds_between('a', 'b')",
  half_life_decay: "half_life_decay('at', '14d')",
  email_domain: "email_domain('email')",
  url_path: "url_path('url')",
  hash_bucket: "hash_bucket('id', 'trial', 10)",
  safe_divide: "safe_divide('a', 'b')",
  string_agg: "string_agg('name', ', ')",
};

/** A warehouse or macro without its SQL here does not compile. */
const expected: Readonly<Record<WarehouseType, Readonly<Record<MacroName, string>>>> = {
  duckdb: {
    day: 'cast(at as date)',
    days_between: '(cast(b as date) - cast(a as date))',
    seconds_between: '((epoch_us(cast(b as timestamptz)) - epoch_us(cast(a as timestamptz))) / 1e6)',
    half_life_decay:
      "case when case when typeof(at) = 'TIMESTAMP WITH TIME ZONE' then at <= cast($1 as timestamptz) " +
      'else cast(at as date) < cast(cast($2 as timestamptz) as date) or at <= cast($3 as timestamptz) end ' +
      'then power(0.5, (cast(cast($4 as timestamptz) as date) - cast(at as date)) / 14.0) when at is not null then 0 end',
    email_domain: "nullif(lower(regexp_extract(email, '@\\s*([^@\\s]*)\\s*$', 1)), '')",
    url_path: "('/' || regexp_extract(url, '^\\s*(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?/?([^?#]*)', 1))",
    hash_bucket: "(cast('0x' || substr(md5('trial:' || cast(id as varchar)), 1, 8) as bigint) % 10)",
    safe_divide: '(cast(a as double) / nullif(cast(b as double), 0))',
    string_agg: "string_agg(name, ', ' order by name)",
  },
  bigquery: {
    day: 'cast(at as date)',
    days_between: 'date_diff(cast(b as date), cast(a as date), day)',
    seconds_between: '(timestamp_diff(cast(b as timestamp), cast(a as timestamp), microsecond) / 1e6)',
    half_life_decay:
      'case when cast(at as timestamp) <= cast(@p1 as timestamp) then power(0.5, date_diff(cast(cast(@p2 as timestamp) as date), ' +
      'cast(at as date), day) / 14.0) when at is not null then 0 end',
    email_domain: "nullif(lower(regexp_extract(email, '@\\\\s*([^@\\\\s]*)\\\\s*$')), '')",
    url_path: "concat('/', regexp_extract(url, '^\\\\s*(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?/?([^?#]*)'))",
    hash_bucket:
      "mod(cast(concat('0x', substr(to_hex(md5(concat('trial:', cast(id as string)))), 1, 8)) as int64), 10)",
    safe_divide: 'ieee_divide(cast(a as float64), nullif(cast(b as float64), 0))',
    string_agg: "string_agg(cast(name as string), ', ' order by name)",
  },
  snowflake: {
    day: 'cast(cast(at as timestamp_ltz) as date)',
    days_between: 'datediff(day, cast(cast(a as timestamp_ltz) as date), cast(cast(b as timestamp_ltz) as date))',
    seconds_between:
      '(cast(datediff(microsecond, cast(a as timestamp_ltz), cast(b as timestamp_ltz)) as double) / 1000000)',
    half_life_decay:
      'case when cast(at as timestamp_ltz) <= cast(? as timestamp_ltz) then power(0.5, datediff(day, ' +
      'cast(cast(at as timestamp_ltz) as date), cast(cast(cast(? as timestamp_ltz) as timestamp_ltz) as date)) / ' +
      'cast(14 as double)) when at is not null then 0 end',
    email_domain: "nullif(lower(regexp_substr(email, '@\\\\s*([^@\\\\s]*)\\\\s*$', 1, 1, 'e', 1)), '')",
    url_path:
      "case when url is not null then '/' || coalesce(regexp_substr(url, " +
      "'^\\\\s*(([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?/?([^?#]*)', 1, 1, 'e', 3), '') end",
    hash_bucket: "mod(to_number(substr(md5('trial:' || cast(id as varchar)), 1, 8), 'XXXXXXXX'), 10)",
    safe_divide: '(cast(a as double) / nullif(cast(b as double), 0))',
    string_agg: "case when count(name) > 0 then listagg(name, ', ') within group (order by name) end",
  },
  postgres: {
    day: 'cast(at as date)',
    days_between:
      '(case when isfinite(cast(b as date)) then cast(b as date) end - case when isfinite(cast(a as date)) then cast(a as date) end)',
    seconds_between:
      'cast(case when isfinite(cast(b as timestamptz)) then extract(epoch from cast(b as timestamptz)) end - ' +
      'case when isfinite(cast(a as timestamptz)) then extract(epoch from cast(a as timestamptz)) end as double precision)',
    half_life_decay:
      'case when at <= cast($1 as timestamptz) then power(0.5, (case when isfinite(cast(cast($2 as timestamptz) as date)) ' +
      'then cast(cast($3 as timestamptz) as date) end - case when isfinite(cast(at as date)) then cast(at as date) end) / ' +
      'cast(14 as double precision)) when at is not null then 0 end',
    email_domain:
      "nullif(lower(substring(email from '@[ \\t\\n\\v\\f\\r]*([^@ \\t\\n\\v\\f\\r]*)[ \\t\\n\\v\\f\\r]*$') collate \"und-x-icu\"), '')",
    url_path:
      "('/' || substring(url from '^[ \\t\\n\\v\\f\\r]*(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?/?([^?#]*)'))",
    hash_bucket: "(cast(cast('x' || substr(md5('trial:' || cast(id as text)), 1, 8) as bit(32)) as bigint) % 10)",
    safe_divide: '(cast(a as double precision) / nullif(cast(b as double precision), 0))',
    string_agg: "string_agg(cast(name as text), ', ' order by name)",
  },
};

describe('macros', () => {
  for (const [warehouse, texts] of Object.entries(expected)) {
    for (const [name, text] of Object.entries(texts)) {
      it(`writes ${name} for ${warehouse}`, () => {
        const dialect = dialectOf(warehouse as WarehouseType);
        const { compiled, problems } = render(`{{ ${calls[name as MacroName]} }}`, 'expression', { dialect });
        expect(problems).toEqual([]);
        expect(compiled.text).toBe(text);
      });
    }
  }

  it('binds nothing but the run’s instant, so that the others serve in a view', () => {
    for (const name of Object.keys(macros) as MacroName[]) {
      const { compiled, params } = render(`{{ ${calls[name]} }}`, 'expression');
      const binds = name === 'half_life_decay' ? Array(4).fill(asOf) : [];
      expect({ name, binds: compiled.binds.map(({ value }) => value) }).toEqual({ name, binds });
      expect([...params]).toEqual(name === 'half_life_decay' ? ['as_of'] : []);
    }
  });

  it('takes expressions, other macros and parameters as arguments', () => {
    const nested = render("{{ safe_divide(days_between('a', param('as_of')), 'coalesce(n, 1) + 1') }}", 'expression');
    expect(nested.compiled.text).toBe(
      '(cast((cast(cast($1 as timestamptz) as date) - cast(a as date)) as double) / nullif(cast(coalesce(n, 1) + 1 as double), 0))',
    );
    const ordered = render("{{ string_agg('name', \"'; \", 'at desc') }}", 'expression');
    expect(ordered.compiled.text).toBe("string_agg(name, '''; ' order by at desc)");
    const commented = render("{{ day('at -- the visit') }}", 'expression');
    expect(commented.compiled.text).toBe('cast(at -- the visit\n as date)');
  });

  it('takes a half-life from a parameter', () => {
    const { compiled, params } = render("{{ half_life_decay('at', param('half_life')) }}", 'expression');
    expect(compiled.text).toContain('/ 14.0)');
    expect([...params]).toEqual(['half_life', 'as_of']);
  });

  const mistakes: readonly (readonly [call: string, ...problems: string[]])[] = [
    ['day()', '0 arguments: expected day(at)'],
    ["day('a', 'b')", '2 arguments: expected day(at)'],
    ["string_agg('a')", '1 argument: expected string_agg(value, separator, [order_by])'],
    [
      'day(at)',
      "`at` of day is not defined (is it a column without quotes?): expected SQL in quotes, such as 'created_at'",
    ],
    ['day(7)', "`at` of day is a number: expected SQL in quotes, such as 'created_at'"],
    ["day(['a'])", "`at` of day is a list: expected SQL in quotes, such as 'created_at'"],
    ["day(at='a')", "`at` of day is a named argument or a map: expected SQL in quotes, such as 'created_at'"],
    ["day('')", '`at` of day: there is no SQL here: expected an expression over the columns of the relation'],
    ["day('a, b')", '`at` of day: a comma separates two expressions: expected one'],
    ["day('a) + (b')", '`at` of day: `)` closes nothing that was opened'],
    ['day("\'a")', '`at` of day: the text that begins here does not end'],
    ["day('now()')", '`at` of day: reads the clock: results must depend on the data and on `as_of` alone'],
    ["day(param('plans'))", '`at` of day: a list of texts stands right of IN and nowhere else: `x in {{ … }}`'],
    [
      "days_between('a;', 'b)')",
      '`from` of days_between: a semicolon ends the statement: expected one statement, and nothing after it',
      '`to` of days_between: `)` closes nothing that was opened',
    ],
    [
      "half_life_decay('at', '2 weeks')",
      "`half_life` of half_life_decay is '2 weeks': expected a duration such as '14d', or param('…') of that type",
    ],
    [
      "half_life_decay('at', 14)",
      "`half_life` of half_life_decay is a number: expected a duration such as '14d', or param('…') of that type",
    ],
    [
      "half_life_decay('at', param('name'))",
      "`half_life` of half_life_decay is the result of another call: expected a duration such as '14d', or param('…') of that type",
    ],
    ["half_life_decay('at', param('nobody'))", 'there is no parameter `nobody`'],
    [
      "hash_bucket('id', param('name'), 10)",
      "`salt` of hash_bucket is the result of another call: expected text in quotes, such as ', '",
    ],
    ["hash_bucket('id', 's', 0)", '`buckets` of hash_bucket is 0: expected a whole number from 1 to 1000000'],
    ["hash_bucket('id', 's', '10')", '`buckets` of hash_bucket is a string: expected a whole number from 1 to 1000000'],
  ];
  for (const [call, ...problems] of mistakes) {
    it(`refuses ${call}`, () => {
      const found = places(render(`\n  {{ ${call} }}`, 'expression'));
      expect(found.map((place) => place.replace(/^2:\d+ .*?\)?: (?=`|there|\d)/, ''))).toEqual(problems);
    });
  }

  it('refuses to count from as_of where there is none', () => {
    const { problems } = render("{{ half_life_decay('at', '14d') }}", 'expression', { scope: { param: () => null } });
    expect(problems).toMatchObject([{ line: 1, column: 4, message: expect.stringContaining('`as_of`') }]);
  });
});

describe('half_life_decay on DuckDB', () => {
  let session: DuckDbSession;
  beforeAll(async () => {
    session = await DuckDbSession.open();
    await session.setTimeZone('Europe/Berlin');
  });
  afterAll(() => session.close());

  /** The weights of some times as of 2026-03-31 14:00 in Berlin. */
  async function weights(halfLife: string, times: readonly string[]): Promise<readonly unknown[]> {
    return session.values(
      times.map((time) => render(`{{ half_life_decay("${time}", '${halfLife}') }}`, 'expression').fragment),
    );
  }

  it('counts whole calendar days for half-lives in days and weeks', async () => {
    const times = [
      "timestamp '2026-03-31 00:00:01'",
      "timestamp '2026-03-30 23:59:59'",
      "date '2026-03-17'",
      "timestamptz '2026-03-16 23:30:00+00'",
    ];
    const expectedWeights = [1, 0.5 ** (1 / 14), 0.5, 0.5];
    expect(await weights('14d', times)).toEqual(expectedWeights);
    expect(await weights('2w', times)).toEqual(expectedWeights);
  });

  it('counts seconds for half-lives in hours and minutes, across a change of clocks too', async () => {
    expect(await weights('2h', ["timestamp '2026-03-31 12:00:00'", "timestamp '2026-03-31 13:00:00'"])).toEqual([
      0.5,
      0.5 ** 0.5,
    ]);
    expect(await weights('60m', ["timestamptz '2026-03-31 11:00:00+00'"])).toEqual([0.5]);
    // From midnight of the day of 23 hours to 14:00 two days later.
    expect(await weights('61h', ["timestamp '2026-03-29 00:00:00'"])).toEqual([0.5]);
  });

  it('gives nothing to what is later, and null for null', async () => {
    const times = [
      "timestamp '2026-03-31 14:00:00'",
      "timestamp '2026-03-31 14:00:01'",
      "date '2026-04-01'",
      "timestamptz '2026-03-31 12:00:01+00'",
      'cast(null as timestamp)',
      'cast(null as timestamptz)',
    ];
    expect(await weights('14d', times)).toEqual([1, 0, 0, 0, null, null]);
    expect(await weights('2h', times)).toEqual([1, 0, 0, 0, null, null]);
  });

  it('holds together beside operators', async () => {
    const { fragment } = render("10 * {{ half_life_decay(\"date '2026-03-17'\", '14d') }} + 1", 'expression');
    expect(await session.value(sql`${fragment}`)).toBe(6);
  });
});
