import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const environment = fileURLToPath(new URL('../../.cache/snowflake-emulator', import.meta.url));
const shim = fileURLToPath(new URL('../emulators/snowflake_shim.py', import.meta.url));

/** Once it is installed, it must start. */
export const hasSnowflakeEmulator = existsSync(join(environment, 'packages.txt'));

/** Starts fakesnow on a port of its own, in memory. Throws what it says where it ends before it is ready. */
export async function startSnowflakeEmulator(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  // Of the driver, not ours: it would look for a cloud's metadata server, and send even 127.0.0.1 through a proxy.
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
  process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = '1';
  process.env.NO_PROXY = [process.env.NO_PROXY, '127.0.0.1'].filter(Boolean).join(',');
  const child = spawn(join(environment, 'bin/python'), ['-W', 'ignore', shim, '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = `http://127.0.0.1:${await portOf(child)}`;
  return {
    url,
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
