import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errorOfProblems, type Problem, ScorelineError } from '../../errors/scoreline-error.ts';
import type { ProblemSink } from '../problem-sink.ts';
import { nameError, namePattern } from '../settings.ts';
import { listFiles } from './list-files.ts';
import { isMissing, readTextFile, systemReason } from './read-text-file.ts';
import { parseYaml, type YamlFile } from './yaml-file.ts';

const configName = 'config/scoreline.yml';

/**
 * Reads `config/scoreline.yml`; what is wrong with it as YAML goes to `report`.
 * @throws CONFIG_NOT_FOUND where the folder has none; CONFIG_INVALID where it cannot be read as text
 */
export function readConfigFile(projectDir: string, report: ProblemSink): YamlFile {
  const names = listFolder(projectDir);
  const path = join(projectDir, configName);
  if (isMissing(path)) {
    const sibling = join(projectDir, 'config/scoreline.yaml');
    const empty = names.length === 0 ? ', which is empty' : '';
    const message = `There is no ${configName} in ${projectDir}${empty}`;
    const hint = isMissing(sibling) ? undefined : 'Rename config/scoreline.yaml to config/scoreline.yml.';
    throw new ScorelineError('CONFIG_NOT_FOUND', message, { hint });
  }
  const problems: Problem[] = [];
  const text = readTextFile({ path, name: configName, report: (problem) => problems.push(problem) });
  if (text === null) throw errorOfProblems(problems);
  return parseYaml(configName, text, report);
}

function listFolder(projectDir: string): readonly string[] {
  try {
    return readdirSync(projectDir);
  } catch (cause) {
    throw new ScorelineError('CONFIG_NOT_FOUND', `The folder ${projectDir} cannot be read: ${systemReason(cause)}`, {
      cause,
    });
  }
}

/**
 * Reads the YAML files below a folder of the project.
 * @returns by the file's stem; where two files have one stem, the first one, and the other is a problem
 */
export function readYamlFiles(
  projectDir: string,
  folder: 'models' | 'syncs',
  report: ProblemSink,
): ReadonlyMap<string, YamlFile> {
  const files = new Map<string, YamlFile>();
  for (const path of listFiles(projectDir, folder, report)) {
    const refuse = (message: string, hint?: string) => report({ code: 'CONFIG_INVALID', file: path, message, hint });
    if (path.endsWith('.yaml')) refuse('the file would not be read: expected a name that ends in .yml', 'Rename it.');
    if (!path.endsWith('.yml')) continue;
    const stem = basename(path, '.yml');
    if (!namePattern.test(stem))
      refuse(`the file's name without .yml names the ${folder.slice(0, -1)}: ${nameError}`, 'Rename it.');
    const twin = files.get(stem);
    if (twin !== undefined) {
      refuse(
        `${twin.path} has the same name \`${stem}\`: expected one file of each name, whatever its folder`,
        'Rename one of them.',
      );
    }
    const text = readTextFile({ path: join(projectDir, path), name: path, report });
    // An unreadable file is known by its name all the same, so that whoever names it is not wrong as well.
    const yaml = parseYaml(path, text ?? '', text === null ? () => undefined : report);
    if (twin === undefined) files.set(stem, yaml);
  }
  return files;
}
