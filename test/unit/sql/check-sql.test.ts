import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSql, type SqlKind } from '../../../src/sql/syntax/check-sql.ts';
import { DuckDbSession } from './duckdb-session.ts';

let session: DuckDbSession;
beforeAll(async () => {
  session = await DuckDbSession.open();
});
afterAll(() => session.close());

function problems(text: string, kind: SqlKind): readonly string[] {
  return checkSql(text, kind).problems.map(({ start, end, message }) => `${text.slice(start, end)}: ${message}`);
}

/** Texts on which a reader of SQL that knows less than DuckDB goes astray. */
const trickyText = fc
  .array(
    fc.constantFrom(
      "'",
      "''",
      '"',
      "e'",
      "E'",
      "\\'",
      '\\',
      '$$',
      '$a$',
      '$a',
      '--',
      '\n',
      '\r',
      '/*',
      '*/',
      '(',
      ')',
      '[',
      ']',
      ';',
      ',',
      ' ',
      '1',
      'x',
      'a.b',
      '+',
      '::text',
      'é',
      'select ',
      '{',
      '}',
    ),
    { maxLength: 10 },
  )
  .map((pieces) => pieces.join(''));

interface Serialized {
  readonly error: boolean;
  readonly statements?: readonly {
    readonly node: { readonly select_list: readonly { readonly value?: { readonly value: unknown } }[] };
  }[];
}

async function parsed(statement: string): Promise<Serialized> {
  return JSON.parse(
    String(
      await session.value(
        sql`json_serialize_sql(cast(${sql.val({ type: { kind: 'text' }, value: statement })} as varchar))`,
      ),
    ),
  );
}

describe('checkSql', () => {
  it('accepts no expression that DuckDB would let out of its parentheses', async () => {
    await fc.assert(
      fc.asyncProperty(trickyText, async (text) => {
        fc.pre(checkSql(text, 'expression').problems.length === 0);
        const { error, statements } = await parsed(`select (${text}\n), 'sentinel'`);
        if (error) return;
        expect(statements).toHaveLength(1);
        const items = statements?.[0]?.node.select_list ?? [];
        expect(items).toHaveLength(2);
        expect(items[1]?.value?.value).toBe('sentinel');
      }),
      { numRuns: 500 },
    );
  });

  it('accepts every expression that DuckDB takes between parentheses', async () => {
    // Those are read by DuckDB, and still not one value of a column.
    const other = /^(,: a comma|\$[^:]*: a placeholder|select: a statement)/;
    let read = 0;
    await fc.assert(
      fc.asyncProperty(trickyText, async (text) => {
        const { error, statements } = await parsed(`select (${text}\n)`);
        if (error || statements?.length !== 1 || statements[0]?.node.select_list.length !== 1) return;
        read += 1;
        expect(problems(text, 'expression').filter((problem) => !other.test(problem))).toEqual([]);
      }),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(10);
  });
});
