import { bigQueryLexis } from '../../sql/syntax/lexis.ts';
import { tokenizeSql } from '../../sql/syntax/tokenize-sql.ts';
import type { CompiledSql } from '../../sql/types.ts';

/** BigQuery's way to tell how many rows each statement touched: a variable of the script, selected at its end. */
const touched = 'scoreline_touched';

/**
 * Several statements as one job. Statements that change rows, and temporary tables that they need, go in one transaction;
 * one that makes or drops what stays has no place in a transaction of BigQuery's, and then the script has none.
 */
export function scriptOf(statements: readonly CompiledSql[]): CompiledSql {
  const isTransaction = statements.every(fitsTransaction);
  const counted = withBindsApart(statements).flatMap((text) =>
    changesRows(text)
      ? [text, `set ${touched} = array_concat(${touched}, [coalesce(@@row_count, 0)])`]
      : [text, notCounted],
  );
  const body = isTransaction ? ['begin transaction', ...counted, 'commit transaction'] : counted;
  const lines = [`declare ${touched} array<int64> default []`, ...body, `select ${touched} as touched`];
  return { text: lines.join(';\n'), binds: statements.flatMap(({ binds }) => binds) };
}

/** The binds of all statements are those of the one job: `@p1` of the second statement comes behind those of the first. */
function withBindsApart(statements: readonly CompiledSql[]): readonly string[] {
  let before = 0;
  return statements.map(({ text, binds }) => {
    const first = before;
    before += binds.length;
    if (first === 0 || binds.length === 0) return text;
    let shifted = '';
    let offset = 0;
    for (const token of tokenizeSql(text, bigQueryLexis)) {
      const number = token.kind === 'placeholder' ? /^@p(\d+)$/.exec(token.text)?.[1] : undefined;
      if (number === undefined) continue;
      shifted += `${text.slice(offset, token.start)}@p${Number(number) + first}`;
      offset = token.end;
    }
    return shifted + text.slice(offset);
  });
}

const notCounted = `set ${touched} = array_concat(${touched}, [0])`;

/** A statement alone needs no script, and tells of its rows itself. */
export function changesRows(text: string): boolean {
  return /^\s*(insert|update|delete|merge|truncate)\b/i.test(text);
}

/** https://cloud.google.com/bigquery/docs/transactions, checked 2026-11. */
function fitsTransaction({ text }: CompiledSql): boolean {
  // A name without its dataset is that of a temporary table.
  const isTemporary = /^\s*(create\s+(or\s+replace\s+)?temp(orary)?\s+table\s|drop\s+table\s+`[^`]+`\s*$)/i.test(text);
  return changesRows(text) || isTemporary || /^\s*(select|with)\b/i.test(text);
}

/**
 * BigQuery asks for the right to make datasets of whoever says `create schema if not exists`, although there is one: such
 * statements are taken out of a script, and the dataset is made where there is none.
 * @returns its name; null for another statement
 */
export function madeSchema(text: string): string | null {
  return /^\s*create schema if not exists `([^`\\]+)`\s*$/i.exec(text)?.[1] ?? null;
}
