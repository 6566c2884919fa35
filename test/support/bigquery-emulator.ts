import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startBigQueryShim } from './bigquery-shim.ts';

const environment = fileURLToPath(new URL('../../.cache/bigquery-emulator', import.meta.url));

/** Once it is installed, it must start. */
export const hasBigQueryEmulator = existsSync(join(environment, 'packages.txt'));

/** The one that it has. */
export const emulatedProject = 'demo';
const startWithinMs = 60_000;

/** Starts local-bigquery on a free port with a data folder of its own. Throws what it says where it does not get ready. */
export async function startBigQueryEmulator(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-bigquery-'));
  const [port, grpcPort] = await Promise.all([freePort(), freePort()]);
  const child = spawn(
    join(environment, 'bin/local-bigquery'),
    [
      ...['serve', '--host', '127.0.0.1', '--port', String(port), '--grpc-port', String(grpcPort)],
      ...['--project', emulatedProject, '--data-dir', folder],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: join(environment, 'home') } },
  );
  const shim = await startBigQueryShim(port);
  const { url } = shim;
  const stop = async () => {
    await shim.stop();
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(child, `${url}/bigquery/v2/projects/${emulatedProject}/datasets`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** The port opens before the server answers. */
async function ready(child: ChildProcess, url: string): Promise<void> {
  let said = '';
  // Both have to be read, or the server would wait for somebody to do so.
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text: Buffer) => {
      said = `${said}${text}`.slice(-2000);
    });
  }
  for (const deadline = Date.now() + startWithinMs; Date.now() < deadline; ) {
    if (child.exitCode !== null) throw new Error(`The BigQuery emulator ended with ${child.exitCode}: ${said}`);
    const isUp = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isUp) return;
    await sleep(100);
  }
  throw new Error(`The BigQuery emulator did not get ready in ${startWithinMs} ms: ${said}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
