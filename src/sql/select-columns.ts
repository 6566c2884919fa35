import { isComment, type SqlToken, tokenizeSql } from './syntax/tokenize-sql.ts';

export interface SelectColumns {
  /** As the SELECT writes them, without quotes. */
  readonly names: readonly string[];
  /** Whether a `*` brings in columns that the SELECT does not name. */
  readonly hasStar: boolean;
}

/**
 * The columns that a SELECT shows to give, read off its text alone; of a template, whose calls stand for values.
 * @returns null where the text does not show them, as where parts of it depend on a condition
 */
export function selectColumns(template: string): SelectColumns | null {
  if (template.includes('{%')) return null;
  const text = template.replace(/\{#[\s\S]*?#\}/g, ' ').replace(/\{\{[\s\S]*?\}\}/g, ' called ');
  const items = selectList(tokenizeSql(text).filter((token) => !isComment(token)));
  if (items === null) return null;
  const names: string[] = [];
  let hasStar = false;
  for (const item of items) {
    const last = item.at(-1);
    // `* exclude (…)` and `* replace (…)` end otherwise, and say no less that there is more than what is named.
    const star = item.findIndex(
      (token, index) => isSymbol(token, '*') && (index === 0 || isSymbol(item[index - 1], '.')),
    );
    if (star >= 0) hasStar = true;
    else if (last?.kind === 'word') names.push(last.text);
    else if (last?.kind === 'quoted') names.push(last.text.slice(1, -1).replaceAll('""', '"'));
  }
  return { names, hasStar };
}

/** The items of the outermost SELECT, the first one of a UNION; null where there is none. */
function selectList(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] | null {
  const items: SqlToken[][] = [];
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, '(') || isSymbol(token, '[')) depth += 1;
    if (isSymbol(token, ')') || isSymbol(token, ']')) depth -= 1;
    const item = items.at(-1);
    if (depth > 0) {
      item?.push(token);
      continue;
    }
    if (item === undefined) {
      if (isWord(token, 'select')) items.push([]);
    } else if (isWord(token, 'from') || isWord(token, 'where') || isWord(token, 'union') || isSymbol(token, ';')) {
      break;
    } else if (isSymbol(token, ',')) {
      items.push([]);
    } else if (!(item.length === 0 && (isWord(token, 'distinct') || isWord(token, 'all')))) {
      item.push(token);
    }
  }
  return items.length === 0 ? null : items;
}

function isWord(token: SqlToken, word: string): boolean {
  return token.kind === 'word' && token.text.toLowerCase() === word;
}

function isSymbol(token: SqlToken | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol;
}
