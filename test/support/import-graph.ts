import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';

/** File (relative to the folder read, forward slashes) → the files it imports, type-only imports included. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Reads the imports of all TypeScript files below a folder. Packages are left out: only relative imports are edges. */
export function readImportGraph(folder: string): ImportGraph {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'));
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(join(folder, file), 'utf8'))]));
}

const statement = /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])(?<specifier>[^'"]+)\1/gm;
const sideEffect = /^\s*import\s*(['"])(?<specifier>[^'"]+)\1/gm;
// `import('./x.ts')` in code, and `typeof import('./x.ts')` in types.
const expression = /\bimport\(\s*(['"])(?<specifier>[^'"]+)\1/g;

export function importsOf(file: string, text: string): readonly string[] {
  const specifiers = [statement, sideEffect, expression].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => match.groups?.specifier ?? ''),
  );
  return specifiers
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => normalize(join(dirname(file), specifier)));
}

export interface Layout {
  /** Folders in the order in which data flows: each may import from itself and from those before it. */
  readonly flow: readonly string[];
  /** Pairs that the order would allow and that are forbidden all the same. */
  readonly apart: readonly { readonly from: string; readonly to: string }[];
}

/** Every import that the layout forbids, in words; empty if there is none. */
export function forbiddenImports(graph: ImportGraph, { flow, apart }: Layout): readonly string[] {
  return [...graph].flatMap(([file, imports]) => {
    const from = folderOf(file);
    if (!flow.includes(from)) return [`${file} lies in no folder of the layout`];
    return imports.flatMap((imported) => {
      const to = folderOf(imported);
      if (!graph.has(imported)) return [`${file} imports ${imported}, which is no file here`];
      const allowed =
        flow.indexOf(to) <= flow.indexOf(from) && !apart.some((pair) => pair.from === from && pair.to === to);
      return allowed ? [] : [`${file} imports ${imported}: ${from} must not import from ${to}`];
    });
  });
}

/** One circle of imports, first file repeated at its end; null if there is none. */
export function findCycle(graph: ImportGraph): readonly string[] | null {
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const imported of graph.get(file) ?? []) {
      const cycle = walk(imported, [...trail, file]);
      if (cycle !== null) return cycle;
    }
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const cycle = walk(file, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** The same imports between the files' folders; files beside a folder (`cli/main.ts`, `cli/render/`) are not part of it. */
export function folderGraph(graph: ImportGraph): ImportGraph {
  const folders = new Map<string, readonly string[]>();
  for (const [file, imports] of graph) {
    const from = dirname(file);
    const others = imports
      .map((imported) => dirname(imported))
      .filter((to) => !contains(from, to) && !contains(to, from));
    folders.set(from, [...new Set([...(folders.get(from) ?? []), ...others])]);
  }
  return folders;
}

function contains(folder: string, other: string): boolean {
  return other === folder || other.startsWith(`${folder}/`);
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
}
