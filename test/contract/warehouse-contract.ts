import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import type { ColumnType, CompiledSql, Fragment, RelationName } from '../../src/sql/types.ts';
import type { Row, Value, Warehouse } from '../../src/warehouse/port.ts';

export interface WarehouseUnderTest {
  readonly warehouse: Warehouse;
  /** Where making a schema is a right that `warehouse` has not: somebody who has it. */
  readonly schemaMaker?: Warehouse;
  /** The name of a schema, where others use the warehouse too. */
  schema?(name: string): string;
  dispose(): Promise<void>;
}

const text: ColumnType = { kind: 'text' };
const integer: ColumnType = { kind: 'integer' };

/** Where a warehouse can do less than the others. */
export interface WarehouseTraits {
  /** A decimal is only as long as its digits: no closing zeros, and a description gives the largest size there is. */
  readonly forgetsDecimalSize?: true;
  /** Schemas are called by letters, digits and underscores, tables without punctuation. */
  readonly refusesPunctuation?: true;
  /** Of an emulator, whose dry run runs the query. */
  readonly describesByRunning?: true;
  /** Of an emulator that has no users. */
  readonly knowsNobody?: true;
}

const schema = 'contract';
const oddNames = ['order', 'at', 'Mixed Case', 'ключ', 'quote"d', 'a.b', 'semi;colon'];

/** What `warehouse` must own where it may not make schemas; whether they are there makes no difference. */
export const contractSchemas: readonly string[] = [schema, 'listed', ...oddNames.map((odd) => `schema ${odd}`)];

/** What every adapter and every fake of the warehouse port has to do. Each call of `open` gives an empty warehouse. */
export function describeWarehouse(
  name: string,
  open: () => Promise<WarehouseUnderTest>,
  traits: WarehouseTraits = {},
): void {
  describe(`${name} as a warehouse`, () => {
    let opened: WarehouseUnderTest;
    let warehouse: Warehouse;
    const named = (schema: string) => opened.schema?.(schema) ?? schema;
    const at = (table: string): RelationName => ({ schema: named(schema), name: table });
    const compile = (fragment: Fragment): CompiledSql => warehouse.dialect.compile(fragment);
    const from = (table: RelationName) => warehouse.dialect.relation(table);
    const bind = (type: ColumnType, value: string | number | bigint | boolean | null) =>
      warehouse.dialect.bind(type, value);

    /** Numbers from 0 to count - 1 as a column `n`. */
    const numbers = (count: number) =>
      sql`select cast(a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d as integer) as ${sql.id('n')}
        from ${digits('a')}, ${digits('b')}, ${digits('c')}, ${digits('e')}, ${digits('f')}
        where a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d < ${bind(integer, count)}`;
    const digits = (alias: string) =>
      sql`(${sql.join(
        [...'0123456789'].map((digit) => sql`select ${sql.lit(Number(digit))} as d`),
        sql` union all `,
      )}) as ${sql.id(alias)}`;
    const make = (table: string, select: Fragment) => warehouse.createTable(at(table), compile(select));
    const all = (table: string, order = 'n') =>
      warehouse.query(compile(sql`select * from ${from(at(table))} order by ${sql.id(order)}`));
    const refusal = async (work: Promise<unknown>): Promise<ScorelineError> => {
      const error: unknown = await work.then(
        () => expect.unreachable('the warehouse accepted it'),
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof ScorelineError)) throw error;
      return error;
    };

    beforeAll(async () => {
      opened = await open();
      warehouse = opened.warehouse;
      await make('one', sql`select 1 as ${sql.id('n')}`);
    });

    afterAll(async () => {
      await opened.dispose();
    });

    describe('values', () => {
      const samples: readonly (readonly [ColumnType, readonly Value[]])[] = [
        [text, ['', 'plain', "it's", '"quoted"', 'Zoë 株式会社 🦆', 'line\nbreak', '?', '$1']],
        [{ kind: 'boolean' }, [true, false]],
        [integer, [0, -1, 9_007_199_254_740_991, 9_007_199_254_740_993n, -9_223_372_036_854_775_808n]],
        [{ kind: 'double' }, [0, 0.1, -1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
        [{ kind: 'date' }, ['1899-12-31', '1970-01-01', '2024-02-29', '9999-12-31']],
        [
          { kind: 'timestamp' },
          [
            '1899-12-31T23:59:59.000Z',
            '2026-03-29T01:00:00.000Z',
            '2026-01-31T08:30:00.120Z',
            '2026-01-31T08:30:00.123456Z',
          ],
        ],
        [{ kind: 'decimal', precision: 18, scale: 4 }, ['0.0000', '-0.5000', '99999999999999.9999', '1234.5678']],
        [{ kind: 'decimal', precision: 38, scale: 9 }, ['12345678901234567890123456789.123456789']],
      ];

      const kept = (type: ColumnType, value: Value): Value =>
        traits.forgetsDecimalSize === true && type.kind === 'decimal' && typeof value === 'string'
          ? value.replace(/\.?0+$/, '')
          : value;

      test.for(samples)('binds of %j come back as they went in', async ([type, values]) => {
        for (const value of [...values, null]) {
          if (Array.isArray(value)) continue;
          const rows = await warehouse.query(compile(sql`select ${bind(type, value as string)} as v`));
          expect(rows).toEqual([{ v: kept(type, value) }]);
        }
      });

      test.for(samples)('appended %j come back as they went in', async ([type, values]) => {
        const rows = [...values, null].map((value, index): readonly Value[] => [index, value]);
        const columns = [
          { name: 'n', type: integer },
          { name: 'v', type },
        ];
        await make(
          'appended',
          sql`select cast(null as ${warehouse.dialect.type(integer)}) as n, ${bind(type, null)} as v
          from ${from(at('one'))} where n > 1`,
        );
        expect(await warehouse.append(at('appended'), columns, rows)).toBe(rows.length);
        expect(await all('appended')).toEqual(rows.map(([n, v = null]) => ({ n, v: kept(type, v) })));
      });

      test('any text survives the way there and back', async () => {
        const texts = fc.array(
          fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0')),
          { maxLength: 50 },
        );
        await fc.assert(
          fc.asyncProperty(texts, async (values) => {
            await make(
              'texts',
              sql`select cast(null as ${warehouse.dialect.type(integer)}) as n, ${bind(text, null)} as v
              from ${from(at('one'))} where n > 1`,
            );
            const columns = [
              { name: 'n', type: integer },
              { name: 'v', type: text },
            ];
            await warehouse.append(
              at('texts'),
              columns,
              values.map((value, index) => [index, value]),
            );
            expect((await all('texts')).map((row) => row.v)).toEqual(values);
          }),
          { numRuns: 10 },
        );
      });
    });

    describe('streams', () => {
      const count = 20_000;
      const select = () => compile(sql`select n from (${numbers(count)}) as numbers order by n`);

      test('give every row once and in order, in chunks', async () => {
        const seen: Value[] = [];
        let chunks = 0;
        for await (const rows of warehouse.stream(select())) {
          chunks += 1;
          for (const row of rows) seen.push(row.n ?? null);
        }
        expect(seen).toEqual(Array.from({ length: count }, (_, n) => n));
        expect(chunks).toBeGreaterThan(1);
      });

      test('give nothing for no rows', async () => {
        const chunks: (readonly Row[])[] = [];
        for await (const rows of warehouse.stream(compile(sql`select n from ${from(at('one'))} where n > 1`))) {
          chunks.push(rows);
        }
        expect(chunks.flat()).toEqual([]);
      });

      test('stay open while other statements run, and see the table as it was when they began', async () => {
        await make('streamed', numbers(count));
        let seen = 0;
        for await (const rows of warehouse.stream(compile(sql`select n from ${from(at('streamed'))}`))) {
          if (seen === 0) await make('streamed', sql`select 7 as n`);
          seen += rows.length;
        }
        expect(seen).toBe(count);
        expect(await all('streamed')).toEqual([{ n: 7 }]);
      });

      test('can be left early, and the warehouse goes on', async () => {
        for await (const rows of warehouse.stream(select())) {
          expect(rows.length).toBeGreaterThan(0);
          break;
        }
        expect(await all('one')).toEqual([{ n: 1 }]);
      });

      test('throw when the statement fails half-way', async () => {
        await make('numbered', numbers(count));
        const failing = compile(sql`
          select cast(case when n = ${bind(integer, count - 1)} then 'no number' else '1' end as integer) as v
          from ${from(at('numbered'))}`);
        const read = async () => {
          for await (const _rows of warehouse.stream(failing, { purpose: 'read the numbers' }));
        };
        const error = await refusal(read());
        expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', exitCode: 4 });
        expect(error.message).toContain('read the numbers');
        expect(error.message).toContain('no number');
      });

      test('end as interrupted when the signal aborts between chunks', async () => {
        const controller = new AbortController();
        const read = async () => {
          for await (const _rows of warehouse.stream(select(), { signal: controller.signal })) controller.abort();
        };
        expect(await refusal(read())).toMatchObject({ code: 'RUN_INTERRUPTED', exitCode: 130 });
        expect(await all('one')).toEqual([{ n: 1 }]);
      });
    });

    describe('cancellation', () => {
      const endless = () =>
        compile(sql`select count(*) as n from (${numbers(90_000)}) as a, (${numbers(90_000)}) as b, (${numbers(90_000)}) as c
          where a.n + b.n > c.n`);

      test('refuses a statement whose signal has aborted, without running it', async () => {
        const signal = AbortSignal.abort();
        const error = await refusal(warehouse.createTable(at('never'), compile(sql`select 1 as n`), { signal }));
        expect(error.code).toBe('RUN_INTERRUPTED');
        expect((await warehouse.relations(named('contract'))).has('never')).toBe(false);
      });

      test('ends a statement that would run for hours', async () => {
        const controller = new AbortController();
        const running = refusal(
          warehouse.query(endless(), { signal: controller.signal, purpose: 'count to infinity' }),
        );
        setImmediate(() => controller.abort());
        const error = await running;
        expect(error.code).toBe('RUN_INTERRUPTED');
        expect(error.message).toContain('count to infinity');
      });

      test('passes on the reason where it is one of our errors', async () => {
        const reason = new ScorelineError('STATE_STALE_PLAN', 'lost the lease');
        expect(await refusal(warehouse.query(endless(), { signal: AbortSignal.abort(reason) }))).toBe(reason);
      });

      test('keeps nothing of a script that is cancelled', async () => {
        if (!warehouse.capabilities.atomicScripts) return;
        await make('cancelled', sql`select 1 as n`);
        const controller = new AbortController();
        const script = [
          compile(sql`insert into ${from(at('cancelled'))} (n) values (2)`),
          compile(
            sql`insert into ${from(at('cancelled'))} (n) ${sql`select n from (${sql.raw(endless().text)}) as x`}`,
          ),
        ];
        const [first, second] = script;
        if (first === undefined || second === undefined) throw new RangeError('two statements');
        const running = refusal(
          warehouse.script([first, { ...second, binds: endless().binds }], { signal: controller.signal }),
        );
        setImmediate(() => controller.abort());
        expect((await running).code).toBe('RUN_INTERRUPTED');
        expect(await all('cancelled')).toEqual([{ n: 1 }]);
      });
    });

    describe('scripts', () => {
      test('run in order and say how many rows each statement touched', async () => {
        await make('scripted', numbers(10));
        const table = from(at('scripted'));
        const counts = await warehouse.script([
          compile(sql`delete from ${table} where n >= ${bind(integer, 7)}`),
          compile(sql`update ${table} set n = n + 100 where n < 2`),
          compile(sql`insert into ${table} (n) select n from ${from(at('one'))} where n > 1`),
        ]);
        expect(counts).toEqual([3, 2, 0]);
        expect((await all('scripted')).map((row) => row.n)).toEqual([2, 3, 4, 5, 6, 100, 101]);
      });

      test('leave nothing behind when one statement is refused', async () => {
        if (!warehouse.capabilities.atomicScripts) return;
        await make('scripted', numbers(3));
        const table = from(at('scripted'));
        const error = await refusal(
          warehouse.script([
            compile(sql`delete from ${table} where n = 0`),
            compile(sql`delete from nothing_here where n = 0`),
          ]),
        );
        expect(error.code).toBe('WAREHOUSE_REFUSED');
        expect(await all('scripted')).toHaveLength(3);
      });
    });

    describe('appending', () => {
      const columns = [
        { name: 'order', type: text },
        { name: 'n', type: integer },
      ];
      const empty = (table: string) =>
        make(
          table,
          sql`select n, ${bind(text, null)} as ${sql.id('order')}, ${bind(text, null)} as spare
          from ${from(at('one'))} where n > 1`,
        );

      test('takes columns by name, in any order, and leaves the others null', async () => {
        await empty('by_name');
        await warehouse.append(at('by_name'), columns, [['a', 1]]);
        expect(await all('by_name')).toEqual([{ n: 1, order: 'a', spare: null }]);
      });

      test('takes an asynchronous source of any length', async () => {
        await empty('many');
        async function* source() {
          for (let n = 0; n < 10_000; n++) yield [`row ${n}`, n];
        }
        expect(await warehouse.append(at('many'), columns, source())).toBe(10_000);
        const rows = await warehouse.query(
          compile(sql`select count(*) as n, count(distinct n) as d from ${from(at('many'))}`),
        );
        expect(rows).toEqual([{ n: 10_000, d: 10_000 }]);
      });

      test('adds to what is there; no rows are no error', async () => {
        await empty('twice');
        await warehouse.append(at('twice'), columns, [['a', 1]]);
        expect(await warehouse.append(at('twice'), columns, [])).toBe(0);
        await warehouse.append(at('twice'), columns, [['b', 2]]);
        expect(await all('twice')).toHaveLength(2);
      });

      test('writes nothing when the source fails, and passes its error on', async () => {
        await empty('broken');
        const failure = new Error('the source broke');
        function* source() {
          for (let n = 0; n < 5000; n++) yield [`row ${n}`, n];
          throw failure;
        }
        await expect(warehouse.append(at('broken'), columns, source())).rejects.toBe(failure);
        expect(await all('broken')).toEqual([]);
      });

      test('writes nothing when a value does not fit its column', async () => {
        await empty('unfit');
        const rows = [...Array.from({ length: 3000 }, (_, n) => ['x', n]), ['x', 'seven']];
        await expect(warehouse.append(at('unfit'), columns, rows)).rejects.toThrow('Expected a whole number');
        expect(await all('unfit')).toEqual([]);
      });

      test('refuses a table or column that is not there', async () => {
        await empty('narrow');
        const missing = await refusal(warehouse.append(at('no_such_table'), columns, [['a', 1]]));
        expect(missing).toMatchObject({ code: 'WAREHOUSE_REFUSED' });
        const other = [{ name: 'no_such_column', type: text }];
        expect((await refusal(warehouse.append(at('narrow'), other, [['a']]))).code).toBe('WAREHOUSE_REFUSED');
      });
    });

    describe('descriptions', () => {
      test('name the columns of a select with their types, without reading rows', async () => {
        const value = traits.describesByRunning === true ? sql`'2'` : sql`'no number'`;
        const failing = sql`cast(case when n = 1 then ${value} else '1' end as ${warehouse.dialect.type(integer)})`;
        const columns = await warehouse.describe(
          compile(sql`select ${failing} as ${sql.id('at')}, ${bind({ kind: 'decimal', precision: 12, scale: 2 }, null)} as d,
            ${bind(text, 'x')} as ${sql.id('Order')}, ${bind({ kind: 'timestamp' }, null)} as t, ${bind({ kind: 'date' }, null)} as dd,
            ${bind({ kind: 'boolean' }, null)} as b, ${bind({ kind: 'double' }, null)} as f
            from ${from(at('one'))}`),
        );
        const size = traits.forgetsDecimalSize === true ? expect.anything() : undefined;
        expect(columns.map(({ name: column, type }) => [column, type])).toEqual([
          ['at', integer],
          ['d', { kind: 'decimal', precision: size ?? 12, scale: size ?? 2 }],
          ['Order', text],
          ['t', { kind: 'timestamp' }],
          ['dd', { kind: 'date' }],
          ['b', { kind: 'boolean' }],
          ['f', { kind: 'double' }],
        ]);
      });

      test('refuse what would not run', async () => {
        const error = await refusal(warehouse.describe(compile(sql`select nothing from ${from(at('one'))}`)));
        expect(error.code).toBe('WAREHOUSE_REFUSED');
      });

      test('of a schema list its tables and views; of a missing schema they are empty', async () => {
        await warehouse.createTable(
          { schema: named('listed'), name: 'Table 1' },
          compile(sql`select 1 as a, ${bind(text, 'x')} as b`),
        );
        await warehouse.createView(
          { schema: named('listed'), name: 'view' },
          compile(sql`select n from ${from(at('one'))}`),
        );
        const relations = await warehouse.relations(named('listed'));
        expect([...relations].map(([relation, columns]) => [relation, columns.map((column) => column.name)])).toEqual([
          ['Table 1', ['a', 'b']],
          ['view', ['n']],
        ]);
        expect(await warehouse.relations('no_such_schema')).toEqual(new Map());
      });
    });

    describe('tables and views', () => {
      test('a table is made with its schema, replaced when made again, and its rows are counted', async () => {
        const maker = opened.schemaMaker ?? warehouse;
        const table = { schema: named('made_on_demand'), name: 'fresh' };
        expect(await maker.createTable(table, compile(numbers(12)))).toBe(12);
        expect(await maker.createTable(table, compile(numbers(0)))).toBe(0);
        expect(await maker.query(compile(sql`select * from ${from(table)}`))).toEqual([]);
      });

      test('a table takes binds', async () => {
        await make(
          'bound',
          sql`select n, ${bind(text, "o'clock")} as word from ${from(at('one'))} where n < ${bind(integer, 5)}`,
        );
        expect(await all('bound')).toEqual([{ n: 1, word: "o'clock" }]);
      });

      test('a view reads what is there now, and is replaced when made again', async () => {
        await make('behind_view', sql`select 1 as n`);
        await warehouse.createView(at('a_view'), compile(sql`select n + 1 as n from ${from(at('behind_view'))}`));
        await make('behind_view', sql`select 5 as n`);
        expect(await all('a_view')).toEqual([{ n: 6 }]);
        await warehouse.createView(at('a_view'), compile(sql`select n + 2 as n from ${from(at('behind_view'))}`));
        expect(await all('a_view')).toEqual([{ n: 7 }]);
      });

      test('a view takes the place of a table, and a table that of a view', async () => {
        await make('changing', sql`select 1 as n`);
        await warehouse.createView(at('changing'), compile(sql`select 2 as n`));
        expect(await all('changing')).toEqual([{ n: 2 }]);
        await make('changing', sql`select 3 as n`);
        expect(await all('changing')).toEqual([{ n: 3 }]);
      });

      test('names may be keywords, quoted, in any case and any script', async () => {
        const isPlain = traits.refusesPunctuation === true;
        const names = isPlain ? oddNames.filter((odd) => !/[".;]/.test(odd)) : oddNames;
        for (const [index, odd] of names.entries()) {
          const table = { schema: named(isPlain ? `Schema_${index}` : `schema ${odd}`), name: odd };
          await warehouse.createTable(table, compile(sql`select 1 as ${sql.id(odd)}`));
          expect(await warehouse.query(compile(sql`select * from ${from(table)}`))).toEqual([{ [odd]: 1 }]);
          await warehouse.append(table, [{ name: odd, type: integer }], [[2]]);
          await warehouse.swap(table, { ...table, name: `${odd} live` });
          expect([...(await warehouse.relations(table.schema)).keys()]).toEqual([`${odd} live`]);
        }
      });

      test('dropping takes tables away and does not mind missing ones', async () => {
        await make('left_over', sql`select 1 as n`);
        await warehouse.drop([at('left_over'), at('never_was')]);
        expect((await warehouse.relations(named('contract'))).has('left_over')).toBe(false);
        await warehouse.drop([]);
      });
    });

    describe('swapping', () => {
      test('puts the staged table in the place of none, of a table and of a view', async () => {
        for (const n of [1, 2]) {
          await make('live__staged', sql`select ${sql.lit(n)} as n`);
          await warehouse.swap(at('live__staged'), at('live'));
          expect(await all('live')).toEqual([{ n }]);
        }
        await warehouse.createView(at('live'), compile(sql`select 3 as n`));
        await make('live__staged', sql`select 4 as n`);
        await warehouse.swap(at('live__staged'), at('live'));
        expect(await all('live')).toEqual([{ n: 4 }]);
        expect((await warehouse.relations(named('contract'))).has('live__staged')).toBe(false);
      });

      test('runs statements before it, which take effect with it or not at all', async () => {
        await make('kept', sql`select 1 as n`);
        await make('noted', sql`select 0 as n`);
        const note = (n: Fragment) => compile(sql`insert into ${from(at('noted'))} select ${n}`);
        await make('kept__staged', sql`select 2 as n`);
        await warehouse.swap(at('kept__staged'), at('kept'), { before: [note(sql`1`)] });
        expect([await all('kept'), await all('noted')]).toEqual([[{ n: 2 }], [{ n: 0 }, { n: 1 }]]);
        if (!warehouse.capabilities.atomicScripts) return;

        await make('kept__staged', sql`select 3 as n`);
        const refused = warehouse.swap(at('kept__staged'), at('kept'), {
          before: [note(sql`2`), note(sql`no_such_column`)],
        });
        await expect(refused).rejects.toMatchObject({ code: 'WAREHOUSE_REFUSED' });
        expect([await all('kept'), await all('noted')]).toEqual([[{ n: 2 }], [{ n: 0 }, { n: 1 }]]);
      });

      test('keeps views on the live table working, on the new rows', async () => {
        await make('watched', sql`select 1 as n`);
        await warehouse.createView(at('watcher'), compile(sql`select * from ${from(at('watched'))}`));
        await make('watched__staged', sql`select 2 as n`);
        await warehouse.swap(at('watched__staged'), at('watched'));
        expect(await all('watcher')).toEqual([{ n: 2 }]);
      });

      test('lets a stream of the old table come to its end', async () => {
        await make('read_meanwhile', numbers(20_000));
        await make('read_meanwhile__staged', sql`select 1 as n`);
        let seen = 0;
        for await (const rows of warehouse.stream(compile(sql`select n from ${from(at('read_meanwhile'))}`))) {
          if (seen === 0) await warehouse.swap(at('read_meanwhile__staged'), at('read_meanwhile'));
          seen += rows.length;
        }
        expect(seen).toBe(20_000);
        expect(await all('read_meanwhile')).toEqual([{ n: 1 }]);
      });

      test('never shows readers a missing or a mixed table', async () => {
        const rowsOf = (n: number) => sql`select ${sql.lit(n)} as version from (${numbers(3000)}) as numbers`;
        await make('busy', rowsOf(0));
        const read = compile(
          sql`select count(*) as c, min(version) as low, max(version) as high from ${from(at('busy'))}`,
        );
        let swapping = true;
        const seen: Row[] = [];
        const reader = async () => {
          while (swapping) seen.push(...(await warehouse.query(read)));
        };
        const writer = async () => {
          for (let n = 1; n <= 10; n++) {
            await make('busy__staged', rowsOf(n));
            await warehouse.swap(at('busy__staged'), at('busy'));
          }
          swapping = false;
        };
        await Promise.all([writer(), reader(), reader()]);
        expect(seen.length).toBeGreaterThan(0);
        for (const row of seen) expect(row).toEqual({ c: 3000, low: row.high, high: row.high });
      });

      test('leaves the live table as it was when it fails', async () => {
        await make('kept', sql`select 1 as n`);
        expect((await refusal(warehouse.swap(at('never_staged'), at('kept')))).code).toBe('WAREHOUSE_REFUSED');
        expect(await all('kept')).toEqual([{ n: 1 }]);
      });
    });

    describe('refusals', () => {
      const origin = { file: 'sql/leads.sql', line: 3, text: 'select\n    n,\n    nothing_here\nfrom somewhere' };
      const wrong = () => compile(sql`select\n  n,\n  nothing_here\nfrom ${from(at('one'))}`);

      test('name the purpose, keep the cause and exit with 4', async () => {
        const error = await refusal(warehouse.createTable(at('x'), wrong(), { purpose: 'build leads' }));
        expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', exitCode: 4, retryable: false });
        expect(error.message).toContain('build leads');
        expect(error.message).toContain('nothing_here');
        expect(error.cause).toBeDefined();
      });

      test('name the file, and at least the line where its SQL starts', async () => {
        const { text: _text, ...place } = origin;
        const error = await refusal(warehouse.query(wrong(), { origin: place }));
        expect(error.problems).toMatchObject([{ code: 'WAREHOUSE_REFUSED', file: 'sql/leads.sql', line: 3 }]);
      });

      test('are for this statement alone', async () => {
        await Promise.all(
          Array.from({ length: 6 }, async (_, n) => {
            if (n % 2 === 0) await refusal(warehouse.query(wrong(), { origin }));
            else expect(await all('one')).toEqual([{ n: 1 }]);
          }),
        );
      });

      test('meet a text that holds several statements, and none of them runs', async () => {
        await make('precious', sql`select 1 as n`);
        const two = sql`select 1 as n; drop table ${from(at('precious'))}`;
        expect((await refusal(warehouse.query(compile(two)))).code).toBe('WAREHOUSE_REFUSED');
        expect((await refusal(warehouse.describe(compile(two)))).code).toBe('WAREHOUSE_REFUSED');
        expect((await refusal(warehouse.createTable(at('y'), compile(two)))).code).toBe('WAREHOUSE_REFUSED');
        expect(await all('precious')).toEqual([{ n: 1 }]);
      });
    });

    test.skipIf(traits.knowsNobody === true)('says where it is and as whom, in words', async () => {
      const { server, user, credential } = await warehouse.whoAmI({ purpose: 'ask who we are' });
      expect(server).toMatch(/\d/);
      for (const words of [user, credential]) expect(words).not.toBe('');
    });

    test('closes once, and closing again does no harm', async () => {
      const another = await open();
      await another.warehouse.close();
      await another.warehouse.close();
      await expect(another.warehouse.query(compile(sql`select 1 as n`))).rejects.toThrow('closed');
      await another.dispose();
    });
  });
}
