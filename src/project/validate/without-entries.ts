import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { Issue } from './problems-of-issue.ts';

/**
 * What a finding makes unusable, at most `depth` keys deep. Unknown keys at the top of the file make nothing else
 * unusable, so they stand for themselves.
 */
export function entryOf({ path, issue }: Issue, depth: number): readonly YamlPath[] {
  if (issue.code === 'unrecognized_keys' && path.length === 0) return issue.keys.map((key) => [key]);
  return [path.slice(0, depth)];
}

/**
 * A copy of a file's data without some of its keys (paths of one part) and entries (of two), and the file as seen from
 * what is left: list items moved up, their places did not.
 */
export function withoutEntries(
  yaml: YamlFile,
  data: unknown,
  entries: readonly YamlPath[],
): { readonly data: unknown; readonly yaml: YamlFile } {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return { data, yaml };
  const keptItems = new Map<string | number, readonly number[]>();
  const rest = Object.entries(data).flatMap(([key, value]) => {
    const gone = entries.filter((path) => path[0] === key);
    if (gone.length === 0) return [[key, value]];
    if (gone.some((path) => path.length === 1) || typeof value !== 'object' || value === null) return [];
    const isKept = (entry: string | number) => !gone.some((path) => path[1] === entry);
    if (!Array.isArray(value)) {
      return [[key, Object.fromEntries(Object.entries(value).filter(([name]) => isKept(name)))]];
    }
    const kept = [...value.keys()].filter(isKept);
    keptItems.set(key, kept);
    return [[key, kept.map((index) => value[index])]];
  });
  return { data: Object.fromEntries(rest), yaml: seenThrough(yaml, keptItems) };
}

function seenThrough(yaml: YamlFile, keptItems: ReadonlyMap<string | number, readonly number[]>): YamlFile {
  const original = (path: YamlPath): YamlPath => {
    const [key, index, ...deeper] = path;
    if (key === undefined || typeof index !== 'number') return path;
    return [key, keptItems.get(key)?.[index] ?? index, ...deeper];
  };
  return {
    ...yaml,
    locate: (path) => yaml.locate(original(path)),
    locateKey: (path, key) => yaml.locateKey(original(path), key),
    written: (path) => yaml.written(original(path)),
  };
}
