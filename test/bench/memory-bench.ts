import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What one `scoreline run` of a whole project took. */
export interface MemoryFigures {
  readonly what: string;
  readonly rows: number;
  readonly planned: number;
  readonly seconds: number;
  /** The most that the process had resident, DuckDB's part with it. */
  readonly peakMiB: number;
  /** What is left beside DuckDB's limit. */
  readonly besideLimitMiB: number;
  readonly calls: number;
}

export const memoryLimitMiB = 1024;

const program = fileURLToPath(new URL('../../src/cli/scoreline.js', import.meta.url));
const noteMemory = fileURLToPath(new URL('./note-memory.js', import.meta.url));

/** A first sync of so many rows, one in which 1 % changed, and one in which nothing did, each in a process of its own. */
export async function measureMemory(rows: number): Promise<readonly MemoryFigures[]> {
  const dir = await mkdtemp(join(tmpdir(), 'scoreline-bench-'));
  const { hubspot, url } = await startForgetfulHubSpot();
  try {
    await writeProject(dir);
    const run = (what: string, moved: number) => measureRun({ dir, url, rows, what, moved });
    return [await run('first sync', 0), await run('1 % changed', 100), await run('unchanged', 100)];
  } finally {
    hubspot.stdin?.end();
    await rm(dir, { recursive: true, force: true });
  }
}

async function startForgetfulHubSpot(): Promise<{ hubspot: ChildProcess; url: string }> {
  const path = fileURLToPath(new URL('./forgetful-hubspot.ts', import.meta.url));
  const hubspot = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(hubspot.stdout), 'line')) as [string];
  return { hubspot, url: (JSON.parse(line) as { url: string }).url };
}

const files: Readonly<Record<string, string>> = {
  'config/scoreline.yml': `version: 1
project: bench
timezone: UTC
default_target: bench
params: { rows: 1000, moved: 0 }
targets:
  bench:
    warehouse: { type: duckdb, path: .scoreline/bench.duckdb, memory_limit: ${memoryLimitMiB}MiB }
    hubspot: { token: "\${HUBSPOT_ACCESS_TOKEN}", burst_per_10s: 1000000, daily_reserve: 0% }
    schema: scoreline
`,
  'models/leads.yml': `sql: sql/leads.sql
key: [lead_id]
params:
  rows: { type: integer, default: 1000 }
  moved: { type: integer, default: 0 }
`,
  'sql/leads.sql': `select
  n as lead_id,
  'p' || n || '@people.example' as email,
  case when n % 100 = 0 then (n * 7 + {{ param('moved') }}) % 1000 else n * 7 % 1000 end as score,
  case when n % 10 = 0 then 'hot' when n % 10 < 4 then 'warm' else 'cold' end as tier,
  'Viewed pricing ' || n % 17 || ' times in 90 days (+30); Logged in ' || n % 31 || ' times (+20)' as reasons,
  n % 60 as logins, n % 200 as seats, n % 3 = 0 as is_customer,
  date '2020-01-01' + cast(n % 2000 as integer) as first_seen
from range({{ param('rows') }}) r (n)
`,
  'syncs/leads.yml': `object: contacts
model: leads
match: { email: email }
properties:
  lead_score: { column: score, type: number }
  lead_tier: { column: tier, type: enumeration, options: [hot, warm, cold] }
  lead_reasons: { column: reasons, type: string, field: textarea }
  lead_logins: { column: logins, type: number }
  lead_seats: { column: seats, type: number }
  lead_customer: { column: is_customer, type: boolean }
  lead_first_seen: { column: first_seen, type: date }
guards: { max_changed: 100% }
`,
};

async function writeProject(dir: string): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(dir, path, '..'), { recursive: true });
    await writeFile(join(dir, path), content);
  }
}

interface RunRequest {
  readonly dir: string;
  readonly url: string;
  readonly rows: number;
  readonly what: string;
  readonly moved: number;
}

async function measureRun({ dir, url, rows, what, moved }: RunRequest): Promise<MemoryFigures> {
  const words = ['run', '--yes', '--project-dir', dir, '--param', `rows=${rows}`, '--param', `moved=${moved}`];
  const child = spawn(process.execPath, ['--import', noteMemory, program, ...words, '--output', 'json'], {
    env: { ...process.env, HUBSPOT_BASE_URL: url, HUBSPOT_ACCESS_TOKEN: 'bench' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  const peakKiB = Number(/peak_kib=(\d+)/.exec(err)?.[1]);
  const { syncs } = JSON.parse(out) as { syncs?: { planned: number; seconds: number; api_calls: number }[] };
  const [sync] = syncs ?? [];
  if (sync === undefined) throw new Error(`The run of ${rows} rows failed: ${out}${err}`);
  const peakMiB = Math.round(peakKiB / 1024);
  const { planned, seconds, api_calls: calls } = sync;
  return { what, rows, planned, seconds, peakMiB, besideLimitMiB: peakMiB - memoryLimitMiB, calls };
}
