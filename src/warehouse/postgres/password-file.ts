import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ScorelineError } from '../../errors/scoreline-error.ts';

/** Whom a password is wanted for; as the connection has it, with all that it took from the environment. */
export interface SignIn {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * Reads the password file of libpq: PGPASSFILE, or ~/.pgpass; the first line that fits counts.
 * https://www.postgresql.org/docs/current/libpq-pgpass.html (2026-11). `pg` reads it too, but will not for long.
 * @throws WAREHOUSE_UNREACHABLE where there is none for this sign-in, or others may read the file
 */
export async function passwordFromFile(signIn: SignIn): Promise<string> {
  const path = process.env.PGPASSFILE || usualPath();
  const found = await stat(path).catch(() => null);
  const lines = found?.isFile() ? (await readFile(path, 'utf8')).split(/\r?\n/) : [];
  const password = lines.map((line) => passwordIn(line, signIn)).find((each) => each !== null);
  if (password === undefined) throw noPassword(signIn, 'PGPASSWORD is not set', path);
  if (process.platform !== 'win32' && ((found?.mode ?? 0) & 0o077) !== 0) {
    throw noPassword(signIn, 'others may read the password file', path);
  }
  return password;
}

function usualPath(): string {
  return process.platform === 'win32'
    ? join(process.env.APPDATA ?? '', 'postgresql', 'pgpass.conf')
    : join(homedir(), '.pgpass');
}

/** A line is `host:port:database:user:password`, where `*` fits anything and `\` takes the meaning from a sign. */
function passwordIn(line: string, { host, port, database, user }: SignIn): string | null {
  const parts = /^((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):(.*)$/.exec(line);
  if (parts === null || line.startsWith('#')) return null;
  const [, ...fields] = parts;
  const wanted = [host, String(port), database, user];
  const fits = wanted.every((value, index) => fields[index] === '*' || plain(fields[index]) === value);
  return fits ? plain(fields[4]) : null;
}

function plain(field = ''): string {
  return field.replaceAll(/\\(.)/g, '$1');
}

function noPassword({ user, host }: SignIn, why: string, path: string): ScorelineError {
  const message = `PostgreSQL at ${host} asks for the password of ${user}, and there is none: \`url\` has none, ${why} (${path}).`;
  return new ScorelineError('WAREHOUSE_UNREACHABLE', message, {
    hint: 'Give a password: in `url` of the target, as PGPASSWORD, or in the password file (~/.pgpass, or the one that PGPASSFILE names), which only its owner may read (chmod 600).',
    retryable: false,
  });
}
