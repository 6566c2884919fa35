import { sql } from 'kysely';
import type { SqlToken } from '../syntax/tokenize-sql.ts';
import type { Fragment } from '../types.ts';
import type { TemplatePiece } from './call-context.ts';
import { pieceAt } from './piece-at.ts';

/**
 * Makes a fragment of checked SQL: its text as it stands, the pieces in the places of their markers. A comment at the end
 * gets a line end, so that what follows the fragment is not part of it.
 */
export function joinPieces(text: string, tokens: readonly SqlToken[], pieces: readonly TemplatePiece[]): Fragment {
  const parts: Fragment[] = [];
  let verbatim = '';
  let offset = tokens[0]?.start ?? 0;
  for (const [index, token] of tokens.entries()) {
    // Between two tokens stands white space, and the semicolon that ended the statement.
    verbatim += text.slice(offset, token.start).replace(';', '');
    offset = token.end;
    const content = pieceAt(tokens, index, pieces)?.content;
    if (content === undefined) {
      verbatim += isAroundList(tokens, index, pieces) ? '' : token.text;
      continue;
    }
    parts.push(sql.raw(verbatim), 'fragment' in content ? content.fragment : sql`null`);
    verbatim = '';
  }
  if (tokens.at(-1)?.kind === 'line_comment') verbatim += '\n';
  return sql.join([...parts, sql.raw(verbatim)], sql.raw(''));
}

/** A list brings its own parentheses; `in ({{ param('list') }})` means the same as without. */
function isAroundList(tokens: readonly SqlToken[], index: number, pieces: readonly TemplatePiece[]): boolean {
  const inner = tokens[index]?.text === '(' ? index + 1 : tokens[index]?.text === ')' ? index - 1 : -1;
  const isList = pieceAt(tokens, inner, pieces)?.content.kind === 'list';
  return isList && tokens[inner - 1]?.text === '(' && tokens[inner + 1]?.text === ')';
}
