import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { meteredWarehouse, togetherSpent } from '../../../src/warehouse/metered-warehouse.ts';
import type { Warehouse } from '../../../src/warehouse/port.ts';
import { openTempDuckDb, type TempDuckDb } from '../../support/temp-duckdb.ts';

let db: TempDuckDb;
let nowMs = 0;
const later = (ms: number) => {
  nowMs += ms;
};

beforeEach(async () => {
  nowMs = 0;
  db = await openTempDuckDb();
});
afterEach(() => db.dispose());

const compile = (text: string) => db.warehouse.dialect.compile(sql.raw(text));

/** Every statement, and every chunk of a stream, takes two seconds. */
function slow(more: Partial<Warehouse> = {}): Warehouse {
  const { warehouse } = db;
  return {
    capabilities: warehouse.capabilities,
    dialect: warehouse.dialect,
    query: (...args) => warehouse.query(...args).finally(() => later(2000)),
    async *stream(...args) {
      for await (const rows of warehouse.stream(...args)) {
        later(2000);
        yield rows;
      }
    },
    script: (...args) => warehouse.script(...args).finally(() => later(2000)),
    append: (...args) => warehouse.append(...args),
    describe: (...args) => warehouse.describe(...args),
    relations: (...args) => warehouse.relations(...args),
    createTable: (...args) => warehouse.createTable(...args),
    createView: (...args) => warehouse.createView(...args),
    swap: (...args) => warehouse.swap(...args),
    drop: (...args) => warehouse.drop(...args),
    whoAmI: () => warehouse.whoAmI(),
    bytesBilled: () => warehouse.bytesBilled(),
    close: () => warehouse.close(),
    ...more,
  };
}

const metered = (inner: Warehouse) => meteredWarehouse(inner, () => nowMs);

test('counts a script once, a refused statement too, and the time until the answer', async () => {
  const warehouse = metered(slow());
  expect(await warehouse.spent()).toEqual({ statements: 0, seconds: 0, bytesBilled: null });
  await warehouse.script([compile('create table t (n integer)'), compile('insert into t values (1)')]);
  await expect(warehouse.query(compile('select nothing from t'))).rejects.toThrow('nothing');
  later(60_000);
  expect(await warehouse.spent()).toEqual({ statements: 2, seconds: 4, bytesBilled: null });
});

test('does not count what the reader of a stream does between two chunks', async () => {
  const warehouse = metered(slow());
  let rows = 0;
  for await (const chunk of warehouse.stream(compile('select * from range(5000)'))) {
    rows += chunk.length;
    later(60_000);
  }
  expect(rows).toBe(5000);
  const chunks = Math.ceil(5000 / 2048);
  expect(await warehouse.spent()).toEqual({ statements: 1, seconds: 2 * chunks, bytesBilled: null });
});

test('a reader who leaves a stream ends it in the warehouse', async () => {
  let wasEnded = false;
  const warehouse = metered(
    slow({
      async *stream() {
        try {
          for (;;) yield [{ n: 1 }];
        } finally {
          wasEnded = true;
        }
      },
    }),
  );
  for await (const _rows of warehouse.stream(compile('select 1'))) break;
  expect(wasEnded).toBe(true);
});

test('two connections add up, and bytes that one of them does not know are not known', () => {
  const one = { statements: 2, seconds: 1.5, bytesBilled: 10 };
  expect(togetherSpent(one, one)).toEqual({ statements: 4, seconds: 3, bytesBilled: 20 });
  expect(togetherSpent(one, { ...one, bytesBilled: null })).toEqual({ statements: 4, seconds: 3, bytesBilled: null });
});
