import { markerStart } from '../markers.ts';
import { findClocks, type TokenProblem } from './find-clocks.ts';
import type { Lexis } from './lexis.ts';
import { isComment, type SqlToken, tokenizeSql } from './tokenize-sql.ts';

/** `start` and `end` are offsets of the text checked. */
export interface SqlProblem {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint?: string;
}

export interface CheckedSql {
  /** Without white space around it and without the semicolon that ends a statement; the offsets are those of the text. */
  readonly tokens: readonly SqlToken[];
  readonly problems: readonly SqlProblem[];
}

export type SqlKind = 'select' | 'expression' | 'relation';

/**
 * Checks that SQL is one SELECT, one expression or one name, so that it means the same wherever it is put: nothing in it
 * can close the parentheses around it, end the statement, or swallow what follows.
 */
export function checkSql(text: string, kind: SqlKind, lexis?: Lexis): CheckedSql {
  const tokens = tokenizeSql(text, lexis);
  const unclosed = tokens.find((token) => !token.closed);
  if (unclosed !== undefined) {
    return { tokens, problems: [problemAt(unclosed, `${unclosedNames[unclosed.kind] ?? 'this'} does not end`)] };
  }
  const code = tokens.filter((token) => !isComment(token));
  const last = code.at(-1);
  const isEnd = kind === 'select' && last?.text === ';';
  const rest = isEnd ? tokens.filter((token) => token !== last) : tokens;
  const body = isEnd ? code.slice(0, -1) : code;
  return {
    tokens: rest,
    problems: [
      ...rest.flatMap(markersInside),
      ...body.flatMap(foreignToken),
      ...unbalanced(body),
      ...checkKind(body, kind, text),
      ...findClocks(body).map(fromTokenProblem),
    ],
  };
}

function checkKind(body: readonly SqlToken[], kind: SqlKind, text: string): readonly SqlProblem[] {
  const [first] = body;
  if (first === undefined) {
    return [{ start: 0, end: text.length, message: `there is no SQL here: expected ${expected[kind]}` }];
  }
  switch (kind) {
    case 'select':
      return checkSelect(body, first);
    case 'expression':
      return checkExpression(body, first);
    case 'relation':
      return checkRelation(body, first);
    default:
      return kind satisfies never;
  }
}

const expected: Readonly<Record<SqlKind, string>> = {
  select: 'one SELECT',
  expression: 'an expression over the columns of the relation',
  relation: "one {{ ref('…') }}, one {{ source('…', '…') }}, or the name of a table",
};

const unclosedNames: Partial<Record<SqlToken['kind'], string>> = {
  string: 'the text that begins here',
  quoted: 'the quoted name that begins here',
  block_comment: 'the comment that begins here',
};

function checkSelect(body: readonly SqlToken[], first: SqlToken): readonly SqlProblem[] {
  if (!isWord(first, 'select') && !isWord(first, 'with')) {
    return [problemAt(first, 'expected one SELECT, which begins with `select` or `with`')];
  }
  const statements = body.filter((token, index) => isChange(body, token, index));
  return statements.map((token) => problemAt(token, 'a statement that writes: expected a SELECT, which only reads'));
}

/** A statement that writes, as the main one behind a WITH or as one of its parts. */
function isChange(body: readonly SqlToken[], token: SqlToken, index: number): boolean {
  if (token.kind !== 'word' || !/^(insert|update|delete|merge|truncate)$/i.test(token.text)) return false;
  const before = body[index - 1]?.text;
  const after = body[index + 1];
  return (
    (before === '(' || before === ')') &&
    (after?.kind === 'word' || after?.kind === 'quoted' || after?.kind === 'marker')
  );
}

function checkExpression(body: readonly SqlToken[], first: SqlToken): readonly SqlProblem[] {
  if (isWord(first, 'select') || isWord(first, 'with')) {
    return [
      problemAt(first, `a statement stands here: expected ${expected.expression} (a subquery goes in parentheses)`),
    ];
  }
  const comma = atDepthZero(body).find((token) => token.text === ',');
  return comma === undefined ? [] : [problemAt(comma, 'a comma separates two expressions: expected one')];
}

function checkRelation(body: readonly SqlToken[], first: SqlToken): readonly SqlProblem[] {
  const isCall = body.length === 1 && first.kind === 'marker';
  const isName =
    body.length <= 5 &&
    body.every((token, index) =>
      index % 2 === 1 ? token.text === '.' : token.kind === 'word' || token.kind === 'quoted',
    ) &&
    body.length % 2 === 1;
  return isCall || isName ? [] : [problemAt(first, `expected ${expected.relation}`)];
}

/** The template puts typed binds where values go; what a bind's placeholder is called is the dialect's business. */
function foreignToken(token: SqlToken): readonly SqlProblem[] {
  if (token.kind === 'placeholder') {
    const hint = "Declare a parameter and write {{ param('name') }}.";
    return [{ ...problemAt(token, 'a placeholder for a value that nobody gives'), hint }];
  }
  if (token.text === ';')
    return [problemAt(token, 'a semicolon ends the statement: expected one statement, and nothing after it')];
  return [];
}

function markersInside(token: SqlToken): readonly SqlProblem[] {
  if (token.kind === 'marker' || !token.text.includes(markerStart)) return [];
  const where =
    token.kind === 'string'
      ? 'a literal'
      : token.kind === 'quoted'
        ? 'a quoted name'
        : isComment(token)
          ? 'a comment'
          : null;
  if (where === null) return [];
  const hint = isComment(token) ? 'Comments of the template, {# … #}, may hold calls.' : undefined;
  const start = token.start + token.text.indexOf(markerStart);
  const message = `stands in ${where}, where it would be text: expected a place where SQL can stand`;
  return [{ start, end: token.end, message, ...(hint === undefined ? {} : { hint }) }];
}

function unbalanced(body: readonly SqlToken[]): readonly SqlProblem[] {
  const open: SqlToken[] = [];
  for (const token of body) {
    if (token.kind !== 'symbol') continue;
    if ('([{'.includes(token.text)) open.push(token);
    if (!')]}'.includes(token.text)) continue;
    const opening = open.pop();
    if (opening === undefined || closings[opening.text] !== token.text) {
      return [problemAt(token, `\`${token.text}\` closes nothing that was opened`)];
    }
  }
  return open.slice(0, 1).map((token) => problemAt(token, `\`${token.text}\` is not closed`));
}

const closings: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

function atDepthZero(body: readonly SqlToken[]): readonly SqlToken[] {
  let depth = 0;
  return body.filter((token) => {
    if ('([{'.includes(token.text)) depth += 1;
    if (')]}'.includes(token.text)) depth -= 1;
    return depth === 0;
  });
}

function isWord(token: SqlToken, word: string): boolean {
  return token.kind === 'word' && token.text.toLowerCase() === word;
}

function problemAt(token: SqlToken, message: string): SqlProblem {
  return { start: token.start, end: token.end, message };
}

function fromTokenProblem({ token, message, hint }: TokenProblem): SqlProblem {
  return { start: token.start, end: token.end, message, hint };
}
