/** A Jinja template cut into its parts, in order and without gaps. Offsets count UTF-16 units of the template. */
export type TemplatePart = TextPart | TagPart | CommentPart;

/** Text that is rendered as it stands, apart from the white space that neighbouring tags may take away. */
export interface TextPart {
  readonly kind: 'text';
  readonly start: number;
  readonly end: number;
}

export interface CommentPart {
  readonly kind: 'comment';
  readonly start: number;
  readonly end: number;
}

/** `{{ … }}` or `{% … %}`. */
export interface TagPart {
  readonly kind: 'output' | 'statement';
  readonly start: number;
  readonly end: number;
  readonly tokens: readonly TemplateToken[];
}

export interface TemplateToken {
  readonly kind: 'name' | 'string' | 'number' | 'symbol';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const tagStart = /\{\{|\{%|\{#/g;
const endOfRaw = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;
const tokenPattern =
  /(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<number>\d[\d_]*(?:\.\d+)?)|(?<symbol>==|!=|<=|>=|\/\/|\*\*|[^\s])/suy;

/**
 * Finds the tags of a template and their tokens. Does not check the syntax: give it only what the template engine parsed.
 */
export function scanTemplate(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let offset = 0;
  const addText = (end: number) => {
    if (end > offset) parts.push({ kind: 'text', start: offset, end });
  };
  while (offset < template.length) {
    tagStart.lastIndex = offset;
    const start = tagStart.exec(template)?.index ?? template.length;
    addText(start);
    offset = start;
    if (start === template.length) break;
    const part = scanTag(template, start);
    parts.push(part);
    offset = part.end;
    if (part.kind === 'statement' && part.tokens[0]?.text === 'raw') {
      endOfRaw.lastIndex = offset;
      const end = endOfRaw.exec(template)?.index ?? template.length;
      addText(end);
      offset = end;
    }
  }
  return parts;
}

function scanTag(template: string, start: number): TagPart | CommentPart {
  if (template.startsWith('{#', start)) {
    const end = template.indexOf('#}', start + 2);
    return { kind: 'comment', start, end: end < 0 ? template.length : end + 2 };
  }
  const kind = template.startsWith('{{', start) ? 'output' : 'statement';
  const closing = kind === 'output' ? '}}' : '%}';
  const tokens: TemplateToken[] = [];
  let depth = 0;
  let offset = start + 2;
  if (template[offset] === '-' || template[offset] === '+') offset += 1;
  for (;;) {
    while (/\s/.test(template[offset] ?? '')) offset += 1;
    // `}}` may also close two nested maps.
    const trimmed = /[-+]/.test(template[offset] ?? '') ? 1 : 0;
    if (depth === 0 && template.startsWith(closing, offset + trimmed)) {
      return { kind, start, end: offset + trimmed + closing.length, tokens };
    }
    const token = scanToken(template, offset);
    if (token === null) return { kind, start, end: template.length, tokens };
    if ('([{'.includes(token.text)) depth += 1;
    if (')]}'.includes(token.text)) depth -= 1;
    tokens.push(token);
    offset = token.end;
  }
}

function scanToken(template: string, offset: number): TemplateToken | null {
  tokenPattern.lastIndex = offset;
  const groups = tokenPattern.exec(template)?.groups;
  if (groups === undefined) return null;
  for (const kind of ['name', 'string', 'number', 'symbol'] as const) {
    const text = groups[kind];
    if (text !== undefined) return { kind, text, start: offset, end: offset + text.length };
  }
  return null;
}
