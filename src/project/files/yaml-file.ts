import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml';
import type { ProblemSink } from '../problem-sink.ts';
import type { Position, SourceFile } from '../setting-types.ts';
import { yamlData } from './yaml-data.ts';

export type YamlPath = readonly (string | number)[];

/** A YAML file as plain data, with the way back from the data to its places in the text. */
export interface YamlFile extends SourceFile {
  /** Undefined where the file is empty or so broken that its data would mislead. */
  readonly data: unknown;
  /** The place of a key of the map at `path`; the map's own place if the key is not there. */
  locateKey(path: YamlPath, key: string): Position;
  /** The value as it stands, first line only; undefined for maps, lists, and where nothing stands. */
  written(path: YamlPath): string | undefined;
}

/** A value of the file is a sentence at most in a message. */
const maxWrittenLength = 80;

/** Parses YAML 1.2 with merge keys. Syntax errors, duplicate keys and unknown tags go to `report`. Never throws. */
export function parseYaml(path: string, text: string, report: ProblemSink): YamlFile {
  const lines = new LineCounter();
  // The log level keeps the parser from writing to stderr on its own; what it warns of is reported all the same.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'error' });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  return {
    path,
    text,
    data: yamlData({ path, text, document, position, report }),
    locate: (target) => position(textStart(nearestNode(document, target), text)),
    locateKey: (target, key) => {
      const node = nearestNode(document, target);
      const pair = isMap(node) ? pairOf(document, node, key) : undefined;
      return position(textStart(isNode(pair?.key) ? pair.key : node, text));
    },
    written: (target) => {
      const node = findNode(document, target);
      const value = node === undefined ? undefined : resolved(document, node);
      if (node?.range == null || isCollection(value)) return undefined;
      const [firstLine = ''] = text.slice(node.range[0], node.range[1]).split('\n');
      // A HubSpot token in a wrong place is a secret all the same.
      const shown = firstLine.trim().replaceAll(/\bpat-[\w-]+/g, 'pat-…');
      if (shown === '') return undefined;
      return shown.length > maxWrittenLength ? `${shown.slice(0, maxWrittenLength)}…` : shown;
    },
  };
}

/** A file that is not YAML: every place in it is its beginning. */
export function plainFile(path: string, text: string): SourceFile {
  return { path, text, locate: () => ({ line: 1, column: 1 }) };
}

/** Where a node's text begins: after an opening quote, and on the line after `|` or `>`. */
function textStart(node: Node | null, text: string): number {
  const start = node?.range?.[0] ?? 0;
  if (!isScalar(node)) return start;
  switch (node.type) {
    case 'QUOTE_DOUBLE':
    case 'QUOTE_SINGLE':
      return start + 1;
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED': {
      const nextLine = text.indexOf('\n', start) + 1;
      if (nextLine === 0) return start;
      const indent = /^ */.exec(text.slice(nextLine))?.[0].length ?? 0;
      return nextLine + indent;
    }
    default:
      return start;
  }
}

function nearestNode(document: Document, path: YamlPath): Node | null {
  let node = document.contents;
  for (const key of path) {
    const next: Node | undefined = childOf(document, node, key);
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

function findNode(document: Document, path: YamlPath): Node | undefined {
  let node: Node | undefined = document.contents ?? undefined;
  for (const key of path) {
    if (node === undefined) return undefined;
    node = childOf(document, node, key);
  }
  return node;
}

function childOf(document: Document, parent: Node | null, key: string | number): Node | undefined {
  const collection = resolved(document, parent);
  if (isSeq(collection)) {
    const item = typeof key === 'number' ? collection.items[key] : undefined;
    return isNode(item) ? item : undefined;
  }
  if (!isMap(collection)) return undefined;
  const value = pairOf(document, collection, String(key))?.value;
  return isNode(value) ? value : undefined;
}

/** The pair of a key; one that a merge key (`<<: *defaults`) brings in counts too. */
function pairOf(document: Document, map: Node, key: string): Pair | undefined {
  if (!isMap(map)) return undefined;
  const own = map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
  if (own !== undefined) return own;
  for (const pair of map.items) {
    if (!isScalar(pair.key) || pair.key.source !== '<<') continue;
    const merged = isNode(pair.value) ? resolved(document, pair.value) : undefined;
    const sources = isSeq(merged) ? merged.items.filter(isNode) : merged === undefined ? [] : [merged];
    for (const source of sources) {
      const found = pairOf(document, resolved(document, source) ?? source, key);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function resolved(document: Document, node: Node | null): Node | undefined {
  return isAlias(node) ? node.resolve(document) : (node ?? undefined);
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isCollection(value) || isAlias(value);
}
