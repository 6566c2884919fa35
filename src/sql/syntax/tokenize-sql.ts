import { type Lexis, postgresLexis, type TokenKind } from './lexis.ts';

export interface SqlToken {
  /** `quoted`: a name in quotes. `marker`: what a call of the template stands for. */
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** False for a literal, name or comment that runs to the end of the text. */
  readonly closed: boolean;
}

/** Cuts SQL into tokens, without the white space between them. Literals, quoted names and comments are those of the lexis. */
export function tokenizeSql(text: string, lexis: Lexis = postgresLexis): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  let offset = 0;
  while (offset < text.length) {
    if (/\s/.test(text.charAt(offset))) {
      offset += 1;
      continue;
    }
    const token = tokenAt(text, offset, lexis);
    tokens.push(token);
    offset = token.end;
  }
  return tokens;
}

export function isComment(token: SqlToken): boolean {
  return token.kind === 'line_comment' || token.kind === 'block_comment';
}

function tokenAt(text: string, start: number, lexis: Lexis): SqlToken {
  if (text.startsWith('/*', start)) return blockComment(text, start, lexis);
  const quote = lexis.hasDollarQuotes ? dollarQuote(text, start) : null;
  if (quote !== null) return quote;
  for (const [kind, pattern] of lexis.patterns) {
    pattern.lastIndex = start;
    const match = pattern.exec(text);
    if (match === null) continue;
    const closed = match.groups === undefined || match.groups.close !== undefined;
    return token(text, kind, start, start + match[0].length, closed);
  }
  return token(text, 'symbol', start, start + 1, true);
}

function blockComment(text: string, start: number, { nestsComments }: Lexis): SqlToken {
  const bracket = /\/\*|\*\//g;
  bracket.lastIndex = start;
  let depth = 0;
  for (let match = bracket.exec(text); match !== null; match = bracket.exec(text)) {
    if (match[0] === '*/') depth -= 1;
    else if (nestsComments || depth === 0) depth += 1;
    if (depth === 0) return token(text, 'block_comment', start, bracket.lastIndex, true);
  }
  return token(text, 'block_comment', start, text.length, false);
}

function dollarQuote(text: string, start: number): SqlToken | null {
  const opening = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
  opening.lastIndex = start;
  const tag = opening.exec(text)?.[0];
  if (tag === undefined) return null;
  const end = text.indexOf(tag, start + tag.length);
  return end < 0
    ? token(text, 'string', start, text.length, false)
    : token(text, 'string', start, end + tag.length, true);
}

function token(text: string, kind: SqlToken['kind'], start: number, end: number, closed: boolean): SqlToken {
  return { kind, text: text.slice(start, end), start, end, closed };
}
