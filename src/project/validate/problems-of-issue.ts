import type { z } from 'zod';
import { closestName, didYouMean } from '../../errors/did-you-mean.ts';
import type { Problem } from '../../errors/scoreline-error.ts';
import { pathText, problemAt, problemAtKey, valueAt } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import { type FileKind, isPlannedKey } from '../shapes/planned-keys.ts';
import { isSecretAt, keysAt } from './schema-at.ts';

/** One finding of zod with its full path. */
export interface Issue {
  readonly path: YamlPath;
  readonly issue: z.core.$ZodIssue;
}

export interface IssueContext {
  readonly kind: FileKind;
  readonly yaml: YamlFile;
  readonly schema: z.ZodType;
  /** The file's data, changed where the environment was put in; never shown. */
  readonly data: unknown;
  /** A better hint for an unknown key than a did-you-mean, where there is one. */
  readonly keyHint?: (path: YamlPath, key: string) => string | undefined;
}

/**
 * Opens unions: where one option fits but for something inside, that inside is the finding; else the union itself, whose
 * message names what it takes.
 */
export function leafIssues(issues: readonly z.core.$ZodIssue[], base: YamlPath = []): readonly Issue[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
    if (issue.code === 'invalid_union') {
      const inside = issue.errors.find((option) => option.length > 0 && option.every((found) => found.path.length > 0));
      if (inside !== undefined) return leafIssues(inside, path);
    }
    return [{ path, issue }];
  });
}

export function problemsOfIssue({ path, issue }: Issue, context: IssueContext): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, context));
  const { yaml, data } = context;
  const value = valueAt(data, path);
  if (issue.code === 'invalid_key') return [badName(path, issue, context)];
  const secret = isSecretAt(context.schema, path);
  const problem = problemAt(yaml, path, {
    code: 'CONFIG_INVALID',
    message: `${foundAt(path, value, secret ? undefined : yaml.written(path))}: ${expected(issue)}`,
    hint: hintFor(issue, value),
  });
  return [secret ? { ...problem, value: undefined } : problem];
}

export function notSupported(what: string) {
  return {
    code: 'CONFIG_NOT_SUPPORTED',
    message: `${what} is not supported yet`,
    hint: 'Take it out for now: a later version will have it.',
  } as const;
}

function unknownKey(path: YamlPath, key: string, { kind, yaml, schema, keyHint }: IssueContext): Problem {
  const shown = pathText([...path, key]);
  if (isPlannedKey(kind, path, key)) return problemAtKey(yaml, path, key, notSupported(`\`${shown}\``));
  const hint = keyHint?.(path, key) ?? didYouMean(key, keysAt(schema, path));
  return problemAtKey(yaml, path, key, { code: 'CONFIG_INVALID', message: `unknown key \`${shown}\``, hint });
}

function badName(path: YamlPath, issue: z.core.$ZodIssueInvalidKey, { yaml }: IssueContext): Problem {
  const key = String(path.at(-1));
  const [reason] = issue.issues;
  const message = `\`${pathText(path)}\` is no name: ${reason?.message ?? 'expected another one'}`;
  return problemAtKey(yaml, path.slice(0, -1), key, { code: 'CONFIG_INVALID', message });
}

/** What stands at a place, in words. @param written the value as it stands, if it may be shown */
export function foundAt(path: YamlPath, value: unknown, written: string | undefined): string {
  const what = path.length === 0 ? 'the file' : `\`${pathText(path)}\``;
  if (value === undefined) return `${what} is missing`;
  if (value === null) return `${what} is empty`;
  if (Array.isArray(value)) return `${what} is a list`;
  if (typeof value === 'object') return `${what} is a map`;
  return written === undefined ? `${what} is wrong` : `${what} is ${written}`;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
};

/** Schemas say what they expect; zod's own words are only met where one leaves it to the type. */
function expected(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('expected')) return issue.message;
  if (issue.code === 'invalid_type') return `expected ${typeWords[issue.expected] ?? issue.expected}`;
  return issue.message.replace(/^Invalid [^:]*: /, '');
}

function hintFor(issue: z.core.$ZodIssue, value: unknown): string | undefined {
  if (typeof value === 'string') {
    const close = closestName(value, choices(issue));
    if (close !== undefined) return `Did you mean \`${close}\`?`;
    const wantsBoolean = issue.code === 'invalid_type' && issue.expected === 'boolean';
    return wantsBoolean ? 'In YAML 1.2 only true and false are booleans.' : undefined;
  }
  const isTemplate =
    typeof value === 'object' && value !== null && Object.keys(value).some((key) => key.startsWith('{'));
  return isTemplate ? 'YAML reads braces as a map: quote the text, "{{ … }}".' : undefined;
}

/** The fixed values that would have been right, in any option of a union. */
function choices(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' ? issue.errors.flat().flatMap(choices) : [];
}
