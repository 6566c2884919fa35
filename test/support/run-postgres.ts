import { spawn, spawnSync } from 'node:child_process';
import { chmod, chown, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { postgresBinaries } from './postgres-binaries.ts';

/*
 * A process of its own: `node run-postgres.ts FOLDER PID [tls]`. Starts a PostgreSQL server with its data in the folder, writes
 * `ready.json` there with its URL (or with what went wrong), and ends it, and removes the folder, when the process of that
 * id is gone, however it ended.
 */
const [folder = '', watched = '', tls] = process.argv.slice(2);
const watchEveryMs = 500;

/** Who may come in how; roles are made by whoever tests it. */
const rulesOfTls = `
host     all  postgres   127.0.0.1/32  trust
hostssl  all  tls_only   127.0.0.1/32  trust
hostnossl all plain_only 127.0.0.1/32  trust
hostssl  all  holder     127.0.0.1/32  cert
host     all  keeper     127.0.0.1/32  scram-sha-256
`;

await start().catch((error: unknown) => tell({ problem: error instanceof Error ? error.message : String(error) }));

async function start(): Promise<void> {
  const { initdb, postgres, user } = await postgresBinaries(folder);
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  if (user.uid !== undefined && user.gid !== undefined) await chown(data, user.uid, user.gid);
  const options = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  const made = spawnSync(initdb, options, { ...user, cwd: data, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  if (tls !== undefined) await prepareTls(data, user);
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 300,
    // Nobody misses the data after a power cut.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    ...(tls !== undefined && { ssl: 'on', ssl_ca_file: 'ca.crt' }),
  };
  const server = spawn(
    postgres,
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...user, cwd: data, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (log.includes('ready to accept connections')) return;
    log += text;
    if (log.includes('ready to accept connections'))
      void tell({ url: `postgres://postgres@127.0.0.1:${port}/postgres` });
  });
  server.once('exit', () => {
    void tell({ problem: `PostgreSQL ended: ${log}` }).finally(() => process.exit());
  });
  const watch = setInterval(() => {
    if (isAlive(Number(watched))) return;
    clearInterval(watch);
    server.removeAllListeners('exit').once('exit', () => {
      void rm(folder, { recursive: true, force: true }).finally(() => process.exit());
    });
    // Immediate shutdown: there is nothing to keep.
    server.kill('SIGQUIT');
  }, watchEveryMs);
}

/** The server's certificate, which names the host localhost, and its key. */
async function prepareTls(data: string, { uid, gid }: { readonly uid?: number; readonly gid?: number }): Promise<void> {
  const fixtures = fileURLToPath(new URL('../fixtures/tls/', import.meta.url));
  for (const name of ['server.crt', 'server.key', 'ca.crt']) {
    const file = join(data, name);
    await copyFile(join(fixtures, name), file);
    // PostgreSQL takes no key that others may read.
    await chmod(file, 0o600);
    if (uid !== undefined && gid !== undefined) await chown(file, uid, gid);
  }
  await writeFile(join(data, 'pg_hba.conf'), rulesOfTls);
}

/** Whole or not at all, as others wait for the file. */
async function tell(answer: Readonly<Record<string, string>>): Promise<void> {
  await writeFile(join(folder, 'ready.part'), JSON.stringify(answer));
  await rename(join(folder, 'ready.part'), join(folder, 'ready.json'));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
