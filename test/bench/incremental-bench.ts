import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildModels } from '../../src/build/build-models.ts';
import { compileProject } from '../../src/build/compile-project.ts';
import { selectModels } from '../../src/build/select-models.ts';
import { loadProject } from '../../src/project/load-project.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';

export interface IncrementalFigures {
  readonly people: number;
  readonly events: number;
  /** A whole build: scores, tests, history and swap; the middle one of several hours. */
  readonly full: BuildTime;
  readonly hourly: BuildTime;
  /** Of the hourly build to the full one, in processor time. */
  readonly ratio: number;
  /** The first build, which reads everything and keeps the days. */
  readonly first: BuildTime;
  readonly keptRows: number;
}

export interface BuildTime {
  readonly seconds: number;
  /** Of all cores; what `seconds` would be on a machine that does other things too. */
  readonly cpuSeconds: number;
}

const files = {
  'config/scoreline.yml': `
version: 1
project: bench
timezone: UTC
default_target: bench
entities: { lead: { relation: raw.leads, key: lead_id } }
sources: { raw: { schema: raw, tables: { logins: { loaded_at: loaded_at } } } }
targets:
  bench: { warehouse: { type: duckdb, path: bench.duckdb, memory_limit: 1GB }, hubspot: { sandbox: true }, schema: scoreline }
`,
  'sql/logins.sql': "select lead_id, login_at, device, loaded_at from {{ source('raw', 'logins') }}",
  'models/logins.yml': 'sql: sql/logins.sql\nmaterialize: inline\n',
  'models/lead_score.yml': `
kind: scorecard
entity: lead
range: [0, 100]
incremental: true
rules:
  - { id: web, events: "{{ ref('logins') }}", at: login_at, where: "device = 'web'", within: 30d, points: 2, limit: 20, max_per_day: 3 }
  - { id: habit, events: "{{ ref('logins') }}", at: login_at, within: 90d, decay: { half_life: 14d }, points: 0.05, limit: 40 }
  - { id: lately, events: "{{ ref('logins') }}", at: login_at, decay: { linear: 60d }, points: 0.02, limit: 20 }
  - { id: mobile, events: "{{ ref('logins') }}", at: login_at, where: "device = 'ios'", within: 90d, count: once, points: 10 }
  - { id: often, events: "{{ ref('logins') }}", at: login_at, within: 7d, bands: [{ at_least: 50, points: 20 }, { at_least: 10, points: 8 }] }
  - { id: silent, no_events: "{{ ref('logins') }}", at: login_at, within: 14d, points: -10 }
tiers: [{ name: hot, at: 75 }, { name: warm, at: 50 }, { name: nurture, at: 20 }, { name: cold }]
`,
};

const start = Date.parse('2026-01-31T00:00:00Z');
const hour = 3_600_000;

/**
 * Builds a card of six rules every hour of a day, over made-up logins of the 90 days before in the order of time: from the
 * days that were kept, and in full into another schema. An hour's logins come in between, one in a hundred days late.
 */
export async function measureIncremental({
  people,
  events = 20_000_000,
  hours = 3,
}: {
  readonly people: number;
  readonly events?: number;
  readonly hours?: number;
}): Promise<IncrementalFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-bench-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const project = loadProject({ projectDir: folder, env: {} });
  const target = project.targets.get(project.defaultTarget);
  if (target === undefined) throw new TypeError('The project has no target');
  const warehouse = await openWarehouse(target.warehouse, { timeZone: 'UTC' });
  const build = async (schema: string, at: number, dailySums: 'kept' | undefined): Promise<BuildTime> => {
    const instant = new Date(at).toISOString();
    const asOf = { instant, day: instant.slice(0, 10) };
    const compiled = compileProject({
      project,
      target: { ...target, schema },
      dialect: warehouse.dialect,
      asOf,
      params: {},
    });
    const startedAt = performance.now();
    const cpuBefore = process.cpuUsage();
    await buildModels({ compiled, warehouse, selected: selectModels(compiled.models, []), dailySums });
    const { user, system } = process.cpuUsage(cpuBefore);
    return { seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
  try {
    await makeTables(warehouse, people, events);
    const first = await build('kept', start, 'kept');
    await build('whole', start, undefined);
    const times: { full: BuildTime; hourly: BuildTime }[] = [];
    for (let passed = 1; passed <= hours; passed += 1) {
      const at = start + passed * hour;
      await loadHour(warehouse, people, Math.round(events / 90 / 24), at);
      const hourly = await build('kept', at, 'kept');
      times.push({ hourly, full: await build('whole', at, undefined) });
    }
    await checkEqual(warehouse);
    const [row] = await warehouse.query(plain('select count(*) as n from kept.daily__lead_score__logins'));
    const full = middle(times.map((each) => each.full));
    const hourly = middle(times.map((each) => each.hourly));
    return {
      people,
      events,
      full,
      hourly,
      ratio: hourly.cpuSeconds / full.cpuSeconds,
      first,
      keptRows: Number(row?.n),
    };
  } finally {
    await warehouse.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeTables(warehouse: Warehouse, people: number, events: number): Promise<void> {
  await warehouse.script([
    plain('create schema raw'),
    plain(`create table raw.leads as select lead_id::integer as lead_id from range(${people}) as people(lead_id)`),
    plain(`create table raw.logins as
select (hash(i) % ${people})::integer as lead_id,
  timestamp '2026-01-31 00:00:00' - interval 90 day + to_seconds((i * 90 * 86400) // ${events}) as login_at,
  ['web', 'web', 'ios'][1 + (hash(-i) % 3)::integer] as device,
  login_at + interval 5 minute as loaded_at
from range(${events}) as events(i)`),
  ]);
}

async function loadHour(warehouse: Warehouse, people: number, events: number, at: number): Promise<void> {
  const loaded = `timestamp '${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}'`;
  await warehouse.script([
    plain(`insert into raw.logins
select (hash(${at} + i) % ${people})::integer,
  ${loaded} - to_seconds((i * 3600) // ${events}) - case when i % 100 = 0 then interval 5 day else interval 0 day end,
  'web', ${loaded}
from range(${events}) as events(i)`),
  ]);
}

async function checkEqual(warehouse: Warehouse): Promise<void> {
  const [row] = await warehouse.query(
    plain(
      'select count(*) as n from ((from kept.lead_score except from whole.lead_score) union all (from whole.lead_score except from kept.lead_score))',
    ),
  );
  if (row?.n !== 0) throw new Error(`${row?.n} rows differ between the two builds`);
}

function middle(times: readonly BuildTime[]): BuildTime {
  const sorted = times.toSorted((a, b) => a.cpuSeconds - b.cpuSeconds);
  const found = sorted[Math.floor(sorted.length / 2)];
  if (found === undefined) throw new RangeError('Nothing was built');
  return found;
}

function plain(text: string) {
  return { text, binds: [] };
}
