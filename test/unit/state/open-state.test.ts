import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openState } from '../../../src/state/open-state.ts';
import { stateTables, stateVersion } from '../../../src/state/tables.ts';
import type { Warehouse } from '../../../src/warehouse/port.ts';
import { slowWarehouse } from '../../support/slow-warehouse.ts';
import { openTempDuckDb, type TempDuckDb } from '../../support/temp-duckdb.ts';

let db: TempDuckDb;
beforeEach(async () => {
  db = await openTempDuckDb();
});
afterEach(() => db.dispose());

function run(text: string) {
  return db.warehouse.script([db.warehouse.dialect.compile(sql.raw(text))]);
}

async function schemaText(): Promise<string> {
  const relations = await db.warehouse.relations('scoreline_state');
  return [...relations]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([table, columns]) => `${table}\n${columns.map(({ name, nativeType }) => `  ${name} ${nativeType}\n`).join('')}`,
    )
    .join('');
}

test('makes the tables in one statement', async () => {
  const warehouse = slowWarehouse(db.warehouse, { secondsPerStatement: 1.5 });
  await openState(warehouse, { schema: 'scoreline' });
  expect(warehouse.roundTrips.map(({ method }) => method)).toEqual(['relations', 'script']);
  await expect(schemaText()).resolves.toMatchFileSnapshot('state-schema.txt');
});

test('keeps the salt of identities from one opening to the next, and draws another for another state', async () => {
  const first = await openState(db.warehouse, { schema: 'scoreline' });
  expect(first.salt).toMatch(/^[0-9a-f]{32}$/);
  expect((await openState(db.warehouse, { schema: 'scoreline' })).salt).toBe(first.salt);
  expect((await openState(db.warehouse, { schema: 'other' })).salt).not.toBe(first.salt);
});

test('begins anew where a warehouse left the script that makes the tables half-way, at any statement', async () => {
  const { statements } = await countStatements();
  for (let done = 1; done < statements; done += 1) {
    const schema = `half_${done}`;
    const halfway: Warehouse = {
      ...slowWarehouse(db.warehouse, { secondsPerStatement: 0 }),
      script: async (script, options) => {
        await db.warehouse.script(script.slice(0, done), options);
        throw new Error('killed');
      },
    };
    await expect(openState(halfway, { schema })).rejects.toThrow('killed');
    const { salt } = await openState(db.warehouse, { schema });
    expect((await openState(db.warehouse, { schema })).salt).toBe(salt);
    expect((await db.warehouse.relations(`${schema}_state`)).size).toBe(Object.keys(stateTables).length);
  }
}, 60_000);

async function countStatements(): Promise<{ readonly statements: number }> {
  let statements = 0;
  const counting: Warehouse = {
    ...slowWarehouse(db.warehouse, { secondsPerStatement: 0 }),
    script: (script, options) => {
      statements = script.length;
      return db.warehouse.script(script, options);
    },
  };
  await openState(counting, { schema: 'whole' });
  return { statements };
}

test('adds tables and columns that an older version lacks, and keeps the rows', async () => {
  const { salt } = await openState(db.warehouse, { schema: 'scoreline' });
  await run("update scoreline_state.meta set value = '0' where name = 'version'");
  await run('alter table scoreline_state.snapshot drop column vanished_at');
  await run("insert into scoreline_state.snapshot (sync, model_key) values ('leads', '1')");
  await run('drop table scoreline_state.memberships');
  expect((await openState(db.warehouse, { schema: 'scoreline' })).salt).toBe(salt);
  await expect(schemaText().then((text) => text.split('\n').sort())).resolves.toEqual(
    expect.arrayContaining(['memberships', '  vanished_at TIMESTAMP WITH TIME ZONE']),
  );
  const { dialect } = db.warehouse;
  const rows = await db.warehouse.query(
    dialect.compile(sql.raw('select sync, vanished_at from scoreline_state.snapshot')),
  );
  expect(rows).toEqual([{ sync: 'leads', vanished_at: null }]);
  const version = await db.warehouse.query(
    dialect.compile(sql.raw("select value from scoreline_state.meta where name = 'version'")),
  );
  expect(version).toEqual([{ value: String(stateVersion) }]);
});

describe('refuses, and touches nothing', () => {
  test('tables of a newer version', async () => {
    await openState(db.warehouse, { schema: 'scoreline' });
    await run(`update scoreline_state.meta set value = '${stateVersion + 1}' where name = 'version'`);
    await run('drop table scoreline_state.memberships');
    await expect(openState(db.warehouse, { schema: 'scoreline' })).rejects.toMatchObject({
      code: 'STATE_VERSION',
      exitCode: 10,
      message: expect.stringContaining(`version ${stateVersion + 1}`),
    });
    expect((await db.warehouse.relations('scoreline_state')).has('memberships')).toBe(false);
  });

  test('a table meta that lost its rows', async () => {
    await openState(db.warehouse, { schema: 'scoreline' });
    await run('delete from scoreline_state.meta');
    await expect(openState(db.warehouse, { schema: 'scoreline' })).rejects.toMatchObject({ code: 'STATE_VERSION' });
  });
});

test('every table and column says what it means, and no column is named twice', () => {
  for (const [name, { grain, columns }] of Object.entries(stateTables)) {
    expect(grain, name).toMatch(/^one /);
    expect(new Set(columns.map((column) => column.name)).size, name).toBe(columns.length);
    for (const column of columns) expect(column.meaning.length, `${name}.${column.name}`).toBeGreaterThan(3);
  }
});
