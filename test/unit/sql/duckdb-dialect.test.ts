import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { duckDbDialect as dialect } from '../../../src/sql/dialects/duckdb.ts';
import type { ColumnType, Fragment } from '../../../src/sql/types.ts';
import { DuckDbSession } from './duckdb-session.ts';

let session: DuckDbSession;
beforeAll(async () => {
  session = await DuckDbSession.open();
});
beforeEach(() => session.setTimeZone('UTC'));
afterAll(() => session.close());

const nothing = sql`null`;
const text = (value: string | null): Fragment => dialect.bind({ kind: 'text' }, value);
const timestamp = (value: string) => sql`timestamp ${sql.lit(value)}`;
const instant = (value: string) => dialect.bind({ kind: 'timestamp' }, value);
const date = (value: string) => sql`date ${sql.lit(value)}`;
const double = (value: number) => dialect.bind({ kind: 'double' }, value);

/** What a function of one text gives for each of some texts. */
async function mapTexts(
  values: readonly (string | null)[],
  call: (value: Fragment) => Fragment,
): Promise<readonly unknown[]> {
  return session.values(values.map((value) => call(text(value))));
}

describe('binds and names', () => {
  it('gives every type back as it was bound', async () => {
    const binds: readonly (readonly [ColumnType, string | number | boolean, unknown, string])[] = [
      [{ kind: 'text' }, "O'Hara ü 😀", "O'Hara ü 😀", 'VARCHAR'],
      [{ kind: 'boolean' }, true, true, 'BOOLEAN'],
      [{ kind: 'integer' }, 42, '42', 'BIGINT'],
      [{ kind: 'double' }, 0.1, 0.1, 'DOUBLE'],
      [{ kind: 'date' }, '2026-01-31', '2026-01-31', 'DATE'],
      [{ kind: 'timestamp' }, '2026-01-31T08:00:00.000Z', '2026-01-31 08:00:00+00', 'TIMESTAMP WITH TIME ZONE'],
      [
        { kind: 'decimal', precision: 38, scale: 2 },
        '123456789012345678901234567890.12',
        '123456789012345678901234567890.12',
        'DECIMAL(38,2)',
      ],
    ];
    for (const [type, value, expected, nativeType] of binds) {
      const bound = dialect.bind(type, value);
      expect(await session.values([bound, sql`typeof(${bound})`, dialect.bind(type, null)])).toEqual([
        expected,
        nativeType,
        null,
      ]);
    }
  });

  it('numbers the binds of nested fragments once, in their order', () => {
    const inner = sql`${text('b')} || ${text('c')}`;
    expect(dialect.compile(sql`select ${text('a')}, ${inner}`)).toEqual({
      text: 'select cast($1 as varchar), cast($2 as varchar) || cast($3 as varchar)',
      binds: ['a', 'b', 'c'].map((value) => ({ type: { kind: 'text' }, value })),
    });
  });

  it('quotes relations with and without a database', () => {
    const compiled = [
      dialect.relation({ schema: 's', name: 'a"b' }),
      dialect.relation({ database: 'd', schema: 's', name: 'Ä.b' }),
    ].map((relation) => dialect.compile(relation).text);
    expect(compiled).toEqual(['"s"."a""b"', '"d"."s"."Ä.b"']);
  });

  it('takes any text as a name', async () => {
    const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((name) => !name.includes('\0'));
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        expect(await session.rows(sql`select ${sql.id(name)} from (select 1 as ${sql.id(name)})`)).toEqual([[1]]);
      }),
      { numRuns: 100 },
    );
  });

  it('takes any text as a literal', async () => {
    const texts = fc.string({ unit: 'binary', maxLength: 20 }).filter((value) => !value.includes('\0'));
    await fc.assert(
      fc.asyncProperty(texts, async (value) => {
        expect(await session.values([dialect.joinText([sql`'a'`, sql`'b'`], value)])).toEqual([`a${value}b`]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('inList', () => {
  it('finds the values of the list and no others', async () => {
    const list = dialect.inList(["O'Hara", 'b']);
    expect(
      await session.values([sql`${text("O'Hara")} in ${list}`, sql`'c' in ${list}`, sql`'c' not in ${list}`]),
    ).toEqual([true, false, true]);
  });

  it('matches nothing with an empty list, and everything with NOT IN', async () => {
    const list = dialect.inList([]);
    expect(await session.values([sql`'a' in ${list}`, sql`'a' not in ${list}`, sql`null not in ${list}`])).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('days and seconds', () => {
  const berlin = 'Europe/Berlin';

  it('takes the day of an instant in the zone of the session, and that of other times as it stands', async () => {
    const late = [instant('2026-01-31T23:30:00.000Z'), timestamp('2026-01-31 23:30:00'), date('2026-01-31')];
    expect(await session.values(late.map(dialect.day))).toEqual(['2026-01-31', '2026-01-31', '2026-01-31']);
    await session.setTimeZone(berlin);
    expect(await session.values(late.map(dialect.day))).toEqual(['2026-02-01', '2026-01-31', '2026-01-31']);
    expect(await session.value(dialect.day(text('2026-01-31 23:30:00')))).toBe('2026-01-31');
  });

  it('counts calendar days between times of any kind', async () => {
    await session.setTimeZone(berlin);
    const pairs = [
      [timestamp('2026-03-28 23:59:59'), timestamp('2026-03-29 00:00:00')],
      [date('2026-03-01'), instant('2026-03-31T21:59:59.000Z')],
      [date('2026-03-01'), instant('2026-03-31T22:00:00.000Z')],
      [timestamp('2026-03-31 00:00:00'), date('2026-03-01')],
      [nothing, date('2026-03-01')],
      [date('2026-03-01'), nothing],
    ] as const;
    expect(await session.values(pairs.map(([from, to]) => dialect.daysBetween(from, to)))).toEqual([
      '1',
      '30',
      '31',
      '-30',
      null,
      null,
    ]);
  });

  it('holds together beside operators', async () => {
    const days = dialect.daysBetween(date('2026-03-01'), date('2026-03-03'));
    const seconds = dialect.secondsBetween(date('2026-03-01'), date('2026-03-03'));
    expect(await session.values([sql`10 - ${days}`, sql`2 * ${days}`, sql`1 - ${seconds} * 2`])).toEqual([
      '8',
      '4',
      1 - 172_800 * 2,
    ]);
  });

  it('counts exact seconds, on days of 23 and 25 hours too', async () => {
    await session.setTimeZone(berlin);
    const pairs = [
      [timestamp('2026-03-29 00:00:00'), timestamp('2026-03-30 00:00:00')],
      [date('2026-10-25'), date('2026-10-26')],
      [instant('2026-03-28T23:00:00.000Z'), timestamp('2026-03-30 00:00:00')],
      [instant('2026-03-31T12:00:00.250Z'), instant('2026-03-31T11:59:59.000Z')],
      [nothing, date('2026-03-01')],
    ] as const;
    expect(await session.values(pairs.map(([from, to]) => dialect.secondsBetween(from, to)))).toEqual([
      23 * 3600,
      25 * 3600,
      23 * 3600,
      -1.25,
      null,
    ]);
  });

  it('says to the microsecond what is not after an instant', async () => {
    await session.setTimeZone(berlin);
    const at = instant('2026-03-31T12:00:00.000Z');
    const times = [
      instant('2026-03-31T12:00:00.000Z'),
      instant('2026-03-31T12:00:00.001Z'),
      timestamp('2026-03-31 14:00:00'),
      timestamp('2026-03-31 14:00:00.000001'),
      timestamp('2026-03-30 23:00:00'),
      timestamp('2026-04-01 00:00:00'),
      date('2026-03-31'),
      date('2026-04-01'),
      sql`cast(null as timestamp)`,
      sql`cast(null as timestamptz)`,
    ];
    const expected = [true, false, true, false, true, false, true, false, null, null];
    expect(await session.values(times.map((time) => dialect.notAfter(time, at)))).toEqual(expected);
  });

  it('tells the two hours apart that an autumn night repeats', async () => {
    await session.setTimeZone(berlin);
    const first = instant('2026-10-25T00:30:00.000Z');
    const second = instant('2026-10-25T01:30:00.000Z');
    expect(
      await session.values([
        dialect.notAfter(second, first),
        dialect.notAfter(first, second),
        dialect.secondsBetween(first, second),
      ]),
    ).toEqual([false, true, 3600]);
  });
});

describe('roundTo', () => {
  const rounded = (value: Fragment, scale: number) => dialect.roundTo(value, 18, scale);

  it('rounds half away from zero by the decimal digits of a double', async () => {
    const cases = [
      [0.285, 2, '0.29'],
      [-0.285, 2, '-0.29'],
      [1.005, 2, '1.01'],
      [2.675, 2, '2.68'],
      [0.5, 0, '1'],
      [-2.5, 0, '-3'],
      [1.4999, 0, '1'],
      [0.1 + 0.2, 6, '0.300000'],
      [1234567.8949999, 2, '1234567.89'],
      [99_999_999.125, 6, '99999999.125000'],
      [-0, 2, '0.00'],
    ] as const;
    const values = await session.values(cases.map(([value, scale]) => rounded(double(value), scale)));
    expect(values).toEqual(cases.map(([, , expected]) => expected));
  });

  it('gives null for what is no number', async () => {
    const values = [sql`'nan'::double`, sql`'inf'::double`, sql`'-inf'::double`, sql`cast(null as double)`];
    expect(await session.values(values.map((value) => rounded(value, 6)))).toEqual([null, null, null, null]);
  });

  it('is refused when the number does not fit', async () => {
    await expect(session.value(rounded(double(1e13), 6))).rejects.toThrow(/DECIMAL\(18,6\)/);
  });

  it('takes integers and decimals', async () => {
    expect(await session.values([rounded(sql`7`, 2), rounded(sql`cast(1.285 as decimal(18, 3))`, 2)])).toEqual([
      '7.00',
      '1.29',
    ]);
  });

  it('agrees with rounding by hand for every decimal of six digits', async () => {
    const decimals = fc.record({
      units: fc.integer({ min: -999_999_999, max: 999_999_999 }),
      scale: fc.integer({ min: 0, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(decimals, { minLength: 1, maxLength: 50 }), async (cases) => {
        const values = await session.values(cases.map(({ units, scale }) => rounded(double(units / 1e6), scale)));
        expect(values.map(Number)).toEqual(
          cases.map(({ units, scale }) => {
            const step = 10 ** (6 - scale);
            const steps = Math.floor((Math.abs(units) + step / 2) / step);
            return Number(`${Math.sign(units) * steps}e-${scale}`) + 0;
          }),
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe('safeDivide', () => {
  it('divides whole numbers exactly and gives null for a divisor of 0', async () => {
    const values = [
      dialect.safeDivide(sql`5`, sql`2`),
      dialect.safeDivide(sql`5`, sql`0`),
      dialect.safeDivide(sql`0`, sql`0.0`),
      dialect.safeDivide(nothing, sql`2`),
      sql`1 - ${dialect.safeDivide(sql`1`, sql`2`)}`,
    ];
    expect(await session.values(values)).toEqual([2.5, null, null, null, 0.5]);
  });
});

describe('emailDomain', () => {
  it('takes what stands behind the last @, in lower case', async () => {
    const emails = ['Jane@Example.COM', ' a@b@c.de \n', 'x@MÜNCHEN.de', 'nobody', 'nobody@', '', null];
    expect(await mapTexts(emails, dialect.emailDomain)).toEqual([
      'example.com',
      'c.de',
      'münchen.de',
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('urlPath', () => {
  it('takes the path of absolute and relative URLs, without query and fragment', async () => {
    const urls: Readonly<Record<string, string>> = {
      'https://www.example.com/pricing/plans?utm=x#top': '/pricing/plans',
      'HTTP://example.com:8080/Pricing': '/Pricing',
      'https://example.com': '/',
      'https://example.com/': '/',
      'https://example.com?x=/a': '/',
      'https://example.com#/a': '/',
      '//cdn.example.com/a.js': '/a.js',
      '/pricing?plan=pro': '/pricing',
      'pricing#faq': '/pricing',
      '?page=2': '/',
      '#top': '/',
      '': '/',
      '\n /docs': '/docs',
      'https://user:pass@example.com/a%20b/ü': '/a%20b/ü',
      '/redirect?to=https://other.example/x': '/redirect',
      'https://example.com//double//slash': '//double//slash',
      'https://example.com/a\nb?c\nd': '/a\nb',
    };
    expect(await mapTexts(Object.keys(urls), dialect.urlPath)).toEqual(Object.values(urls));
    expect(await mapTexts([null], dialect.urlPath)).toEqual([null]);
  });
});

describe('hashBucket', () => {
  it('is the first eight hexadecimal digits of MD5 over salt and key, modulo the buckets', async () => {
    const expected = (key: string) =>
      String(Number.parseInt(createHash('md5').update(`salt:${key}`).digest('hex').slice(0, 8), 16) % 10);
    const buckets = await session.values([
      dialect.hashBucket(sql`1`, 'salt', 10),
      dialect.hashBucket(text('ü'), 'salt', 10),
    ]);
    expect(buckets).toEqual([expected('1'), expected('ü')]);
    expect(await session.value(dialect.hashBucket(nothing, 'salt', 10))).toBeNull();
  });

  it('spreads keys evenly, and another salt spreads them anew', async () => {
    const count = (salt: string) =>
      sql`select ${dialect.hashBucket(sql`i`, salt, 4)} as b, count(*) from range(10000) r(i) group by b order by b`;
    for (const row of await session.rows(count('a'))) expect(Math.abs(Number(row[1]) - 2500)).toBeLessThan(200);
    const both = sql`select count(*) from range(10000) r(i) where ${dialect.hashBucket(sql`i`, 'a', 4)} = ${dialect.hashBucket(sql`i`, 'b', 4)}`;
    expect(Math.abs(Number((await session.rows(both))[0]?.[0]) - 2500)).toBeLessThan(200);
  });
});

describe('texts', () => {
  it('aggregates texts in the order given, without nulls', async () => {
    const rows = sql`(values ('b', 1), ('a', 2), (null, 3)) t(x, n)`;
    const aggregates = sql`${dialect.stringAgg(sql`x`, "' ", sql`x`)}, ${dialect.stringAgg(sql`x`, ',', sql`n desc`)}`;
    expect(await session.rows(sql`select ${aggregates} from ${rows}`)).toEqual([["a' b", 'a,b']]);
    expect(await session.rows(sql`select ${dialect.stringAgg(sql`x`, ',', sql`x`)} from ${rows} where false`)).toEqual([
      [null],
    ]);
  });

  it('joins texts and leaves nulls out', async () => {
    const joined = [
      dialect.joinText([text('a'), text(null), text(''), text('ü')], '; '),
      dialect.joinText([text(null), text(null)], '; '),
      dialect.joinText([], '; '),
    ];
    expect(await session.values(joined)).toEqual(['a; ; ü', '', '']);
  });
});

describe('JSON objects', () => {
  it('gives every member back, whatever its name', async () => {
    const names = ['plain', 'a.b', 'say "hi"', "it's", 'ü 😀', 'a/b~c', '0', '$', '*', 'back\\slash', ''];
    const object = dialect.jsonObject(names.map((name) => [name, text(`value of ${name}`)] as const));
    expect(await session.values(names.map((name) => dialect.jsonText(object, name)))).toEqual(
      names.map((name) => `value of ${name}`),
    );
  });

  it('keeps a null member as null, apart from the empty text', async () => {
    const object = dialect.jsonObject([
      ['gone', text(null)],
      ['empty', text('')],
    ]);
    expect(await session.value(object)).toBe('{"gone":null,"empty":""}');
    const members = ['gone', 'empty', 'missing'].map((name) => dialect.jsonText(object, name));
    expect(await session.values(members)).toEqual([null, '', null]);
    expect(await session.values([dialect.jsonText(nothing, 'gone'), dialect.jsonObject([])])).toEqual([null, '{}']);
  });

  it('keeps any text', async () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((value) => !value.includes('\0'));
    await fc.assert(
      fc.asyncProperty(texts, texts, async (name, value) => {
        expect(await session.value(dialect.jsonText(dialect.jsonObject([[name, text(value)]]), name))).toBe(value);
      }),
      { numRuns: 100 },
    );
  });
});

describe('hash', () => {
  it('is the same for the same texts and differs wherever a text or its place differs', async () => {
    const lists = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['abc', ''],
      ['abc', null],
      ['', 'abc'],
      [null, 'abc'],
      [null, null],
      ['', ''],
      ['1:a'],
      ['a'],
      [null],
      [''],
    ];
    const hashes = await session.values(lists.map((parts) => dialect.hash(parts.map(text))));
    expect(new Set(hashes).size).toBe(lists.length);
    expect(hashes.every((hash) => /^[0-9a-f]{32}$/.test(String(hash)))).toBe(true);
  });

  it('differs for any two lists of as many texts', async () => {
    const part = fc.option(fc.string({ unit: fc.constantFrom('a', ':', '1', '2', 'ü', '😀'), maxLength: 4 }), {
      nil: null,
    });
    const list = fc.tuple(part, part, part);
    await fc.assert(
      fc.asyncProperty(list, list, async (a, b) => {
        const [first, second] = await session.values([a, b].map((parts) => dialect.hash(parts.map(text))));
        expect(first === second).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 200 },
    );
  });

  it('is the MD5 of lengths and texts, so that other warehouses can make the same', async () => {
    const expected = createHash('md5').update('2:ü😀:0:').digest('hex');
    expect(await session.value(dialect.hash([text('ü😀'), text(null), text('')]))).toBe(expected);
  });
});

describe('checksum', () => {
  it('is a whole number of 40 bits that differs with any value, its place and nulls', async () => {
    const lists = [[sql`1`], [sql`2`], [sql`1`, sql`2`], [sql`2`, sql`1`], [sql`1`, nothing], [nothing, sql`1`]];
    const sums = (await session.values(lists.map((parts) => dialect.checksum(parts)))).map(Number);
    expect(new Set(sums).size).toBe(lists.length);
    expect(sums.every((sum) => Number.isInteger(sum) && sum >= 0 && sum < 2 ** 40)).toBe(true);
    expect((await session.values(lists.map((parts) => dialect.checksum(parts)))).map(Number)).toEqual(sums);
  });
});

describe('withNumberChanges', () => {
  const changes = async (before: string, after: string) => {
    const rows = sql`(select 1 as id, ${text(before)} as before, ${text(after)} as after)`;
    const request = { key: ['id'], before: 'before', after: 'after', as: 'moved' };
    const [row] = await session.rows(sql`select * from ${dialect.withNumberChanges(rows, request)} as changed`);
    return JSON.parse(String(row?.at(-1)));
  };

  it('has the members that differ, the later number less the earlier one', async () => {
    expect(await changes('{"a":"1.500000","b":"2","gone":"3"}', '{"a":"4","b":"2.0","fresh":"-7"}')).toEqual({
      a: '2.500000',
      fresh: '-7.000000',
      gone: '-3.000000',
    });
    expect(await changes('{}', '{}')).toEqual({});
  });
});
