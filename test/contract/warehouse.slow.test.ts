import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { slowWarehouse } from '../support/slow-warehouse.ts';
import { openTempDuckDb } from '../support/temp-duckdb.ts';
import { describeWarehouse } from './warehouse-contract.ts';

async function openSlow() {
  const { warehouse, dispose } = await openTempDuckDb();
  return { warehouse: slowWarehouse(warehouse, { secondsPerStatement: 1.5 }), dispose };
}

describeWarehouse('a slow fake', openSlow);

test('a slow fake counts every statement, and streams apart', async () => {
  const { warehouse, dispose } = await openSlow();
  const one = warehouse.dialect.compile(sql`select 1 as n`);
  await warehouse.createTable({ schema: 's', name: 't' }, one, { purpose: 'build t' });
  await warehouse.query(one);
  for await (const _rows of warehouse.stream(one));
  expect(warehouse.roundTrips).toEqual([
    { method: 'createTable', purpose: 'build t' },
    { method: 'query', purpose: undefined },
    { method: 'stream', purpose: undefined },
  ]);
  expect(warehouse.statements).toBe(2);
  expect(warehouse.virtualSeconds).toBe(4.5);
  await dispose();
});
