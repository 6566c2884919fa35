import { reservedCharacters } from '../markers.ts';
import type { SqlKind, SqlProblem } from '../syntax/check-sql.ts';
import { isComment, type SqlToken } from '../syntax/tokenize-sql.ts';
import type { TemplatePiece } from './call-context.ts';
import { pieceAt } from './piece-at.ts';

/**
 * Finds pieces that stand where their SQL could not, or would run together with the text beside them, and what is left of
 * markers that the template took apart.
 */
export function checkPieces(
  tokens: readonly SqlToken[],
  pieces: readonly TemplatePiece[],
  kind: SqlKind,
): readonly SqlProblem[] {
  return tokens.flatMap((token, index): readonly SqlProblem[] => {
    const piece = pieceAt(tokens, index, pieces);
    const message = piece === undefined ? strayMarker(token) : misplacement(piece, tokens, index, kind);
    return message === null ? [] : [{ start: token.start, end: token.end, message }];
  });
}

function strayMarker({ kind, text }: SqlToken): string | null {
  const isStray = kind === 'marker' || (kind === 'symbol' && reservedCharacters.test(text));
  return isStray ? 'the template cut a piece of SQL, or wrote a character that Scoreline uses itself' : null;
}

function misplacement(
  { content }: TemplatePiece,
  tokens: readonly SqlToken[],
  index: number,
  kind: SqlKind,
): string | null {
  const [before, token, after] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  const isRelation = content.kind === 'relation';
  const touchesBefore = before?.end === token?.start && (isSolid(before) || before?.text === '.');
  const touchesAfter = after?.start === token?.end && (isSolid(after) || (after?.text === '.' && !isRelation));
  if (touchesBefore || touchesAfter) {
    return 'runs together with the text beside it: expected a space or an operator there';
  }
  if (kind === 'relation' && !isRelation && content.kind !== 'broken') {
    return 'is no relation: expected ref or source';
  }
  if (content.kind === 'duration') {
    return 'a length of time has no SQL of its own: it can be an argument of a macro such as half_life_decay';
  }
  if (content.kind === 'list' && !isRightOfIn(tokens, index)) {
    return 'a list of texts stands right of IN and nowhere else: `x in {{ … }}`';
  }
  return null;
}

function isSolid(token: SqlToken | undefined): boolean {
  return token !== undefined && token.kind !== 'symbol' && !isComment(token);
}

function isRightOfIn(tokens: readonly SqlToken[], index: number): boolean {
  const isIn = (token: SqlToken | undefined) => token?.kind === 'word' && token.text.toLowerCase() === 'in';
  const isEnclosed = tokens[index - 1]?.text === '(' && tokens[index + 1]?.text === ')';
  return isIn(tokens[index - 1]) || (isEnclosed && isIn(tokens[index - 2]));
}
