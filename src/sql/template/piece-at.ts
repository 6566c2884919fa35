import { markerIndex } from '../markers.ts';
import type { SqlToken } from '../syntax/tokenize-sql.ts';
import type { TemplatePiece } from './call-context.ts';

/** The piece whose marker is the token at an index; undefined where the token is something else. */
export function pieceAt(
  tokens: readonly SqlToken[],
  index: number,
  pieces: readonly TemplatePiece[],
): TemplatePiece | undefined {
  const token = tokens[index];
  return token?.kind === 'marker' ? pieces[markerIndex(token.text) ?? -1] : undefined;
}
