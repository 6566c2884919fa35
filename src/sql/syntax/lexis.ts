/** What tokens are called; see `SqlToken`. */
export type TokenKind =
  | 'word'
  | 'quoted'
  | 'string'
  | 'number'
  | 'placeholder'
  | 'marker'
  | 'line_comment'
  | 'block_comment'
  | 'symbol';

/** How a warehouse cuts SQL into tokens: where its literals, names and comments begin and end. */
export interface Lexis {
  /** In order: the first that matches wins. A group `close` that is missing means that the token does not end. */
  readonly patterns: readonly (readonly [TokenKind, RegExp])[];
  /** Whether `/* /* … *\/ *\/` is one comment. */
  readonly nestsComments: boolean;
  /** Whether `$tag$ … $tag$` quotes. */
  readonly hasDollarQuotes: boolean;
}

const marker = ['marker', /\uE000\d+\uE001/y] as const;

/** PostgreSQL's, which DuckDB shares: `''` and `""` double a quote, `e'…'` has backslashes. */
export const postgresLexis: Lexis = {
  patterns: [
    marker,
    ['line_comment', /--[^\n\r]*/y],
    ['string', /[eE]'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*(?<close>')?/y],
    ['string', /'[^']*(?:''[^']*)*(?<close>')?/y],
    ['quoted', /"[^"]*(?:""[^"]*)*(?<close>")?/y],
    ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
    ['number', /(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/y],
    ['placeholder', /\?|\$\d+|\$[\p{L}_][\p{L}\p{N}_]*/uy],
  ],
  nestsComments: true,
  hasDollarQuotes: true,
};

/**
 * BigQuery's (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical, checked 2026-11): both sorts of quotes
 * hold texts, three of them texts of several lines, names stand in backticks, a backslash keeps what follows from ending any
 * of them (of a raw `r'…'` too), and `#` begins a comment.
 */
export const bigQueryLexis: Lexis = {
  patterns: [
    marker,
    ['line_comment', /(?:--|#)[^\n\r]*/y],
    ['string', /(?:[rR][bB]?|[bB][rR]?)?'''(?:(?!''')[^\\]|\\[\s\S])*(?<close>''')?/y],
    ['string', /(?:[rR][bB]?|[bB][rR]?)?"""(?:(?!""")[^\\]|\\[\s\S])*(?<close>""")?/y],
    ['string', /(?:[rR][bB]?|[bB][rR]?)?'(?:[^'\\\n\r]|\\[\s\S])*(?<close>')?/y],
    ['string', /(?:[rR][bB]?|[bB][rR]?)?"(?:[^"\\\n\r]|\\[\s\S])*(?<close>")?/y],
    ['quoted', /`(?:[^`\\\n\r]|\\[\s\S])*(?<close>`)?/y],
    ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
    ['number', /(?:0[xX][\da-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)/y],
    ['placeholder', /\?|@@?[\p{L}_][\p{L}\p{N}_]*/uy],
  ],
  nestsComments: false,
  hasDollarQuotes: false,
};
