import type { z } from 'zod';
import { problemAtKey, valueAt } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { ParamDeclaration, ParamType } from '../setting-types.ts';
import { nameError, namePattern } from '../settings.ts';
import { forEach } from '../shapes/for-each-schema.ts';

/*
 * A file with `for_each` is read once for each value (or each combination of values), as if it were so many files: named
 * after the file and the values, each with the values as parameters that nothing overrides. In SQL, `param('product')` is a
 * bound value, as everywhere; in words and in names of models, which take no parameters, it is put in as text.
 */

/** One model of a file. */
export interface ModelSource {
  readonly yaml: YamlFile;
  /** Parameter → value; none for a file without `for_each`. */
  readonly fixed: Readonly<Record<string, FixedValue>>;
}

type FixedValue = z.output<typeof forEach>[string][number];

/** By the model's name. What is wrong with values is reported when the file is checked against its schema. */
export function modelSources(
  files: ReadonlyMap<string, YamlFile>,
  report: ProblemSink,
): ReadonlyMap<string, ModelSource> {
  const sources = new Map<string, ModelSource>();
  for (const [stem, yaml] of files) {
    const parsed = forEach.safeParse(valueAt(yaml.data, ['for_each']));
    if (!parsed.success) {
      sources.set(stem, { yaml, fixed: {} });
      continue;
    }
    for (const fixed of combinations(Object.entries(parsed.data))) {
      const name = [stem, ...Object.values(fixed).map(slug)].join('_');
      const problem = nameProblem(name, files, sources);
      if (problem === null) sources.set(name, { yaml: { ...yaml, data: withText(yaml.data, fixed, []) }, fixed });
      else report(problemAtKey(yaml, [], 'for_each', { code: 'MODEL_INVALID', ...problem }));
    }
  }
  return sources;
}

/** The values as parameters of the model; names that it has otherwise are reported. */
export function fixedParams(
  { fixed, yaml }: ModelSource,
  report: ProblemSink,
): Readonly<Record<string, ParamDeclaration>> {
  const refuse = (name: string, message: string) =>
    report(problemAtKey(yaml, ['for_each'], name, { code: 'MODEL_INVALID', message }));
  const declarations = Object.entries(fixed).map(([name, value]): [string, ParamDeclaration] => {
    if (name === 'as_of') refuse(name, '`as_of` is reserved: every model has it, and it is the instant of the run');
    if (valueAt(yaml.data, ['params', name]) !== undefined) {
      refuse(name, `parameter \`${name}\` stands in \`for_each\` and in \`params\`: expected one of them`);
    }
    return [name, { type: inferFixedType(value), default: value, fixed: true }];
  });
  return Object.fromEntries(declarations);
}

/** Text stays text, also where it looks like a date. */
function inferFixedType(value: FixedValue): ParamType {
  if (typeof value === 'string') return 'string';
  return Number.isSafeInteger(value) ? 'integer' : 'number';
}

function nameProblem(name: string, files: ReadonlyMap<string, YamlFile>, sources: ReadonlyMap<string, ModelSource>) {
  if (!namePattern.test(name)) return { message: `\`for_each\` makes a model \`${name}\`: ${nameError}` };
  const other = files.get(name) ?? sources.get(name)?.yaml;
  if (other === undefined) return null;
  return {
    message: `\`for_each\` makes a model \`${name}\`, which ${other.path} makes too: expected another name`,
    hint: 'A name is the name of the file and the value, in lower case, with _ for all that is no letter or digit.',
  };
}

type Lists = readonly (readonly [name: string, values: readonly FixedValue[]])[];

/** Each value of each list with each of the others, the last list going fastest. */
function combinations([first, ...rest]: Lists): readonly Readonly<Record<string, FixedValue>>[] {
  if (first === undefined) return [{}];
  const [name, values] = first;
  return values.flatMap((value) => combinations(rest).map((others) => ({ [name]: value, ...others })));
}

/** `Pro Plus` → `pro_plus` */
function slug(value: FixedValue): string {
  return String(value)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '');
}

const call = /\{\{-?\s*param\(\s*['"](\w+)['"]\s*\)\s*-?\}\}/g;

/** Puts values into words and names of models; SQL is left to the template engine. */
function withText(value: unknown, fixed: ModelSource['fixed'], path: YamlPath): unknown {
  if (typeof value === 'string') {
    const kind = kindOf(path);
    if (kind === 'sql') return value;
    return value.replaceAll(call, (written, name: string) => {
      const given = Object.hasOwn(fixed, name) ? fixed[name] : undefined;
      if (given === undefined) return written;
      return kind === 'name' ? slug(given) : String(given);
    });
  }
  if (Array.isArray(value)) return value.map((item, index) => withText(item, fixed, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withText(item, fixed, [...path, key])]));
}

const wordKeys: readonly unknown[] = ['label', 'description'];
const nameKeys: readonly unknown[] = ['from', 'overrides', 'inputs', 'tags'];

function kindOf(path: YamlPath): 'words' | 'name' | 'sql' {
  if (wordKeys.includes(path.at(-1))) return 'words';
  return nameKeys.includes(path[0]) ? 'name' : 'sql';
}
