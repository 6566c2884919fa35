import type { ErrorCode } from '../../errors/registry.ts';
import type { Problem } from '../../errors/scoreline-error.ts';
import type { YamlFile, YamlPath } from './yaml-file.ts';

export interface ProblemText {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** A problem with the value at `path`: its place, and the value as it stands. */
export function problemAt(yaml: YamlFile, path: YamlPath, problem: ProblemText): Problem {
  return { ...problem, file: yaml.path, ...yaml.locate(path), value: yaml.written(path) };
}

/** A problem with a key itself, of the map at `path`. */
export function problemAtKey(yaml: YamlFile, path: YamlPath, key: string, problem: ProblemText): Problem {
  return { ...problem, file: yaml.path, ...yaml.locateKey(path, key), value: key };
}

/** `rules[2].within` */
export function pathText(path: YamlPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** The value at `path` of plain data; undefined where nothing stands. */
export function valueAt(data: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    return Reflect.get(value, part);
  }, data);
}

/** The keys of a map of the file, whether or not its entries are valid: a name with a problem of its own is not unknown. */
export function namesAt(yaml: YamlFile, path: YamlPath): readonly string[] {
  const found = valueAt(yaml.data, path);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.keys(found) : [];
}
