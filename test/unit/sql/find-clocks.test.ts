import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findClocks } from '../../../src/sql/syntax/find-clocks.ts';
import { tokenizeSql } from '../../../src/sql/syntax/tokenize-sql.ts';
import { DuckDbSession } from './duckdb-session.ts';

function found(text: string): readonly string[] {
  return findClocks(tokenizeSql(text)).map(({ token }) => token.text);
}

describe('findClocks', () => {
  it('finds clocks with and without parentheses, however they are written', () => {
    const clocks = [
      'current_timestamp',
      'CURRENT_DATE',
      'current_timestamp(3)',
      'localtimestamp',
      'sysdate',
      'now()',
      'Now ( )',
      'now /* here */ ()',
      'today()',
      'getdate()',
      '"now"()',
      'pg_catalog.now()',
      'x.current_date()',
      'age(created_at)',
      "age(coalesce(a, date '2020-01-01'))",
    ];
    for (const clock of clocks)
      expect({ clock, found: found(`select a, ${clock} from t`).length }).toEqual({ clock, found: 1 });
  });

  it('finds random numbers, generated keys and samples', () => {
    const others = [
      'random()',
      'rand()',
      'uuid()',
      'gen_random_uuid()',
      "nextval('s')",
      '1 from t tablesample 10%',
      '1 from t using sample 5',
    ];
    for (const other of others) expect({ other, found: found(`select ${other}`).length }).toEqual({ other, found: 1 });
  });

  it('leaves alone what only looks like a clock', () => {
    const harmless = [
      "'now()'",
      "e'\\'now()'",
      '$$now()$$',
      '-- now()\n1',
      '/* now() /* current_date */ now() */ 1',
      '"current_date"',
      't.current_date',
      't.now',
      'now',
      'today, random, uuid, age',
      'knowledge()',
      'now_()',
      'age(a, b)',
      'age(coalesce(a, b), c)',
      'sample, using_sample',
      "cast('2020-01-01' as timestamp)",
    ];
    for (const text of harmless) expect({ text, found: found(`select ${text} from t`) }).toEqual({ text, found: [] });
  });

  describe('on DuckDB', () => {
    let session: DuckDbSession;
    beforeAll(async () => {
      session = await DuckDbSession.open();
    });
    afterAll(() => session.close());

    it('finds every function that DuckDB itself calls changing', async () => {
      const harmless = [
        'current_database',
        'current_query',
        'current_schema',
        'current_schemas',
        'error',
        'in_search_path',
        'sleep_ms',
        'stats',
        'write_log',
      ];
      const changing = sql`select distinct function_name from duckdb_functions() where stability <> 'CONSISTENT' order by all`;
      const names = (await session.rows(changing))
        .map(([name]) => String(name))
        .filter((name) => !harmless.includes(name));
      expect(names.length).toBeGreaterThan(10);
      expect(names.filter((name) => found(`select ${name}()`).length === 0)).toEqual([]);
    });

    it('finds every macro of DuckDB that reads the clock', async () => {
      const macros = sql`select distinct function_name from duckdb_functions() where macro_definition like '%current_timestamp%'`;
      const names = (await session.rows(macros)).map(([name]) => String(name));
      expect(names).toContain('ago');
      expect(names.filter((name) => found(`select ${name}()`).length === 0)).toEqual([]);
    });
  });
});
