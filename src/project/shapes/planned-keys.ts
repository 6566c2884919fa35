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

interface PlannedValue {
  readonly path: string;
  readonly matches: (value: unknown) => boolean;
  /** The value decides which other keys its map may have, so those cannot be judged. */
  readonly decidesShape?: true;
}

const plannedValues: Readonly<Record<FileKind, readonly PlannedValue[]>> = {
  project: [
    { path: 'targets.*.warehouse.type', matches: oneOf('postgres', 'bigquery', 'snowflake'), decidesShape: true },
  ],
  model: [],
  sync: [],
};

/** Kinds of models; they decide the shape of the whole file. */
export function isPlannedKind(value: unknown): boolean {
  return value === 'predictive';
}

export function isPlannedKey(kind: FileKind, path: YamlPath, key: string): boolean {
  return Object.entries(plannedKeys[kind]).some(([pattern, keys]) => keys.includes(key) && matchesPath(pattern, path));
}

/** @returns whether the value at `path` will be allowed, and if so, whether it decides the shape of its map */
export function plannedValue(kind: FileKind, path: YamlPath, value: unknown): 'no' | 'yes' | 'decides_shape' {
  const planned = plannedValues[kind].find((entry) => matchesPath(entry.path, path) && entry.matches(value));
  if (planned === undefined) return 'no';
  return planned.decidesShape === true ? 'decides_shape' : 'yes';
}

/** `entities.*.key` against `['entities', 'lead', 'key']`. */
export function matchesPath(pattern: string, path: YamlPath): boolean {
  const parts = pattern === '' ? [] : pattern.split('.');
  return parts.length === path.length && parts.every((part, index) => part === '*' || part === String(path[index]));
}

function oneOf(...values: readonly string[]): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && values.includes(value);
}
