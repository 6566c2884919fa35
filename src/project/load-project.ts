import { resolve } from 'node:path';
import { didYouMean } from '../errors/did-you-mean.ts';
import { errorOfProblems, type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import { checkModels } from './check/check-models.ts';
import { checkParams } from './check/check-params.ts';
import { checkSyncs } from './check/check-syncs.ts';
import type { LoadedFiles } from './check/loaded-files.ts';
import { type Environment, type Substituted, substituteEnvironment } from './files/environment.ts';
import { namesAt, problemAt, valueAt } from './files/problem-at.ts';
import { readConfigFile, readYamlFiles } from './files/project-folder.ts';
import { openSqlFiles } from './files/sql-files.ts';
import type { YamlFile } from './files/yaml-file.ts';
import { loadUnitTests } from './load-unit-tests.ts';
import type { ProblemSink } from './problem-sink.ts';
import { modelSources } from './read/for-each.ts';
import { readConfig } from './read/read-config.ts';
import { readModel } from './read/read-model.ts';
import { readSync } from './read/read-sync.ts';
import { isUnitTestFile } from './read/read-unit-tests.ts';
import type { Project } from './types.ts';

export interface LoadOptions {
  /** Absolute, or relative to the working directory. */
  readonly projectDir: string;
  readonly env: Environment;
  /** Instead of the project's `default_target`. */
  readonly targetName?: string;
}

/** A project as far as its files could be read. */
export interface ReadProject {
  /** Null where the configuration cannot be used. Parts with problems are missing. */
  readonly project: Project | null;
  /** In the order of files and lines; none if the project is whole. */
  readonly problems: readonly Problem[];
  /** Models whose files could not be read as such; others may name them all the same. */
  readonly unreadModels: readonly string[];
}

/**
 * Reads a project and refuses one with problems.
 * @throws CONFIG_NOT_FOUND where there is no project; USAGE_INVALID for an unknown target; else one error that has every
 *   problem of every file
 */
export function loadProject(options: LoadOptions): Project {
  const { project, problems } = readProject(options);
  if (problems.length > 0 || project === null) throw errorOfProblems(problems);
  return project;
}

/**
 * Reads `config/scoreline.yml`, the YAML files below `models/` with their SQL files, and those below `syncs/`, and checks
 * all that can be checked without a warehouse. Reads files and does nothing else.
 * @throws CONFIG_NOT_FOUND where there is no project; USAGE_INVALID for an unknown target
 */
export function readProject(options: LoadOptions): ReadProject {
  const projectDir = resolve(options.projectDir);
  const problems: Problem[] = [];
  const report: ProblemSink = (problem) => problems.push(problem);

  const configFile = readConfigFile(projectDir, report);
  const substituted = substituteEnvironment(configFile, options.env);
  const selected = selectTarget({ yaml: configFile, substituted, wanted: options.targetName, report });
  const sqlFiles = openSqlFiles(projectDir, report);
  const { env } = options;
  const config = readConfig({ projectDir, yaml: configFile, env, substituted, selected, sqlFiles, report });

  const timeZone = config?.timezone ?? 'UTC';
  const { modelFiles, testFiles } = sortModelFiles(readYamlFiles(projectDir, 'models', report));
  const sources = modelSources(modelFiles, report);
  const models = mapFound(sources, ({ yaml, fixed }, name) =>
    readModel({ name, yaml, fixed, timeZone, sqlFiles, report }),
  );
  const syncs = mapFound(readYamlFiles(projectDir, 'syncs', report), (yaml, name) => readSync({ name, yaml, report }));

  const files: LoadedFiles = { config, configFile, models, modelNames: [...sources.keys()], syncs };
  checkModels(files, report);
  checkParams(files, report);
  checkSyncs(files, report);
  const unitTests = loadUnitTests({ files, testFiles, timeZone, report });
  const project = config && {
    dir: projectDir,
    name: config.name,
    file: configFile,
    timezone: config.timezone,
    defaultTarget: config.defaultTarget,
    entities: config.entities,
    sources: config.sources,
    retention: config.retention,
    reasons: config.reasons,
    params: config.params,
    targets: config.targets,
    models: mapFound(models, ({ model }) => model),
    syncs: mapFound(syncs, ({ sync }) => sync),
    unitTests,
  };
  const unreadModels = files.modelNames.filter((name) => !models.has(name));
  return { project, problems: inFileOrder(withoutRepetition(problems)), unreadModels };
}

/** A file of several models (`for_each`) has its problems once for each. */
function withoutRepetition(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function sortModelFiles(files: ReadonlyMap<string, YamlFile>) {
  const modelFiles = new Map<string, YamlFile>();
  const testFiles: YamlFile[] = [];
  for (const [name, yaml] of files) {
    if (isUnitTestFile(yaml)) testFiles.push(yaml);
    else modelFiles.set(name, yaml);
  }
  return { modelFiles, testFiles };
}

interface TargetChoice {
  readonly yaml: YamlFile;
  readonly substituted: Substituted;
  /** On the command line. */
  readonly wanted: string | undefined;
  readonly report: ProblemSink;
}

/**
 * @returns undefined where neither the command line nor the file says which
 * @throws USAGE_INVALID for a target that the file does not have
 */
function selectTarget({ yaml, substituted, wanted, report }: TargetChoice): string | undefined {
  if (yaml.data === undefined) return wanted;
  const known = namesAt(yaml, ['targets']);
  if (wanted !== undefined) {
    if (known.includes(wanted)) return wanted;
    throw new ScorelineError('USAGE_INVALID', `The project has no target \`${wanted}\``, {
      hint: didYouMean(wanted, known),
    });
  }
  const path = ['default_target'];
  const preset = valueAt(substituted.data, path);
  if (preset === undefined && known.length > 1) {
    const message = `\`default_target\` is missing: expected one of ${known.join(', ')}`;
    report(problemAt(yaml, [], { code: 'CONFIG_INVALID', message, hint: 'Or name a target with --target.' }));
  }
  if (typeof preset !== 'string') return known.length === 1 ? known[0] : undefined;
  if (known.includes(preset)) return preset;
  const isUnresolved = substituted.unresolved.some((place) => place.path[0] === 'default_target');
  if (!isUnresolved) {
    const message = `unknown target ${yaml.written(path)}`;
    report(problemAt(yaml, path, { code: 'CONFIG_INVALID', message, hint: didYouMean(preset, known) }));
  }
  return undefined;
}

/** The configuration first, as most other problems may come from it; then by file and line. */
function inFileOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => {
    if (a.file !== b.file) return a.file < b.file ? -1 : 1;
    return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
  });
}

/** The entries that `read` makes something of. */
function mapFound<From, To>(
  entries: ReadonlyMap<string, From>,
  read: (value: From, name: string) => To | null,
): Map<string, To> {
  const found = new Map<string, To>();
  for (const [name, value] of entries) {
    const made = read(value, name);
    if (made !== null) found.set(name, made);
  }
  return found;
}
