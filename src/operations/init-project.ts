import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { demoAsOf } from '../sandbox/demo-data/generate-demo-data.ts';
import { shiftInstants } from '../sandbox/demo-data/shift-instants.ts';
import { writeSchemas } from './write-schemas.ts';

const templateDir = fileURLToPath(new URL('./init-template/', import.meta.url));

/** npm leaves files of these names out of a package, so the template keeps them under another name. */
const renamed = [['gitignore', '.gitignore']] as const;

/**
 * Copies the starter project into a folder that is empty or missing.
 * @param dir absolute
 * @param today where the made-up data ends, so that scores look alive on the day of the first run
 * @returns the files written, relative to the folder
 * @throws USAGE_INVALID if the folder holds anything or cannot be written
 */
export async function initProject(dir: string, today: Date): Promise<readonly string[]> {
  const existing = await readdir(dir).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new ScorelineError('USAGE_INVALID', `${dir} is not a folder that can be read (${cause.code})`, { cause });
  });
  if (existing.some((name) => name !== '.git')) {
    throw new ScorelineError('USAGE_INVALID', `${dir} is not empty: it holds ${existing.slice(0, 3).join(', ')}`, {
      hint: 'Name a new folder: scoreline init my-project',
    });
  }
  try {
    await mkdir(dir, { recursive: true });
    await cp(templateDir, dir, { recursive: true });
    for (const [from, to] of renamed) await rename(join(dir, from), join(dir, to));
    await moveDataTo(join(dir, 'data'), today);
    await writeSchemas(join(dir, '.scoreline', 'schemas'));
  } catch (cause) {
    throw new ScorelineError('USAGE_INVALID', `Cannot write into ${dir}: ${(cause as Error).message}`, {
      hint: 'Name a folder that you may write to.',
      cause,
    });
  }
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

async function moveDataTo(dataDir: string, today: Date): Promise<void> {
  const days = Math.floor((today.getTime() - Date.parse(demoAsOf)) / 86_400_000);
  for (const name of await readdir(dataDir)) {
    const path = join(dataDir, name);
    await writeFile(path, shiftInstants(await readFile(path, 'utf8'), days));
  }
}
