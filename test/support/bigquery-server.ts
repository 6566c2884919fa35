import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BigQuerySettings } from '../../src/project/warehouse-types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { startBigQueryShim } from './bigquery-shim.ts';

export interface BigQueryServer {
  readonly url: string;
  /** All who use the server share its project: tables apart by their datasets. */
  readonly settings: BigQuerySettings;
  open(timeZone?: string): Promise<Warehouse>;
  stop(): Promise<void>;
}

const environment = fileURLToPath(new URL('../../.cache/bigquery-emulator', import.meta.url));

/** Why tests against the emulator are skipped; null where it is installed, and it must then start. */
export const bigQueryServerMissing: string | null = existsSync(join(environment, 'packages.txt'))
  ? null
  : 'the BigQuery emulator is not installed: run `npm run emulators`';

const project = 'demo';
const startWithinMs = 60_000;

/** Starts local-bigquery on a free port with a data folder of its own. Throws what it says where it does not get ready. */
export async function startBigQueryServer(): Promise<BigQueryServer> {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-bigquery-'));
  const [port, grpcPort] = await Promise.all([freePort(), freePort()]);
  const child = spawn(
    join(environment, 'bin/local-bigquery'),
    [
      ...['serve', '--host', '127.0.0.1', '--port', String(port), '--grpc-port', String(grpcPort)],
      ...['--project', project, '--data-dir', folder],
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
    await ready(child, `${url}/bigquery/v2/projects/${project}/datasets`);
  } catch (error) {
    await stop();
    throw error;
  }
  const settings: BigQuerySettings = { type: 'bigquery', project, location: 'EU', apiEndpoint: url };
  return { url, settings, stop, open: (timeZone = 'UTC') => openWarehouse(settings, { timeZone }) };
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
