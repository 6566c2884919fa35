import type { TagPart, TemplateToken } from './scan-template.ts';
import { enclosingBracket } from './template-calls.ts';

/** An expression of a template that stands for a piece of SQL: a call, or a name that holds one. */
export interface Piece {
  readonly part: TagPart;
  /** Indexes in the part's tokens, both inclusive. */
  readonly first: number;
  readonly last: number;
  readonly kind: PieceKind;
}

export type PieceKind = 'value' | 'relation';

export type PieceUse =
  | { readonly kind: 'fine' | 'misuse' }
  /** Assigned to a variable. */
  | { readonly kind: 'kept'; readonly name: string }
  /** An argument of a macro that the template itself defines. */
  | { readonly kind: 'passed'; readonly macro: string };

/** Says from the tokens around a piece what the template does with it. */
export function useOfPiece(piece: Piece, functions: ReadonlySet<string>, ownMacros: ReadonlySet<string>): PieceUse {
  const { tokens } = piece.part;
  const { first, last } = withoutParentheses(piece);
  const before = tokens[first - 1]?.text;
  const after = tokens[last + 1]?.text;
  const opening = enclosingBracket(tokens, first);
  if (opening >= 0) {
    if (!isCall(tokens, opening)) return { kind: piece.kind === 'relation' ? 'fine' : 'misuse' };
    const isWhole = ['(', ',', '='].includes(before ?? '') && [')', ','].includes(after ?? '');
    const callee = tokens[opening - 1]?.text ?? '';
    const isPlainName = tokens[opening - 2]?.text !== '.' && tokens[opening - 2]?.text !== '|';
    if (!isWhole || !isPlainName) return { kind: 'misuse' };
    if (ownMacros.has(callee)) return { kind: 'passed', macro: callee };
    return { kind: functions.has(callee) ? 'fine' : 'misuse' };
  }
  if (piece.part.kind === 'output') {
    const isWhole = [undefined, 'else'].includes(before) && [undefined, 'if', 'else'].includes(after);
    return { kind: isWhole ? 'fine' : 'misuse' };
  }
  return useInStatement(tokens, first, before, after);
}

function useInStatement(
  tokens: readonly TemplateToken[],
  first: number,
  before: string | undefined,
  after: string | undefined,
): PieceUse {
  const keyword = tokens[0]?.text;
  if (keyword === 'call' && after === undefined) return { kind: 'fine' };
  if (keyword === 'set' && ['=', 'else'].includes(before ?? '') && [undefined, 'if', 'else'].includes(after)) {
    return { kind: 'kept', name: tokens[1]?.text ?? '' };
  }
  if (keyword === 'with' && before === '=' && [undefined, ','].includes(after)) {
    return { kind: 'kept', name: tokens[first - 2]?.text ?? '' };
  }
  return { kind: 'misuse' };
}

/** The piece with the parentheses around it that only group. */
function withoutParentheses({ part, first, last }: Piece): { readonly first: number; readonly last: number } {
  const { tokens } = part;
  let [from, to] = [first, last];
  while (tokens[from - 1]?.text === '(' && tokens[to + 1]?.text === ')' && !isCall(tokens, from - 1)) {
    from -= 1;
    to += 1;
  }
  return { first: from, last: to };
}

const keywords = new Set(['if', 'else', 'in', 'and', 'or', 'not', 'is', 'set', 'for', 'elif']);

function isCall(tokens: readonly TemplateToken[], opening: number): boolean {
  const callee = tokens[opening - 1];
  if (tokens[opening]?.text !== '(' || callee === undefined) return false;
  return (callee.kind === 'name' && !keywords.has(callee.text)) || callee.text === ')' || callee.text === ']';
}
