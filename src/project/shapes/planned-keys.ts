import type { YamlPath } from '../files/yaml-file.ts';

/*
 * What the formats will have and this version has not: such keys and values are refused by name, because a project that
 * relies on them must not run as if they were not there. When one is built, its line goes from here.
 */

export type FileKind = 'project' | 'model' | 'sync';

/** Path in the file (`*` stands for any name or index, empty for the top) → keys. */
type PlannedKeys = Readonly<Record<string, readonly string[]>>;

const plannedKeys: Readonly<Record<FileKind, PlannedKeys>> = {
  project: {},
  model: {},
  sync: {
    '': ['schedule'],
  },
};

/** Kinds of models; they decide the shape of the whole file. */
export function isPlannedKind(value: unknown): boolean {
  return value === 'predictive';
}

export function isPlannedKey(kind: FileKind, path: YamlPath, key: string): boolean {
  return Object.entries(plannedKeys[kind]).some(([pattern, keys]) => keys.includes(key) && matchesPath(pattern, path));
}

/** `entities.*.key` against `['entities', 'lead', 'key']`. */
export function matchesPath(pattern: string, path: YamlPath): boolean {
  const parts = pattern === '' ? [] : pattern.split('.');
  return parts.length === path.length && parts.every((part, index) => part === '*' || part === String(path[index]));
}
