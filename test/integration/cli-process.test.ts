import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Running, scoreline, stackTrace, startScoreline } from '../support/command-line.ts';
import { emptyFolder, type ProjectFiles, smallProject, writeProject } from '../support/project-files.ts';

/** Batches enough that they are not all in flight at once. */
const rows = 5000;
const manyUsers: ProjectFiles = {
  'data/users.csv': `lead_id,email,seniority,seats\n${Array.from({ length: rows }, (_, n) => `${n},p${n}@x.example,vp,${n % 50}`).join('\n')}\n`,
};

let sandbox: Sandbox | undefined;
const running: Running[] = [];

afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  await sandbox?.close();
  sandbox = undefined;
});

function start(...args: Parameters<typeof startScoreline>): Running {
  const started = startScoreline(...args);
  running.push(started);
  return started;
}

/** An account outside of the job, and the environment that leads there. */
async function account(options: SandboxOptions = {}): Promise<Record<string, string>> {
  sandbox = await startSandbox(options);
  return { HUBSPOT_BASE_URL: sandbox.url, HUBSPOT_ACCESS_TOKEN: sandbox.token };
}

/** Resolves at the n-th request whose path matches, while HubSpot still works on it. */
function requestSeen(pattern: RegExp, nth = 1): { readonly seen: Promise<void>; readonly options: SandboxOptions } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  const onRequest: SandboxOptions['onRequest'] = ({ path }) => {
    if (!pattern.test(path)) return;
    count += 1;
    if (count === nth) resolve();
  };
  return { seen: promise, options: { onRequest } };
}

async function contactsWritten(): Promise<{ readonly records: number; readonly mostWrites: number }> {
  const answer = await fetch(`${sandbox?.url}/_sandbox/writes?object=contacts&limit=10000`);
  const { records } = (await answer.json()) as { records: { writes: number }[] };
  return { records: records.length, mostWrites: Math.max(0, ...records.map(({ writes }) => writes)) };
}

describe('a signal', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s in the middle of a build ends it with exit 130, and the next one builds',
    async (signal) => {
      const dir = writeProject({
        ...smallProject,
        'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\nparams: { work: { type: integer, default: 1 } }\n',
        'sql/leads.sql': `select users.*, w.n from (select * from {{ source('app', 'users') }}) users
cross join (select count(*) as n from range({{ param('work') }}) a cross join range({{ param('work') }}) b where hash(a.range, b.range) > 0) w`,
      });
      const { child, printed, ended } = start(dir, 'build --param work=10000000 --log-level debug');
      await printed('building leads');
      child.kill(signal);
      const { exitCode, out, err } = await ended;
      expect(exitCode).toBe(130);
      expect(JSON.parse(out).error).toMatchObject({ code: 'RUN_INTERRUPTED', retryable: true });
      expect(err).toContain('next: Run again');
      expect(err).not.toMatch(stackTrace);
      const { exitCode: next, out: built } = await scoreline(dir, 'build');
      expect(next).toBe(0);
      expect(JSON.parse(built).models).toHaveLength(4);
    },
  );

  test('SIGINT in the middle of planning ends it with exit 130; another process is told who holds the file', async () => {
    const { seen, options } = requestSeen(/batch\/read/);
    const env = await account({ ...options, settings: { latencyMs: 100 } });
    const dir = writeProject({ ...smallProject, ...manyUsers });
    const { child, ended } = start(dir, 'run --yes', { env });
    await seen;
    const other = await scoreline(dir, 'run --yes', { env });
    expect(other.exitCode).toBe(8);
    expect(JSON.parse(other.out).error).toMatchObject({ code: 'RUN_BUSY', retryable: true });
    expect(other.err).toContain(`process ${child.pid}`);
    child.kill('SIGINT');
    const { exitCode, out } = await ended;
    expect(exitCode).toBe(130);
    expect(JSON.parse(out).error.code).toBe('RUN_INTERRUPTED');
    expect((await contactsWritten()).records).toBe(0);
  });

  test('SIGTERM in the middle of sending ends it with exit 130, and the next run sends the rest, each row once', async () => {
    const { seen, options } = requestSeen(/batch\/create/, 2);
    const env = await account({ ...options, settings: { latencyMs: 100 } });
    const dir = writeProject({ ...smallProject, ...manyUsers });
    const { child, ended } = start(dir, 'run --yes --as-of 2026-02-01 --log-format json', { env });
    await seen;
    child.kill('SIGTERM');
    const { exitCode, err } = await ended;
    expect(exitCode).toBe(130);
    const events = err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({ level: 'error', event: 'failed', exit_code: 130, code: 'RUN_INTERRUPTED' });
    const { records } = await contactsWritten();
    expect(records).toBeGreaterThan(0);
    expect(records).toBeLessThan(rows);
    const next = await scoreline(dir, 'run --as-of 2026-02-01', { env });
    expect(next.exitCode).toBe(0);
    expect(JSON.parse(next.out).syncs[0]).toMatchObject({ created: rows - records, updated: 0, deferred: 0 });
    expect(await contactsWritten()).toEqual({ records: rows, mostWrites: 1 });
  });

  test('twice ends at once, whatever is in flight', async () => {
    const env = await account();
    await fetch(`${sandbox?.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ match: { path: 'batch/create' }, effect: { kind: 'delay', ms: 3_600_000 } }),
    });
    const dir = writeProject(smallProject);
    const { child, ended, printed } = start(dir, 'run --yes --log-level debug', { env });
    await printed('0 of 4 rows sent');
    // Two of one kind might arrive as one.
    child.kill('SIGINT');
    child.kill('SIGTERM');
    const { exitCode } = await ended;
    expect([130, 143]).toContain(exitCode);
  });
});

describe('a reader that goes away', () => {
  test('before the SQL is printed does no harm', async () => {
    const { child, ended } = start(writeProject(smallProject), 'compile lead_score');
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ exitCode: 0, err: '' });
  });

  test('of stdout or stderr does not stop a run', async () => {
    for (const stream of ['stdout', 'stderr'] as const) {
      const env = await account();
      const { child, ended } = start(writeProject(smallProject), 'run --yes', { env });
      child[stream]?.destroy();
      expect((await ended).exitCode).toBe(0);
      expect((await contactsWritten()).records).toBe(4);
      await sandbox?.close();
    }
  });

  test.skipIf(!existsSync('/dev/full'))('for a full disk is an error in one line', async () => {
    const full = openSync('/dev/full', 'w');
    const { child, ended } = start(writeProject(smallProject), 'compile lead_score', { stdout: full });
    expect(child.stdout).toBeNull();
    const { exitCode, err } = await ended;
    closeSync(full);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^error: the result could not be written to stdout: ENOSPC[^\n]*\n$/);
  });
});

describe('`sandbox`', () => {
  test('prints one line of JSON when it is ready, keeps port and file to itself, and stops when asked', async () => {
    const dir = emptyFolder();
    const { child, printed, ended, output } = start(dir, 'sandbox --state hubspot.json --token made-up');
    await printed('"ready":true');
    await printed('HUBSPOT_ACCESS_TOKEN=made-up');
    const { url, port, portal_id: portalId, token } = JSON.parse(output().split('\n')[0] ?? '');
    expect({ url, token }).toEqual({ url: `http://127.0.0.1:${port}`, token: 'made-up' });
    const details = await fetch(`${url}/account-info/v3/details`, { headers: { authorization: `Bearer ${token}` } });
    expect(await details.json()).toMatchObject({ portalId });

    const samePort = await scoreline(dir, `sandbox --port ${port}`, { terminal: true });
    expect(samePort.exitCode).toBe(8);
    expect(samePort.err).toContain(`Port ${port} on 127.0.0.1 is in use`);
    expect(samePort.err).toContain('--port 0');
    const sameFile = await scoreline(dir, 'sandbox --state hubspot.json', { terminal: true });
    expect(sameFile.exitCode).toBe(8);
    expect(sameFile.err).toContain('hubspot.json');

    child.kill('SIGTERM');
    expect((await ended).exitCode).toBe(0);
  });

  test.each(['80000', '-1', '1.5', 'many'])('refuses --port %s with exit 2', async (port) => {
    const { exitCode, err } = await scoreline(emptyFolder(), `sandbox --port=${port}`, { terminal: true });
    expect(exitCode).toBe(2);
    expect(err).toContain('--port must be a whole number from 0 to 65535');
  });
});

test('a warehouse whose folder cannot be written ends with exit 4 and names it', async () => {
  const closed = process.getuid?.() === 0 ? '/sys/kernel' : join(emptyFolder(), 'closed');
  if (closed !== '/sys/kernel') mkdirSync(closed, { mode: 0o555 });
  const config = String(smallProject['config/scoreline.yml']);
  const dir = writeProject({
    ...smallProject,
    'config/scoreline.yml': config.replace('.scoreline/test', `${closed}/test`),
  });
  const { exitCode, out, err } = await scoreline(dir, 'run --yes');
  expect(exitCode).toBe(4);
  expect(JSON.parse(out).error.code).toBe('WAREHOUSE_UNREACHABLE');
  expect(err).toContain(`${closed}/test.duckdb`);
  expect(err).not.toMatch(stackTrace);
  expect(existsSync(join(dir, '.scoreline'))).toBe(false);
});

test('the young part of the heap is bounded, which V8 would let grow to 128 MiB', async () => {
  const preload = fileURLToPath(new URL('../support/young-heap.mjs', import.meta.url));
  const file = join(emptyFolder(), 'heap.json');
  const { ended } = start(emptyFolder(), '--version', {
    env: { YOUNG_HEAP: file },
    nodeOptions: ['--import', preload],
  });
  expect((await ended).exitCode).toBe(0);
  const { bytes, rows: kept } = JSON.parse(readFileSync(file, 'utf8'));
  expect(kept).toBe(60_000);
  expect(bytes).toBeLessThanOrEqual(32 * 1024 * 1024);
});

describe('modules', () => {
  const preload = fileURLToPath(new URL('../support/list-modules.mjs', import.meta.url));

  async function loadedBy(dir: string, line: string): Promise<readonly string[]> {
    const list = join(emptyFolder(), 'modules');
    const { ended } = start(dir, line, { env: { MODULES_LOADED: list }, nodeOptions: ['--import', preload] });
    expect((await ended).exitCode).toBe(0);
    return readFileSync(list, 'utf8').trim().split('\n');
  }

  test.each(['--help', 'compile lead_score', 'check --offline'])(
    'of DuckDB and HubSpot are not loaded for `%s`',
    async (line) => {
      const loaded = await loadedBy(writeProject(smallProject), line);
      expect(loaded.length).toBeGreaterThan(20);
      // A few lines each, which import nothing.
      const adapters = /duckdb\/|@duckdb|hubspot\/(?!clock|object-type-id)|@hubspot|hono/;
      expect(loaded.filter((url) => adapters.test(url))).toEqual([]);
    },
  );

  test('are loaded by commands that need them', async () => {
    const loaded = await loadedBy(writeProject(smallProject), 'run --yes');
    for (const name of ['@duckdb', '@hubspot', 'hono']) expect(loaded.some((url) => url.includes(name))).toBe(true);
  });
});
