import { isAbsolute, join, normalize } from 'node:path/posix';
import { closestName } from '../../errors/did-you-mean.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { SourceFile } from '../setting-types.ts';
import { listFiles } from './list-files.ts';
import { problemAt } from './problem-at.ts';
import { isMissing, readTextFile } from './read-text-file.ts';
import { plainFile, type YamlFile, type YamlPath } from './yaml-file.ts';

/** The SQL files of the project. */
export interface SqlFiles {
  /** @returns null where it cannot be read; a file that is not there is reported at the place that names it */
  read(written: string, at: { readonly yaml: YamlFile; readonly path: YamlPath }): SourceFile | null;
}

/** Reads the SQL files that models name, each once however many models name it. */
export function openSqlFiles(projectDir: string, report: ProblemSink): SqlFiles {
  const files = new Map<string, SourceFile | null>();
  return {
    read(written, { yaml, path }) {
      const name = normalize(written.trim().replaceAll('\\', '/'));
      const refusal = refusalOf(projectDir, name);
      if (refusal !== null) {
        report(problemAt(yaml, path, { code: 'CONFIG_INVALID', ...refusal }));
        return null;
      }
      const known = files.get(name);
      if (known !== undefined) return known;
      const file = readSqlFile(projectDir, name, report);
      files.set(name, file);
      return file;
    },
  };
}

function refusalOf(projectDir: string, name: string): { readonly message: string; readonly hint?: string } | null {
  if (isAbsolute(name) || name.startsWith('..')) {
    return { message: `${name} lies outside of the project: expected a path such as sql/leads.sql` };
  }
  if (!isMissing(join(projectDir, name))) return null;
  const known = listFiles(projectDir, 'sql', () => undefined).filter((other) => other.endsWith('.sql'));
  const close = closestName(name, known);
  const hint =
    close === undefined ? 'Paths are relative to the project, such as sql/leads.sql.' : `Did you mean \`${close}\`?`;
  return { message: `there is no file ${name} in the project`, hint };
}

function readSqlFile(projectDir: string, name: string, report: ProblemSink): SourceFile | null {
  const text = readTextFile({ path: join(projectDir, name), name, report });
  if (text?.trim() === '') {
    report({ code: 'MODEL_INVALID', file: name, line: 1, message: 'the file is empty: expected a SELECT' });
  }
  return text === null ? null : plainFile(name, text);
}
