import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { systemReason } from '../project/files/read-text-file.ts';
import { demoAsOf } from '../sandbox/demo-data/generate-demo-data.ts';
import { shiftInstants } from '../sandbox/demo-data/shift-instants.ts';
import { unwritable } from './unwritable.ts';
import { writeSchemas } from './write-schemas.ts';

const templateDir = fileURLToPath(new URL('./init-template/', import.meta.url));

/** npm leaves files of these names out of a package, so the template keeps them under another name. */
const renamed = [['gitignore', '.gitignore']] as const;

export interface InitOutcome {
  /** Relative to the folder. */
  readonly files: readonly string[];
  /** A lead worth explaining, as the project's README names it. */
  readonly exampleLead: string;
}

/**
 * Copies the starter project into a folder that is empty or missing.
 * @param dir absolute
 * @param today where the made-up data ends, so that scores look alive on the day of the first run
 * @throws USAGE_INVALID if the folder holds anything or cannot be written
 */
export async function initProject(dir: string, today: Date): Promise<InitOutcome> {
  await assertEmpty(dir);
  try {
    await mkdir(dir, { recursive: true });
    await cp(templateDir, dir, { recursive: true });
    for (const [from, to] of renamed) await rename(join(dir, from), join(dir, to));
    await moveDataTo(join(dir, 'data'), today);
    await writeSchemas(join(dir, '.scoreline', 'schemas'));
  } catch (cause) {
    throw unwritable(dir, cause);
  }
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
  const [, exampleLead] = /explain lead_score (\S+)/.exec(await readFile(join(dir, 'README.md'), 'utf8')) ?? [];
  if (exampleLead === undefined) throw new TypeError('The README of the starter project explains no lead');
  return { files, exampleLead };
}

async function assertEmpty(dir: string): Promise<void> {
  const hint = 'Name a new folder: scoreline init my-project';
  const existing = await readdir(dir).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new ScorelineError('USAGE_INVALID', `${dir} is no folder to write to: ${systemReason(cause)}`, {
      hint,
      cause,
    });
  });
  const found = existing.filter((name) => name !== '.git');
  if (found.length === 0) return;
  const more = found.length > 3 ? ` and ${found.length - 3} more` : '';
  throw new ScorelineError('USAGE_INVALID', `${dir} is not empty: it holds ${found.slice(0, 3).join(', ')}${more}`, {
    hint,
  });
}

async function moveDataTo(dataDir: string, today: Date): Promise<void> {
  const days = Math.floor((today.getTime() - Date.parse(demoAsOf)) / 86_400_000);
  for (const name of await readdir(dataDir)) {
    const path = join(dataDir, name);
    await writeFile(path, shiftInstants(await readFile(path, 'utf8'), days));
  }
}
