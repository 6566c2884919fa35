import { expect, test } from 'vitest';
import { calendarDay } from '../../src/project/instant.ts';
import type { AsOf } from '../../src/sql/types.ts';
import { OpenProject } from '../support/open-project.ts';
import type { ProjectFiles } from '../support/project-files.ts';
import { slowWarehouse } from '../support/slow-warehouse.ts';

const files: ProjectFiles = {
  'config/scoreline.yml': `
version: 1
project: incremental
timezone: UTC
default_target: test
entities: { lead: { relation: raw.leads, key: lead_id } }
sources: { raw: { schema: raw, tables: { logins: { loaded_at: loaded_at } } } }
targets:
  test: { warehouse: { type: duckdb, path: .scoreline/test.duckdb }, hubspot: { sandbox: true }, schema: scoreline }
`,
  'sql/logins.sql': "select lead_id, login_at, device, loaded_at from {{ source('raw', 'logins') }}",
  'models/logins.yml': 'sql: sql/logins.sql\nmaterialize: inline\n',
  'models/lead_score.yml': `
kind: scorecard
entity: lead
incremental: true
rules:
  - { id: web, events: "{{ ref('logins') }}", at: login_at, where: "device = 'web'", within: 30d, points: 2 }
  - { id: any, events: "{{ ref('logins') }}", at: login_at, within: 10d, points: 1 }
`,
};

const asOf = (instant: string): AsOf => ({ instant, day: calendarDay(instant, 'UTC') });
const kept = { dailySums: 'kept' } as const;

async function openWith(logins: readonly string[], more: ProjectFiles = {}): Promise<OpenProject> {
  const project = await OpenProject.open({ ...files, ...more });
  await run(project, 'create schema raw', 'create table raw.leads as select unnest([1, 2]) as lead_id');
  await run(
    project,
    'create table raw.logins (lead_id integer, login_at timestamp, device varchar, loaded_at timestamp)',
  );
  await load(project, ...logins);
  return project;
}

function run({ warehouse }: OpenProject, ...texts: readonly string[]) {
  return warehouse.script(texts.map((text) => ({ text, binds: [] })));
}

/** @param logins as `1 2026-01-30 web 2026-01-31` */
function load(project: OpenProject, ...logins: readonly string[]) {
  const rows = logins.map((login) => {
    const [lead, at, device, loaded] = login.split(' ');
    return `(${lead}, '${at} 10:00', '${device}', '${loaded} 12:00')`;
  });
  return run(project, ...(rows.length === 0 ? [] : [`insert into raw.logins values ${rows.join(', ')}`]));
}

function days(project: OpenProject) {
  return project.query(
    'select entity_key as key, day, daily__web as web, daily__any as any from scoreline.daily__lead_score__logins order by all',
  );
}

test('keeps one row per entity and day, up to the longest window', async () => {
  const project = await openWith([
    '1 2026-01-01 web 2026-01-01',
    '1 2026-01-10 web 2026-01-10',
    '1 2026-01-10 ios 2026-01-10',
    '2 2026-01-31 ios 2026-01-31',
  ]);
  await project.build([], { ...kept, asOf: asOf('2026-01-31T12:00:00Z') });
  expect(await days(project)).toMatchObject([
    { key: 1, day: '2026-01-01', web: 1, any: 1 },
    { key: 1, day: '2026-01-10', web: 1, any: 2 },
    { key: 2, day: '2026-01-31', web: 0, any: 1 },
  ]);
  // A day is dropped a build after no window reaches it, since the history still compares it once.
  await project.build([], { ...kept, asOf: asOf('2026-02-05T12:00:00Z') });
  await project.build([], { ...kept, asOf: asOf('2026-02-06T12:00:00Z') });
  expect(await days(project)).toMatchObject([{ day: '2026-01-10' }, { day: '2026-01-31' }]);
  await project.close();
});

test('reads again the look-back and the days of rows that were loaded since, and no others', async () => {
  const project = await openWith([
    '1 2026-01-10 web 2026-01-10',
    '1 2026-01-20 web 2026-01-20',
    '1 2026-01-30 web 2026-01-30',
  ]);
  await project.build([], { ...kept, asOf: asOf('2026-01-31T12:00:00Z') });
  // Nothing tells of these.
  await run(project, "delete from raw.logins where login_at < '2026-01-29'");
  await load(project, '2 2026-01-20 web 2026-02-01', '2 2026-01-31 web 2026-02-01');
  await run(project, "delete from raw.logins where login_at >= '2026-01-30' and lead_id = 1");
  await project.build([], { ...kept, asOf: asOf('2026-02-01T13:00:00Z') });
  expect(await days(project)).toMatchObject([
    { key: 1, day: '2026-01-10' },
    { key: 2, day: '2026-01-20' },
    { key: 2, day: '2026-01-31' },
  ]);
  await project.build([], { dailySums: 'anew', asOf: asOf('2026-02-01T14:00:00Z') });
  expect(await days(project)).toMatchObject([
    { key: 2, day: '2026-01-20' },
    { key: 2, day: '2026-01-31' },
  ]);
  await project.close();
});

test.each([
  ['where', { 'models/lead_score.yml': String(files['models/lead_score.yml']).replace("'web'", "'ios'") }],
  ['the SQL of the events', { 'sql/logins.sql': `${files['sql/logins.sql']} where device = 'ios'` }],
  ['a longer window', { 'models/lead_score.yml': String(files['models/lead_score.yml']).replace('30d', '90d') }],
])('begins anew by itself when %s changes', async (_what, change) => {
  const project = await openWith([
    '1 2025-12-01 ios 2025-12-01',
    '1 2026-01-10 web 2026-01-10',
    '1 2026-01-10 ios 2026-01-10',
  ]);
  await project.build([], { ...kept, asOf: asOf('2026-01-31T12:00:00Z') });
  project.write(change);
  await project.build([], { ...kept, asOf: asOf('2026-01-31T13:00:00Z') });
  const scores = await project.query('select * exclude as_of from scoreline.lead_score order by 1');
  await project.build([], { asOf: asOf('2026-01-31T13:00:00Z'), schema: 'whole' });
  expect(scores).toEqual(await project.query('select * exclude as_of from whole.lead_score order by 1'));
  await project.close();
});

test('goes on from what was kept when points and limits change', async () => {
  const project = await openWith(['1 2026-01-10 web 2026-01-10']);
  await project.build([], { ...kept, asOf: asOf('2026-01-31T12:00:00Z') });
  await run(project, 'delete from raw.logins');
  project.write({ 'models/lead_score.yml': String(files['models/lead_score.yml']).replace('points: 2', 'points: 7') });
  await project.build([], { ...kept, asOf: asOf('2026-01-31T13:00:00Z') });
  expect(await project.query('select score from scoreline.lead_score where lead_id = 1')).toEqual([{ score: '7.00' }]);
  await project.close();
});

test('a build that keeps no days leaves those that are kept, and the next one catches up', async () => {
  const project = await openWith(['1 2026-01-10 web 2026-01-10']);
  await project.build([], { ...kept, asOf: asOf('2026-01-31T12:00:00Z') });
  const before = await project.query('select * from scoreline.daily_sums');
  await load(project, '1 2026-01-20 web 2026-02-01');
  await project.build([], { asOf: asOf('2026-02-01T12:30:00Z') });
  expect(await project.query('select * from scoreline.daily_sums')).toEqual(before);
  await project.build([], { ...kept, asOf: asOf('2026-02-10T12:00:00Z') });
  expect(await project.query('select score from scoreline.lead_score where lead_id = 1')).toEqual([{ score: '2.00' }]);
  await project.close();
});

test('takes three statements for the model, and two more for what was kept of all models', async () => {
  const project = await openWith(['1 2026-01-10 web 2026-01-10']);
  await project.build([], { ...kept, asOf: asOf('2026-01-31T12:00:00Z') });
  const slow = slowWarehouse(project.warehouse, { secondsPerStatement: 1.5 });
  await project.build([], { ...kept, warehouse: slow, asOf: asOf('2026-01-31T13:00:00Z') });
  expect(slow.roundTrips.map(({ purpose }) => purpose)).toEqual([
    'look into the schema scoreline',
    'read how old the scores are',
    'read what is kept of past days',
    'look for events that came late',
    'read logins',
    'build lead_score',
    'test lead_score',
    'swap in lead_score',
  ]);
  await project.close();
});

test('reads only the blocks of days that may have changed', async () => {
  const project = await openWith([]);
  await run(
    project,
    `insert into raw.logins select i % 50, timestamp '2025-11-03' + to_seconds((i * 90 * 86400) // 2000000) as login_at, 'web', login_at from range(2000000) as events(i)`,
  );
  await project.build([], { ...kept, asOf: asOf('2026-01-31T12:00:00Z') });
  const texts: string[] = [];
  const createTable: typeof project.warehouse.createTable = async (table, select, options) => {
    const explained = await project.warehouse.query({
      ...select,
      text: `explain (analyze, format json) ${select.text}`,
    });
    texts.push(String(explained[0]?.explain_value));
    return project.warehouse.createTable(table, select, options);
  };
  const watched = new Proxy(project.warehouse, {
    get(target, property) {
      if (property === 'createTable') return createTable;
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await project.build([], { ...kept, warehouse: watched, asOf: asOf('2026-01-31T13:00:00Z') });
  expect(rowsScanned(JSON.parse(texts[0] ?? ''))).toBeLessThan(600_000);
  await project.close();
});

/** Of all tables, as the engine counted them. */
function rowsScanned(node: Readonly<Record<string, unknown>>): number {
  const own = Number(node.operator_rows_scanned ?? 0);
  const children = Array.isArray(node.children) ? node.children : [];
  return children.reduce((sum: number, child) => sum + rowsScanned(child), own);
}

test('check says where events lack the column that `incremental` names', async () => {
  const card = String(files['models/lead_score.yml']).replaceAll("{{ ref('logins') }}", 'raw.logins');
  const project = await openWith([], {
    'models/lead_score.yml': card.replace('incremental: true', 'incremental: { loaded_at: loaded }'),
  });
  const { problems } = await project.check();
  expect(problems).toMatchObject([
    {
      line: 4,
      message:
        'the events of rule `web`, raw.logins, have no column `loaded`, by which `incremental` finds what was loaded since',
      hint: expect.stringContaining('loaded_at'),
    },
    { line: 4, message: expect.stringContaining('the events of rule `any`') },
  ]);
  await project.close();
});
