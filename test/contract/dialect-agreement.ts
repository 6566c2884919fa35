import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ColumnType, Dialect, Fragment } from '../../src/sql/types.ts';
import type { Value, Warehouse } from '../../src/warehouse/port.ts';
import { openTempDuckDb } from '../support/temp-duckdb.ts';
import type { WarehouseUnderTest } from './warehouse-contract.ts';

const text: ColumnType = { kind: 'text' };

export interface AgreementOptions {
  /** A time without a zone, such as `timestamp '2026-01-31 08:30:00'`. */
  localTime(wallTime: string): Fragment;
  /** The zone of the session; one with two changes of clocks a year by default. An emulator may know UTC alone. */
  readonly timeZone?: string;
  /** Members of objects are called by words, as columns are. */
  readonly plainNames?: true;
  /** Statements for each question, of 40 values at most; 25 by default. */
  readonly statements?: number;
}

/** Every warehouse gives what DuckDB gives for the same values, whatever its SQL for it looks like. */
export function describeAgreement(
  name: string,
  open: (timeZone: string) => Promise<WarehouseUnderTest>,
  { localTime, timeZone = 'Europe/Berlin', plainNames, statements = 25 }: AgreementOptions,
): void {
  describe(`the dialect of ${name}`, () => {
    const opened: WarehouseUnderTest[] = [];
    let other: Warehouse;
    let duckDb: Warehouse;

    beforeAll(async () => {
      for (const each of await Promise.all([open(timeZone), openTempDuckDb(timeZone)])) opened.push(each);
      const [first, second] = opened;
      if (first === undefined || second === undefined) throw new TypeError('Two warehouses');
      other = first.warehouse;
      duckDb = second.warehouse;
    });
    afterAll(() => Promise.all(opened.map((each) => each.dispose())));

    /** What both say of some expressions; numbers as doubles have them. */
    async function answers(of: (dialect: Dialect) => readonly Fragment[]) {
      const ask = async ({
        dialect,
        ...warehouse
      }: Pick<Warehouse, 'dialect' | 'query'>): Promise<readonly Value[]> => {
        const columns = of(dialect).map((expression, index) => sql`${expression} as ${sql.id(`v${index}`)}`);
        const [row = {}] = await warehouse.query(dialect.compile(sql`select ${sql.join(columns)}`));
        return columns.map((_, index) => row[`v${index}`] ?? null);
      };
      const portOf = (warehouse: Warehouse) => ({ dialect: warehouse.dialect, query: warehouse.query.bind(warehouse) });
      return Promise.all([ask(portOf(other)), ask(portOf(duckDb))]);
    }

    async function agreeFor<T>(
      values: fc.Arbitrary<T>,
      of: (dialect: Dialect, value: T) => Fragment,
      examples: readonly T[] = [],
    ): Promise<void> {
      const many = fc.array(values, { minLength: 1, maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(many, async (each) => {
          const [theirs, ours] = await answers((dialect) => each.map((value) => of(dialect, value)));
          expect(theirs).toEqual(ours);
        }),
        { numRuns: statements, examples: examples.length === 0 ? [] : [[[...examples]]] },
      );
    }

    const bind = (dialect: Dialect, value: string | null) => dialect.bind(text, value);
    const double = (dialect: Dialect, value: number) => dialect.bind({ kind: 'double' }, value);
    const asText = (dialect: Dialect, value: Fragment) => sql`cast(${value} as ${dialect.type(text)})`;
    const words = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((each) => !each.includes('\0'));
    const nullable = fc.option(words);
    // DuckDB and JavaScript know the zone's rules of these years alike.
    const walls = fc
      .date({ min: new Date('1990-01-01T00:00:00Z'), max: new Date('2037-12-31T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 23).replace('T', ' '));
    const instants = walls.map((wall) => `${wall.replace(' ', 'T')}Z`);

    const times = (dialect: Dialect) => (time: Time) => {
      switch (time.kind) {
        case 'instant':
          return dialect.bind({ kind: 'timestamp' }, time.at);
        case 'wall':
          return localTime(time.at);
        case 'day':
          return dialect.bind({ kind: 'date' }, time.at);
        default:
          return time satisfies never;
      }
    };
    const anyTime: fc.Arbitrary<Time> = fc.oneof(
      instants.map((at): Time => ({ kind: 'instant', at })),
      walls.map((at): Time => ({ kind: 'wall', at })),
      walls.map((at): Time => ({ kind: 'day', at: at.slice(0, 10) })),
    );
    /** Around the two changes of clocks of a year, and at both ends of a day. */
    const oddTimes: readonly Time[] = [
      ...['2026-03-29 01:59:59.999', '2026-03-29 02:30:00', '2026-03-29 03:00:00', '2026-10-25 02:30:00'].map(
        (at): Time => ({ kind: 'wall', at }),
      ),
      ...['2026-03-29T00:59:59.999Z', '2026-03-29T01:00:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map(
        (at): Time => ({ kind: 'instant', at }),
      ),
      { kind: 'instant', at: '2026-01-30T23:00:00.000001Z' },
      { kind: 'day', at: '2026-10-25' },
    ];

    test('makes the same checksums in sessions of different time zones', async () => {
      const elsewhere = await open('America/New_York');
      opened.push(elsewhere);
      const of = async (warehouse: Warehouse) => {
        const { dialect } = warehouse;
        const values = [
          dialect.bind({ kind: 'timestamp' }, '2026-01-30T23:30:00.123456Z'),
          localTime('2026-03-29 02:30:00'),
          dialect.bind({ kind: 'date' }, '2026-01-30'),
          double(dialect, 0.1),
          bind(dialect, null),
        ];
        const sums = [...values.map((value) => [value]), values].map(
          (parts, index) => sql`${dialect.checksum(parts)} as ${sql.id(`c${index}`)}`,
        );
        return warehouse.query(dialect.compile(sql`select ${sql.join(sums)}`));
      };
      expect(await of(elsewhere.warehouse)).toEqual(await of(other));
    });

    test('rounds doubles alike', () =>
      agreeFor(
        fc.tuple(
          fc.oneof(
            fc.double({ min: -1e9, max: 1e9, noNaN: true }),
            fc.integer({ min: -1_000_000, max: 1_000_000 }).map((each) => each / 1000),
            fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
          ),
          fc.constantFrom(0, 2),
        ),
        (dialect, [value, scale]) => dialect.decimalText(dialect.roundTo(double(dialect, value), 18, scale), scale),
        [0.285, -0.285, 1.005, 2.5, -2.5, 0.1 + 0.2, 100, 1e-7].map((value): [number, number] => [value, 2]),
      ));

    test('finds the same domains and paths', async () => {
      // Not any letter: each engine knows the capitals of its own version of Unicode.
      const names = fc.string({ unit: fc.constantFrom(...'abZÄßñЖ株🦆.-_@ \t\n') });
      const emails = fc.oneof(
        names,
        fc.tuple(names, names).map((each) => each.join('@')),
        fc.emailAddress(),
      );
      const odd = ['A@B.Example ', 'two@ats@C.example', 'no at', '@', ' x@ Y ', 'a@b c', 'ü@Ü.example', ''];
      await agreeFor(emails, (dialect, email) => dialect.emailDomain(bind(dialect, email)), odd);
      const urls = fc.oneof(words, fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.webPath());
      const oddUrls = [
        '',
        '/',
        'https://x.example',
        '//x/y?z',
        'mailto:a@b',
        'HTTP://x//y',
        ' /a b',
        '/a\nb',
        '?q',
        'a:b/c',
      ];
      await agreeFor(urls, (dialect, url) => dialect.urlPath(bind(dialect, url)), oddUrls);
    });

    test('hashes alike', async () => {
      const lists = fc.array(nullable, { minLength: 1, maxLength: 5 });
      await agreeFor(lists, (dialect, parts) => dialect.hash(parts.map((part) => bind(dialect, part))), [['', null]]);
      await agreeFor(fc.tuple(words, fc.integer({ min: 1, max: 1_000_000 })), (dialect, [key, buckets]) =>
        dialect.hashBucket(bind(dialect, key), "it's", buckets),
      );
    });

    test('counts days and seconds alike, in the zone of the session', async () => {
      await agreeFor(anyTime, (dialect, at) => asText(dialect, dialect.day(times(dialect)(at))), oddTimes);
      const pairs = fc.tuple(anyTime, anyTime);
      const oddPairs = oddTimes.flatMap((a) => oddTimes.map((b): [Time, Time] => [a, b]));
      await agreeFor(pairs, (dialect, [a, b]) => dialect.daysBetween(times(dialect)(a), times(dialect)(b)), oddPairs);
      await agreeFor(
        pairs,
        (dialect, [a, b]) => dialect.secondsBetween(times(dialect)(a), times(dialect)(b)),
        oddPairs,
      );
    });

    test('says alike what is not after an instant, a wall time or a day', async () => {
      await agreeFor(
        fc.tuple(anyTime, instants),
        (dialect, [at, instant]) => dialect.notAfter(times(dialect)(at), dialect.bind({ kind: 'timestamp' }, instant)),
        oddTimes.map((at): [Time, string] => [at, '2026-10-25T01:30:00Z']),
      );
      await agreeFor(
        fc.tuple(anyTime, walls),
        (dialect, [at, wall]) => dialect.notAfterWallTime(times(dialect)(at), wall),
        oddTimes.map((at): [Time, string] => [at, '2026-03-29 03:00:00']),
      );
      await agreeFor(
        fc.tuple(anyTime, walls),
        (dialect, [at, wall]) => dialect.notBeforeDay(times(dialect)(at), wall.slice(0, 10)),
        oddTimes.map((at): [Time, string] => [at, '2026-03-29']),
      );
    });

    test('writes instants alike', () =>
      agreeFor(anyTime, (dialect, at) => dialect.instantText(times(dialect)(at)), oddTimes));

    test('writes and reads JSON objects alike', async () => {
      // Names stand in quoted text, where fakesnow takes what follows a `$` for a session variable; Snowflake does not.
      const quotable = words.map((word) => word.replaceAll('$', 'S'));
      const names = plainNames === true ? fc.stringMatching(/^[a-z][a-z_. ]{0,8}$/) : quotable;
      const members = fc.uniqueArray(fc.tuple(names, nullable), { selector: ([each]) => each, maxLength: 5 });
      const object = (dialect: Dialect, of: readonly (readonly [string, string | null])[]) =>
        dialect.jsonObject(of.map(([member, value]) => [member, bind(dialect, value)] as const));
      const odd: [string, string | null][] = [
        ['a.b/c~d"e\\', '\u0001\n"\\/\u007f'],
        ['', null],
        ["it's", ''],
      ];
      await agreeFor(
        members.filter(({ length }) => length > 0),
        object,
        [odd],
      );
      await agreeFor(fc.tuple(members, quotable), (dialect, [of, name]) =>
        // No property has an empty name, and DuckDB's own paths, which an emulator may use, cannot name one.
        dialect.jsonText(object(dialect, [...of, [`x${name}`, name]]), of[0]?.[0] || `x${name}`),
      );
      const numbers = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1.5', '2', '-3.25', '0'));
      await agreeFor(fc.tuple(numbers, numbers), (dialect, [before, after]) => {
        const [earlier, later] = [before, after].map((each) => bind(dialect, JSON.stringify(each)));
        const rows = sql`(select 1 as id, ${earlier} as earlier, ${later} as later)`;
        const request = { key: ['id'], before: 'earlier', after: 'later', as: 'moved' };
        return sql`(select moved from ${dialect.withNumberChanges(rows, request)} as changed)`;
      });
    });

    test('puts texts together and in order alike', async () => {
      const lists = fc.array(nullable, { minLength: 1, maxLength: 6 });
      await agreeFor(lists, (dialect, parts) =>
        dialect.joinText(
          parts.map((part) => bind(dialect, part)),
          '; ',
        ),
      );
      const ranks = fc.uniqueArray(words, { minLength: 1, maxLength: 6 });
      const rows = (dialect: Dialect, values: readonly string[]) =>
        sql`(${sql.join(
          values.map((value) => sql`select ${bind(dialect, value)} as w`),
          sql` union all `,
        )}) as words`;
      const orders = [['a', 'B', 'ä', 'Z', '_', '10', '9', ' ']];
      await agreeFor(
        ranks,
        (dialect, values) =>
          sql`(select ${dialect.stringAgg(sql`w`, '|', dialect.textOrder(sql`w`))} from ${rows(dialect, values)})`,
        orders,
      );
      await agreeFor(
        ranks,
        (dialect, values) => sql`(select max(${dialect.textOrder(sql`w`)}) from ${rows(dialect, values)})`,
        orders,
      );
    });

    test('lowers letters, divides, and writes decimals alike', async () => {
      const letters = fc.string({ unit: fc.constantFrom(...'aBZäÖßÉñЖΩ1 ') });
      await agreeFor(letters, (dialect, value) => dialect.lower(bind(dialect, value)));
      const small = fc.integer({ min: -50, max: 50 });
      await agreeFor(fc.tuple(small, small), (dialect, [a, b]) => dialect.safeDivide(sql.lit(a), sql.lit(b)), [[1, 0]]);
      await agreeFor(
        fc.tuple(small, fc.constantFrom(3, 7, 0.5)),
        (dialect, [a, b]) => sql`${sql.lit(a)} / ${dialect.double(b)}`,
      );
      const cents = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((each) => (each / 100).toFixed(2));
      await agreeFor(
        cents,
        (dialect, value) => dialect.decimalText(dialect.bind({ kind: 'decimal', precision: 18, scale: 2 }, value), 2),
        ['0.00', '100.00', '-0.50', '12.50'],
      );
    });

    test('gives a relation the columns that it lacks', async () => {
      for (const has of ['score', 'tier'] as const) {
        const of = (dialect: Dialect) => {
          const given = sql`(select 'k' as ${sql.id('key')}, ${has === 'score' ? sql`7` : sql`'hot'`} as ${sql.id(has)})`;
          const whole = dialect.withColumns(given, 'key', [
            ['score', { kind: 'double' }],
            ['tier', text],
          ]);
          return ['key', 'score', 'tier'].map(
            (column) => sql`(select ${asText(dialect, sql.id(column))} from ${whole} as with_columns)`,
          );
        };
        const [theirs] = await answers(of);
        expect(theirs).toEqual([
          'k',
          has === 'score' ? expect.stringMatching(/^7(\.0)?$/) : null,
          has === 'tier' ? 'hot' : null,
        ]);
      }
    });
  });
}

type Time =
  | { readonly kind: 'instant'; readonly at: string }
  | { readonly kind: 'wall'; readonly at: string }
  /** A date. */
  | { readonly kind: 'day'; readonly at: string };
