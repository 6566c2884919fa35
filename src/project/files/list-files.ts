import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProblemSink } from '../problem-sink.ts';
import { systemReason } from './read-text-file.ts';

/**
 * Lists the files below a folder of the project, sorted, as paths relative to the project with forward slashes. Names
 * that begin with a dot (editors' leftovers) are left out. A missing folder is empty; one that cannot be read is a problem.
 */
export function listFiles(projectDir: string, folder: string, report: ProblemSink): readonly string[] {
  const found: string[] = [];
  const visited = new Set<string>();
  walk(folder);
  return found.sort();

  function walk(relative: string): void {
    try {
      const real = realpathSync(join(projectDir, relative));
      // A link back to a folder above would make an endless tree.
      if (visited.has(real)) return;
      visited.add(real);
      for (const name of readdirSync(real)) if (!name.startsWith('.')) visit(`${relative}/${name}`);
    } catch (cause) {
      const reason = systemReason(cause);
      const isMissing = relative === folder && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
      if (!isMissing)
        report({ code: 'CONFIG_INVALID', file: relative, message: `the folder cannot be read: ${reason}` });
    }
  }

  function visit(path: string): void {
    const stat = statSync(join(projectDir, path), { throwIfNoEntry: false });
    // A link that leads nowhere is listed too: whoever reads it will say so.
    if (stat?.isDirectory()) walk(path);
    else found.push(path);
  }
}
