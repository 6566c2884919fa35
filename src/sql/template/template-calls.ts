import type { TagPart, TemplatePart, TemplateToken } from './scan-template.ts';

/** A call of one of Scoreline's functions, as it stands in the template. Its place in the list is its number. */
export interface TemplateCall {
  readonly name: string;
  readonly part: TagPart;
  /** Indexes of the name and of the closing parenthesis in the part's tokens. */
  readonly first: number;
  readonly last: number;
  readonly start: number;
  readonly end: number;
}

/** Every call of the functions named, in the order of the template; also those in conditions, where none may stand. */
export function findTemplateCalls(parts: readonly TemplatePart[], names: ReadonlySet<string>): readonly TemplateCall[] {
  return parts.flatMap((part) =>
    part.kind === 'text' || part.kind === 'comment'
      ? []
      : part.tokens.flatMap((_, first) => callAt(part, first, names)),
  );
}

function callAt(part: TagPart, first: number, names: ReadonlySet<string>): readonly TemplateCall[] {
  const name = part.tokens[first];
  if (name === undefined || !isVariable(part.tokens, first) || !names.has(name.text)) return [];
  if (part.tokens[first + 1]?.text !== '(') return [];
  const last = closingBracket(part.tokens, first + 1);
  return [{ name: name.text, part, first, last, start: name.start, end: part.tokens[last]?.end ?? part.end }];
}

/** A name that the template engine looks up: not an attribute, a filter, or a keyword argument. */
export function isVariable(tokens: readonly TemplateToken[], index: number): boolean {
  if (tokens[index]?.kind !== 'name') return false;
  const before = tokens[index - 1]?.text;
  return before !== '.' && before !== '|' && before !== 'is' && tokens[index + 1]?.text !== '=';
}

/** The index of the bracket that closes the one at `opening`; the last token where none does. */
export function closingBracket(tokens: readonly TemplateToken[], opening: number): number {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (index < opening) continue;
    if ('([{'.includes(token.text)) depth += 1;
    if (')]}'.includes(token.text)) depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length - 1;
}

/** The index of the bracket that the token at `index` stands in; -1 where it stands in none. */
export function enclosingBracket(tokens: readonly TemplateToken[], index: number): number {
  let depth = 0;
  for (let before = index - 1; before >= 0; before -= 1) {
    const text = tokens[before]?.text ?? '';
    if (')]}'.includes(text)) depth += 1;
    if ('([{'.includes(text)) {
      if (depth === 0) return before;
      depth -= 1;
    }
  }
  return -1;
}

interface NumberedTemplate {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
  readonly calls: readonly TemplateCall[];
}

/**
 * Puts each call's number in front of its arguments, so that the function knows which call it answers: `ref('a')` becomes
 * `ref(0, 'a')`. With `places`, each text also begins with its own offset. Neither moves a line.
 */
export function numberCalls(
  { text: template, parts, calls }: NumberedTemplate,
  places: ((offset: number) => string) | null,
): string {
  const insertions: { readonly at: number; readonly text: string }[] = calls.map((call, index) => ({
    at: call.part.tokens[call.first + 1]?.end ?? call.end,
    text: call.last > call.first + 2 ? `${index}, ` : `${index}`,
  }));
  if (places !== null) {
    for (const part of parts) {
      // After the white space: that must stay where a tag's `-` takes it away.
      const at = part.kind === 'text' ? part.start + template.slice(part.start, part.end).search(/\S/) : -1;
      if (part.kind === 'text' && at >= part.start) insertions.push({ at, text: places(at) });
    }
  }
  insertions.sort((a, b) => a.at - b.at);
  let offset = 0;
  let numbered = '';
  for (const { at, text } of insertions) {
    numbered += template.slice(offset, at) + text;
    offset = at;
  }
  return numbered + template.slice(offset);
}
