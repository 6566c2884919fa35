import { type Piece, type PieceKind, useOfPiece } from './piece-use.ts';
import type { TagPart, TemplatePart, TemplateToken } from './scan-template.ts';
import { findTemplateCalls, isVariable } from './template-calls.ts';
import type { TemplateProblem } from './template-problems.ts';

export interface TemplateFunctions {
  /** Functions that return a value or an expression. */
  readonly values: ReadonlySet<string>;
  /** Functions that return a relation. */
  readonly relations: ReadonlySet<string>;
}

/**
 * Follows through a template what its calls return. Each stands for a piece of SQL that the template cannot look into: a
 * parameter's value travels to the warehouse as a bind, so a condition on it would see a placeholder and silently take
 * the wrong branch. A piece may stand alone in `{{ … }}`, be an argument of a macro, be kept by `{% set %}`; relations may
 * also stand in a list that a loop runs over. Names that hold pieces are followed by name alone, whatever their scope:
 * at worst an odd template is refused.
 */
export function checkFlow(parts: readonly TemplatePart[], functions: TemplateFunctions): readonly TemplateProblem[] {
  const tags = parts.filter((part): part is TagPart => part.kind === 'output' || part.kind === 'statement');
  const all = new Set([...functions.values, ...functions.relations]);

  // What `caller()` returns is the body of a `{% call %}`, which may hold anything.
  const held: Held = new Map([['caller()', 'value']]);
  const macros = new Map(tags.flatMap((part) => ownMacro(part)));
  for (;;) {
    const before = new Map(held);
    const misused = followOnce(tags, { functions, all, held, macros });
    // A round that finds out more about a name may have judged an earlier use of it as harmless.
    if ([...held].every(([name, kind]) => before.get(name) === kind)) return misused.map(misuseOf);
  }
}

/** Names of variables, and of the template's own macros with `()` behind, that hold pieces. */
type Held = Map<string, PieceKind>;

interface Flow {
  readonly functions: TemplateFunctions;
  readonly all: ReadonlySet<string>;
  readonly held: Held;
  /** The template's own macros with their parameters. */
  readonly macros: ReadonlyMap<string, readonly string[]>;
}

function followOnce(tags: readonly TagPart[], flow: Flow): readonly Piece[] {
  const blocks: Block[] = [];
  const misused: Piece[] = [];
  for (const part of tags) {
    for (const piece of piecesOf(part, flow)) {
      const use = useOfPiece(piece, flow.all, new Set(flow.macros.keys()));
      if (use.kind === 'kept') hold(flow.held, use.name, piece.kind);
      if (use.kind === 'passed') for (const name of flow.macros.get(use.macro) ?? []) hold(flow.held, name, piece.kind);
      const isRendered = part.kind === 'output' || part.tokens[0]?.text === 'call';
      const isFiltered = isRendered && blocks.some((block) => block.holder === null);
      if (use.kind === 'misuse' || isFiltered) misused.push(piece);
      if (isRendered) for (const { holder } of blocks) if (holder !== null) hold(flow.held, holder, piece.kind);
    }
    if (part.kind === 'statement') followBlock(part.tokens, blocks);
  }
  return misused;
}

function hold(held: Held, name: string, kind: PieceKind): void {
  if (held.get(name) !== 'value') held.set(name, kind);
}

function piecesOf(part: TagPart, { functions, all, held, macros }: Flow): readonly Piece[] {
  const isDefinition = part.tokens[0]?.text === 'macro';
  const calls = findTemplateCalls([part], new Set([...all, ...macros.keys(), 'caller']));
  const called = calls.flatMap(({ name, first, last }): readonly Piece[] => {
    const own = functions.values.has(name) ? 'value' : functions.relations.has(name) ? 'relation' : null;
    const kind = own ?? held.get(`${name}()`);
    return kind === undefined || (isDefinition && first === 1) ? [] : [{ part, first, last, kind }];
  });
  const named = part.tokens.flatMap((token, index): readonly Piece[] => {
    const kind = isVariable(part.tokens, index) ? held.get(token.text) : undefined;
    const isAssigned = index === 1 && part.tokens[0]?.text === 'set';
    return kind === undefined || isAssigned || isDefinition ? [] : [{ part, first: index, last: index, kind }];
  });
  return [...called, ...named];
}

interface Block {
  readonly end: string;
  /** What holds the block's text: a variable, or a macro as `name()`; null where a filter changes it. */
  readonly holder: string | null;
}

function followBlock(tokens: readonly TemplateToken[], blocks: Block[]): void {
  const [keyword, name, third] = tokens.map((token) => token.text);
  if (keyword === blocks.at(-1)?.end) blocks.pop();
  if (keyword === 'macro') blocks.push({ end: 'endmacro', holder: `${name}()` });
  if (keyword === 'filter') blocks.push({ end: 'endfilter', holder: null });
  if (keyword === 'set' && third === undefined) blocks.push({ end: 'endset', holder: name ?? '' });
  if (keyword === 'set' && third === '|') blocks.push({ end: 'endset', holder: null });
}

function ownMacro(part: TagPart): readonly (readonly [string, readonly string[]])[] {
  const [keyword, name, , ...rest] = part.tokens;
  if (keyword?.text !== 'macro' || name === undefined) return [];
  return [[name.text, rest.filter((token) => token.kind === 'name').map((token) => token.text)]];
}

function misuseOf({ part, first, last }: Piece): TemplateProblem {
  const start = part.tokens[first]?.start ?? part.start;
  const end = part.tokens[last]?.end ?? part.end;
  const message =
    'a piece of SQL whose value only the warehouse sees: it can stand alone in {{ }}, be an argument of a macro or be ' +
    'assigned by {% set %}, but not be part of a condition, a loop, a filter or an operation of the template';
  return { start, end, message };
}
