import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SnowflakeSettings } from '../../src/project/warehouse-types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';

export interface SnowflakeServer {
  readonly url: string;
  /** Settings that reach it; each database begins empty. */
  settings(database: string): SnowflakeSettings;
  open(database: string, timeZone?: string): Promise<Warehouse>;
  stop(): Promise<void>;
}

const python = fileURLToPath(new URL('../../.cache/snowflake-emulator/bin/python', import.meta.url));
const shim = fileURLToPath(new URL('../emulators/snowflake_shim.py', import.meta.url));

/** Why tests against the emulator are skipped; null where it is installed, and it must then start. */
export const snowflakeServerMissing: string | null = existsSync(python)
  ? null
  : 'the Snowflake emulator is not installed: run `npm run emulators`';

/** Starts fakesnow on a port of its own, in memory. Throws what it says where it ends before it is ready. */
export async function startSnowflakeServer(): Promise<SnowflakeServer> {
  // Of the driver, not ours: it would look for a cloud's metadata server, and send even 127.0.0.1 through a proxy.
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
  process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = '1';
  process.env.NO_PROXY = [process.env.NO_PROXY, '127.0.0.1'].filter(Boolean).join(',');
  const child = spawn(python, ['-W', 'ignore', shim, '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const url = `http://127.0.0.1:${await portOf(child)}`;
  const settings = (database: string): SnowflakeSettings => ({
    type: 'snowflake',
    account: 'fake',
    username: 'scoreline',
    credential: { kind: 'password', password: 'secret' },
    role: 'SCORELINE',
    warehouse: 'SCORELINE_WH',
    database,
    host: url,
  });
  return {
    url,
    settings,
    open: (database, timeZone = 'UTC') => openWarehouse(settings(database), { timeZone }),
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
    });
    child.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
      const port = /^ready (\d+)$/m.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`The Snowflake emulator ended with ${code}: ${said.slice(-2000)}`)));
  });
}
