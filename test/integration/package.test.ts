import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;

/** The command as an installed package brings it: paths and assets must have survived packing, not only imports. */
const scoreline = () => join(folder, 'node_modules', '.bin', 'scoreline');

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'scoreline-package-')));
  await run('npm', ['run', 'build'], { cwd: root });
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  const packed = Object.values(JSON.parse(stdout))[0] as { filename: string };
  await run('npm', ['init', '--yes'], { cwd: folder });
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed.filename)], {
    cwd: folder,
  });
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('shows its help', async () => {
  const { stdout } = await run(scoreline(), ['--help'], { cwd: folder });
  expect(stdout).toContain('scoreline run');
});

test('makes a project that runs at once and sends nothing the second time', async () => {
  await run(scoreline(), ['init', 'my-project'], { cwd: folder });
  const project = join(folder, 'my-project');
  expect(await readdir(project)).toEqual(
    expect.arrayContaining(['.env.example', '.gitignore', 'config', 'data', 'models', 'sql', 'syncs']),
  );
  const first = JSON.parse((await run(scoreline(), ['run', '--yes'], { cwd: project })).stdout);
  expect(first).toMatchObject({ ok: true, command: 'run' });
  expect(first.syncs[0].created + first.syncs[0].updated).toBeGreaterThan(100);
  const second = JSON.parse(
    (await run(scoreline(), ['run', '--yes', '--as-of', first.as_of], { cwd: project })).stdout,
  );
  expect(second.syncs[0]).toMatchObject({ planned: 0, created: 0, updated: 0 });
});

test('starts a sandbox with its page and stops it when asked', async () => {
  const sandbox: ChildProcess = spawn(scoreline(), ['sandbox', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    if (!sandbox.stdout) throw new Error('no stdout');
    const [line] = await once(createInterface(sandbox.stdout), 'line');
    const { ready, url } = JSON.parse(String(line));
    expect(ready).toBe(true);
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<html');
  } finally {
    sandbox.kill('SIGTERM');
  }
  const [exitCode] = await once(sandbox, 'exit');
  expect(exitCode).toBe(0);
});
