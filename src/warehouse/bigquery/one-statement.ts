import { bigQueryLexis } from '../../sql/syntax/lexis.ts';
import { isComment, tokenizeSql } from '../../sql/syntax/tokenize-sql.ts';
import type { CompiledSql } from '../../sql/types.ts';
import type { StatementOptions } from '../port.ts';
import { refusalError } from '../refusal.ts';

/**
 * BigQuery runs whatever stands behind a semicolon as the next statement, and knows no way of asking for one alone.
 * @throws WAREHOUSE_REFUSED for several
 */
export function assertOneStatement(statement: CompiledSql, options: StatementOptions | undefined): void {
  if (!statement.text.includes(';')) return;
  const code = tokenizeSql(statement.text, bigQueryLexis).filter((token) => !isComment(token));
  const end = code.findIndex(({ kind, text }) => kind === 'symbol' && text === ';');
  if (end < 0) return;
  const cause = new Error('several statements');
  throw refusalError('BigQuery', { message: 'one statement was expected, and a semicolon ends it', cause }, options);
}
