import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Row } from '../../src/warehouse/port.ts';
import { scoreline } from '../support/command-line.ts';
import { type ProjectFiles, smallProject, writeFiles, writeProject } from '../support/project-files.ts';

const config = String(smallProject['config/scoreline.yml']);
const users = String(smallProject['data/users.csv']);
/** Each login was loaded on the day after. */
const loaded = `lead_id,login_at,device,loaded_at
1,2026-01-30 09:00:00,web,2026-01-31 01:00:00
1,2026-01-31 10:00:00,web,2026-02-01 01:00:00
2,2025-12-01 08:00:00,web,2025-12-02 01:00:00
3,2026-01-20 12:00:00,web,2026-01-21 01:00:00
`;

const project: ProjectFiles = {
  ...smallProject,
  'config/scoreline.yml': config.replace('logins: {}', 'logins: { loaded_at: loaded_at }'),
  'data/logins.csv': loaded,
};

const noon = (day: string) => ({ now: new Date(`${day}T12:00:00Z`) });

async function query(dir: string, text: string): Promise<readonly Row[]> {
  const settings = { type: 'duckdb', path: join(dir, '.scoreline/test.duckdb'), memoryLimit: '512MB' } as const;
  const warehouse = await openWarehouse(settings, { timeZone: 'UTC' });
  try {
    return await warehouse.query({ text, binds: [] });
  } finally {
    await warehouse.close();
  }
}

async function done(dir: string, line: string, day: string) {
  const ended = await scoreline(dir, line, noon(day));
  expect(ended.err, line).not.toContain('✗');
  expect(ended.exitCode, ended.err + ended.out).toBe(0);
  return JSON.parse(ended.out);
}

const everything = 'select * from scoreline.lead_score order by lead_id';
const history = 'select * from scoreline.score_history order by model, key, as_of';

test('a build for the past goes to a schema that the result names, and leaves live and history alone', async () => {
  const dir = writeProject(project);
  await done(dir, 'build', '2026-02-10');
  const before = [await query(dir, everything), await query(dir, history)];
  const built = await done(dir, 'build lead_score --as-of 2026-01-25', '2026-02-10');
  expect(built.scratch).toMatchObject({
    schema: 'scoreline_as_of_20260125000000',
    as_of: '2026-01-25T00:00:00.000Z',
    live_as_of: '2026-02-10T12:00:00.000Z',
  });
  expect(built.models.map(({ model }: { model: string }) => model)).toEqual(['leads', 'logins', 'lead_score']);
  expect([await query(dir, everything), await query(dir, history)]).toEqual(before);
  const [cat] = await query(dir, `select * from ${built.scratch.schema}.lead_score where lead_id = 3`);
  expect(cat).toMatchObject({ as_of: '2026-01-25T00:00:00.000Z', tier: 'hot' });
  const [ann] = await query(dir, `select * from ${built.scratch.schema}.lead_score where lead_id = 1`);
  expect(ann).toMatchObject({ points__logged_in: '0.000000', points__silent_30_days: '-10.000000' });
});

test('rows that happened or were loaded later change nothing in the past', async () => {
  const past = 'select * from scoreline_as_of_20260125000000.lead_score order by lead_id';
  const scores: (readonly Row[])[] = [];
  for (const later of [
    '',
    '1,2026-01-24 09:00:00,web,2026-01-26 01:00:00\n1,2026-01-25 09:00:00,web,2026-01-25 00:00:00\n',
  ]) {
    const dir = writeProject({ ...project, 'data/logins.csv': loaded + later });
    await done(dir, 'build', '2026-02-10');
    await done(dir, 'build --as-of 2026-01-25', '2026-02-10');
    scores.push(await query(dir, past));
  }
  expect(scores[1]).toEqual(scores[0]);
});

test('a row that was loaded by then counts', async () => {
  const dir = writeProject({
    ...project,
    'data/logins.csv': `${loaded}1,2026-01-24 09:00:00,web,2026-01-24 10:00:00\n`,
  });
  await done(dir, 'build', '2026-02-10');
  await done(dir, 'build --as-of 2026-01-25', '2026-02-10');
  const [ann] = await query(dir, 'select * from scoreline_as_of_20260125000000.lead_score where lead_id = 1');
  expect(Number(ann?.points__logged_in)).toBeGreaterThan(18);
});

test('check and builds for the past name what is not point-in-time', async () => {
  const dir = writeProject(project);
  const checked = await done(dir, 'check --offline', '2026-02-10');
  const parts = checked.not_point_in_time.map(({ parts: named }: { parts: readonly string[] }) => named);
  expect(parts).toEqual([['rule director_or_above', 'rule team_size'], ['app.users']]);
  await done(dir, 'build', '2026-02-10');
  const { warnings } = await done(dir, 'build --as-of 2026-01-25', '2026-02-10');
  expect(warnings).toEqual([
    'lead_score reads columns of entity `lead` as they are today, since its relation keeps no history: rule director_or_above, rule team_size',
    'lead_score reads source tables that declare no `loaded_at`, of which rows that came late count as if they had been there: app.users',
  ]);
});

test('an entity whose relation is made for as_of is point-in-time', async () => {
  const dir = writeProject({
    ...project,
    'config/scoreline.yml': config
      .replace('users: {}', 'users: { loaded_at: since }')
      .replace('logins: {}', 'logins: { loaded_at: loaded_at }'),
    'data/users.csv': 'lead_id,email,seniority,seats,since\n1,ann@one.example,director,10,2026-01-01\n',
    'sql/leads.sql': `select lead_id, email, seniority, seats from {{ source('app', 'users') }} where since <= {{ param('as_of') }}`,
  });
  expect((await done(dir, 'check --offline', '2026-02-10')).not_point_in_time).toEqual([]);
});

test('backfill fills the history in date order and joins it to what was recorded', async () => {
  const dir = writeProject(project);
  await done(dir, 'build', '2026-02-10');
  const filled = await done(dir, 'backfill lead_score --from 2026-01-18 --to 2026-02-20 --every 7d', '2026-02-21');
  expect(filled).toMatchObject({ resumed: 0, recorded_from: '2026-02-10T12:00:00.000Z', models: ['lead_score'] });
  expect(filled.dates.map((date: string) => date.slice(0, 10))).toEqual([
    '2026-01-18',
    '2026-01-25',
    '2026-02-01',
    '2026-02-08',
  ]);
  const rows = await query(dir, history);
  expect(rows.map(({ key, as_of: asOf, cause }) => `${key} ${String(asOf).slice(0, 10)} ${cause}`)).toEqual([
    '1 2026-01-18 first',
    '1 2026-02-01 behaviour',
    // The login of 31 January was loaded on 1 February.
    '1 2026-02-08 behaviour',
    '1 2026-02-10 time',
    '2 2026-01-18 first',
    '3 2026-01-18 first',
    '3 2026-01-25 behaviour',
    '3 2026-02-01 time',
    '3 2026-02-08 time',
    '3 2026-02-10 time',
    '4 2026-01-18 first',
  ]);
  expect(
    await query(dir, "select distinct schema_name from duckdb_tables() where schema_name like '%backfill%'"),
  ).toEqual([]);

  await done(dir, 'backfill lead_score --from 2026-01-18 --to 2026-02-20 --every 7d', '2026-02-21');
  const again = await query(dir, history);
  const withoutRun = (all: readonly Row[]) => all.map(({ run_id: _, ...row }) => row);
  expect(withoutRun(again)).toEqual(withoutRun(rows));
});

test('a backfill that was stopped goes on where it was', async () => {
  const dir = writeProject(project);
  // On 1 February the person of the key 0 stands there twice, so the third instant fails as long as there is one.
  writeFiles(dir, {
    'sql/leads.sql': `select lead_id, email, seniority, seats from {{ source('app', 'users') }}
union all
select lead_id, email, seniority, seats from {{ source('app', 'users') }} where {{ param('as_of') }} = timestamptz '2026-02-01 00:00:00+00' and lead_id = {{ param('twice') }}`,
    'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\nparams: { twice: { type: integer, default: 0 } }\n',
  });
  const line = 'backfill lead_score --from 2026-01-18 --to 2026-02-08 --every 7d';
  writeFiles(dir, { 'data/users.csv': `${users}0,zed@zero.example,vp,1\n` });
  const stopped = await scoreline(dir, line, noon('2026-02-21'));
  expect(stopped.exitCode).toBe(6);
  expect((await query(dir, history)).length).toBeGreaterThan(0);
  writeFiles(dir, { 'data/users.csv': users });
  const { dates, resumed } = await done(dir, line, '2026-02-21');
  expect([resumed, dates.map((date: string) => date.slice(0, 10))]).toEqual([2, ['2026-02-01', '2026-02-08']]);
});

test.each([
  ['backfill lead_scor --from 2026-01-18 --to 2026-02-08', 'lead_score'],
  ['backfill leads --from 2026-01-18 --to 2026-02-08', 'no scores'],
  ['backfill lead_score --from 2026-02-18 --to 2026-02-08', 'later than'],
  ['backfill lead_score --from 2026-01-18 --to 2027-02-08', 'future'],
  ['backfill lead_score --from 2026-01-18 --to 2026-02-08 --every 0d', '--every'],
])('%s is refused', async (line, says) => {
  const { exitCode, out } = await scoreline(writeProject(project), line, noon('2026-02-21'));
  expect(exitCode).toBe(2);
  expect(out).toContain(says);
});
