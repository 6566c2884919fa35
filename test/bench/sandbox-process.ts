import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SandboxSettingsInput } from '../../src/sandbox/settings.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';

export interface SandboxProcess {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

/** Starts a local HubSpot in a process of its own, so that its work is not counted as the job's. */
export async function spawnSandbox(settings: SandboxSettingsInput): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url, token } = JSON.parse(line) as { url: string; token: string };
  return { url, token, close: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.stdin?.end();
  await exited;
}

/** The child: lives until its stdin ends, so that it cannot outlive its parent. */
async function serve(settings: SandboxSettingsInput): Promise<void> {
  const sandbox = await startSandbox({ settings });
  process.stdout.write(`${JSON.stringify({ url: sandbox.url, token: sandbox.token })}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await sandbox.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(JSON.parse(process.argv[2] ?? '{}'));
