export interface SqlToken {
  /** `quoted`: a name in double quotes. `marker`: what a call of the template stands for. */
  readonly kind:
    | 'word'
    | 'quoted'
    | 'string'
    | 'number'
    | 'placeholder'
    | 'marker'
    | 'line_comment'
    | 'block_comment'
    | 'symbol';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** False for a literal, name or comment that runs to the end of the text. */
  readonly closed: boolean;
}

/**
 * Cuts SQL into tokens, without the white space between them. Literals, quoted names and comments are those of PostgreSQL,
 * which DuckDB shares: `''` and `""` double a quote, `e'…'` has backslashes, `$tag$ … $tag$` quotes, `/* /* … *\/ *\/` nests.
 */
export function tokenizeSql(text: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  let offset = 0;
  while (offset < text.length) {
    if (/\s/.test(text.charAt(offset))) {
      offset += 1;
      continue;
    }
    const token = tokenAt(text, offset);
    tokens.push(token);
    offset = token.end;
  }
  return tokens;
}

export function isComment(token: SqlToken): boolean {
  return token.kind === 'line_comment' || token.kind === 'block_comment';
}

/** In order: the first that matches wins. */
const patterns: readonly (readonly [SqlToken['kind'], RegExp])[] = [
  ['marker', /\uE000\d+\uE001/y],
  ['line_comment', /--[^\n\r]*/y],
  ['string', /[eE]'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*(?<close>')?/y],
  ['string', /'[^']*(?:''[^']*)*(?<close>')?/y],
  ['quoted', /"[^"]*(?:""[^"]*)*(?<close>")?/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['number', /(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/y],
  ['placeholder', /\?|\$\d+|\$[\p{L}_][\p{L}\p{N}_]*/uy],
];

function tokenAt(text: string, start: number): SqlToken {
  if (text.startsWith('/*', start)) return blockComment(text, start);
  const quote = dollarQuote(text, start);
  if (quote !== null) return quote;
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = start;
    const match = pattern.exec(text);
    if (match === null) continue;
    const closed = match.groups === undefined || match.groups.close !== undefined;
    return token(text, kind, start, start + match[0].length, closed);
  }
  return token(text, 'symbol', start, start + 1, true);
}

function blockComment(text: string, start: number): SqlToken {
  const bracket = /\/\*|\*\//g;
  bracket.lastIndex = start;
  let depth = 0;
  for (let match = bracket.exec(text); match !== null; match = bracket.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1;
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
