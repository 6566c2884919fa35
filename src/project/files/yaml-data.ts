import { type Alias, type Document, isAlias, type Node, visit, type YAMLError } from 'yaml';
import type { Problem } from '../../errors/scoreline-error.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { Position } from '../setting-types.ts';

export interface ParsedYaml {
  readonly path: string;
  readonly text: string;
  readonly document: Document.Parsed;
  readonly position: (offset: number) => Position;
  readonly report: ProblemSink;
}

/**
 * The plain data of a file; what is wrong with it as YAML goes to `report`.
 * @returns undefined where the data would mislead: a key that stands twice leaves the rest readable, a broken indentation
 *   does not
 */
export function yamlData(yaml: ParsedYaml): unknown {
  const { document, path, position, report } = yaml;
  const add = (offset: number, problem: Pick<Problem, 'message' | 'value' | 'hint'>) =>
    report({ code: 'CONFIG_INVALID', file: path, ...position(offset), ...problem });

  for (const error of [...document.errors, ...document.warnings]) add(error.pos[0], describe(error, yaml));
  const broken = document.errors.some((error) => error.code !== 'DUPLICATE_KEY');
  if (broken) return undefined;
  if (document.contents === null) {
    add(0, { message: 'the file is empty: expected a map of keys and values' });
    return undefined;
  }
  let sound = true;
  visit(document, {
    Alias: (_, alias) => {
      const fault = aliasFault(document, alias);
      if (fault === undefined) return;
      sound = false;
      add(alias.range?.[0] ?? 0, { value: `*${alias.source}`, message: fault });
    },
  });
  return sound ? expanded(document, (message) => add(0, { message })) : undefined;
}

function describe(error: YAMLError, { text, position }: ParsedYaml): Pick<Problem, 'message' | 'value' | 'hint'> {
  const [start, end] = error.pos;
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const { line } = position(start);
      const key = /^[^\s:,{}]+/.exec(text.slice(start))?.[0] ?? text.slice(start, end);
      return { value: key, message: `the key \`${key}\` stands twice in one map (again in line ${line})` };
    }
    case 'MULTIPLE_DOCS':
      return {
        message: 'a second document begins here: expected one document in a file',
        hint: 'Remove the line `---`.',
      };
    case 'TAB_AS_INDENT':
      return { message: 'the indentation has a tab: expected spaces', hint: 'Replace tabs by spaces.' };
    default:
      // The parser quotes what it met after this; in the configuration that may be a secret.
      return { message: `not readable as YAML: ${error.message.replace(/ in YAML stream: .*/s, '')}` };
  }
}

function aliasFault(document: Document, alias: Alias): string | undefined {
  const target: Node | undefined = alias.resolve(document);
  if (target === undefined || isAlias(target)) return `no anchor &${alias.source} stands before this alias`;
  const at = alias.range?.[0] ?? 0;
  const inside = target.range != null && target.range[0] <= at && at < target.range[1];
  return inside ? 'the alias stands inside its own anchor, so the value would never end' : undefined;
}

/** A few lines of nested aliases can stand for gigabytes; the parser counts them and refuses. */
function expanded(document: Document, report: (message: string) => void): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    report('the aliases of this file stand for far too much data: expected at most 100 uses');
    return undefined;
  }
}
