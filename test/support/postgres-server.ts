import { spawn } from 'node:child_process';
import { access, mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const startMs = 30_000;
const lookEveryMs = 25;

export interface PostgresServer {
  /** With the right to make databases. */
  readonly url: string;
  /** Whether it is there for this run alone. */
  readonly isOwn: boolean;
}

let known: Promise<PostgresServer> | null = null;
let knownWithTls: Promise<PostgresServer> | null = null;

/**
 * The PostgreSQL server that SCORELINE_TEST_POSTGRES_URL names, else one that is started when the first test of a run needs
 * it, and ends with the run.
 */
export function postgresServer(): Promise<PostgresServer> {
  known ??= findServer();
  return known;
}

/** A second one of the run, which has a certificate; see `rulesOfTls` for who may come in how. */
export function postgresServerWithTls(): Promise<PostgresServer> {
  knownWithTls ??= ownServer('tls');
  return knownWithTls;
}

async function findServer(): Promise<PostgresServer> {
  const { SCORELINE_TEST_POSTGRES_URL: given } = process.env;
  return given !== undefined && given !== '' ? { url: given, isOwn: false } : ownServer();
}

async function ownServer(...kind: readonly 'tls'[]): Promise<PostgresServer> {
  // Workers of one run of vitest have the same parent, or are threads of one process; a bench is a run by itself.
  const run = isMainThread && process.env.VITEST !== undefined ? process.ppid : process.pid;
  const folder = join(tmpdir(), ['scoreline-postgres', process.getuid?.() ?? 0, run, ...kind].join('-'));
  if (await isOurs(folder)) {
    const program = fileURLToPath(new URL('run-postgres.ts', import.meta.url));
    spawn(process.execPath, [program, folder, String(run), ...kind], { detached: true, stdio: 'ignore' }).unref();
  }
  for (let waitedMs = 0; waitedMs < startMs; waitedMs += lookEveryMs) {
    const answer = await readFile(join(folder, 'ready.json'), 'utf8').catch(() => null);
    if (answer !== null) {
      const { url, problem } = JSON.parse(answer);
      if (url === undefined) throw new Error(`No PostgreSQL to test on: ${problem}`);
      return { url, isOwn: true };
    }
    await setTimeout(lookEveryMs);
  }
  throw new Error(`PostgreSQL did not start in ${startMs / 1000} s; see ${folder}`);
}

/** Whether this process is the first one of its run, and has to start the server. */
async function isOurs(folder: string): Promise<boolean> {
  const failed = join(folder, 'ready.json');
  const old = await readFile(failed, 'utf8').catch(() => '{}');
  // Left by a run that had the same process id.
  if (JSON.parse(old).problem !== undefined) await rm(folder, { recursive: true, force: true });
  try {
    await mkdir(folder, { mode: 0o755 });
    return true;
  } catch {
    await access(folder);
    return false;
  }
}
