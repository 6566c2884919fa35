import { afterEach, expect, test } from 'vitest';
import type { AsOf } from '../../src/sql/types.ts';
import { OpenProject } from '../support/open-project.ts';
import { smallProject } from '../support/project-files.ts';

let project: OpenProject | undefined;
afterEach(() => project?.close());

function on(day: string): AsOf {
  return { instant: `${day}T00:00:00.000Z`, day };
}

const logins = String(smallProject['data/logins.csv']);
const users = String(smallProject['data/users.csv']);

async function open(): Promise<OpenProject> {
  project = await OpenProject.open(smallProject);
  return project;
}

async function build(opened: OpenProject, day: string): Promise<void> {
  await opened.build([], { asOf: on(day), runId: `run-${day}` });
}

/** `key cause` of the rows that a day wrote. */
async function causesOn(opened: OpenProject, day: string): Promise<readonly string[]> {
  const rows = await opened.query(
    `select key, cause from scoreline.score_history where as_of = timestamptz '${day} 00:00:00+00' order by key`,
  );
  return rows.map(({ key, cause }) => `${key} ${cause}`);
}

test('the first build writes a row for every key', async () => {
  const opened = await open();
  await build(opened, '2026-02-01');
  expect(await causesOn(opened, '2026-02-01')).toEqual(['1 first', '2 first', '3 first', '4 first']);
  const [ann] = await opened.query("select * from scoreline.score_history where key = '1'");
  expect(ann).toMatchObject({
    model: 'lead_score',
    as_of: '2026-02-01T00:00:00.000Z',
    score: '79.140000',
    tier: 'hot',
    segment: null,
    run_id: 'run-2026-02-01',
  });
  // 20 * (0.5^(2/14) + 0.5^(1/14)), and 5 * ln(1 + 10).
  expect(JSON.parse(String(ann?.points))).toEqual({
    logged_in: '37.148376',
    director_or_above: '30.000000',
    silent_30_days: '0.000000',
    team_size: '11.989476',
  });
});

test('a build that changes nothing writes nothing', async () => {
  const opened = await open();
  await build(opened, '2026-02-01');
  await build(opened, '2026-02-01');
  await opened.build([], { asOf: { instant: '2026-02-01T09:00:00.000Z', day: '2026-02-01' } });
  expect(await opened.query('select count(*) as n from scoreline.score_history')).toEqual([{ n: 4 }]);
});

test('decay and windows alone are time', async () => {
  const opened = await open();
  await build(opened, '2026-02-01');
  await build(opened, '2026-02-02');
  expect(await causesOn(opened, '2026-02-02')).toEqual(['1 time', '3 time']);
  await build(opened, '2026-02-20');
  expect(await causesOn(opened, '2026-02-20')).toEqual(['1 time', '3 time']);
});

test.each([
  ['a new event', { 'data/logins.csv': `${logins}3,2026-02-01 10:00:00,web\n` }, '3'],
  ['an event that came late', { 'data/logins.csv': `${logins}3,2026-01-25 10:00:00,web\n` }, '3'],
  ['an event that was deleted', { 'data/logins.csv': logins.replace('1,2026-01-31 10:00:00,web\n', '') }, '1'],
  ['an event that was corrected', { 'data/logins.csv': logins.replace('2026-01-20', '2026-01-25') }, '3'],
  ['an attribute', { 'data/users.csv': users.replace('vp', 'intern') }, '3'],
])('%s is behaviour, of the one whose it is', async (_what, files, key) => {
  const opened = await open();
  await build(opened, '2026-02-01');
  opened.write(files);
  await build(opened, '2026-02-02');
  const expected = ['1 time', '3 time'].map((row) => (row.startsWith(key) ? `${key} behaviour` : row));
  expect(await causesOn(opened, '2026-02-02')).toEqual(expected);
});

test.each([
  [
    'an event that no rule counts',
    { 'data/logins.csv': `${logins}3,2025-11-25 10:00:00,web\n3,2026-03-01 10:00:00,web\n` },
  ],
  ['an attribute that no rule reads', { 'data/users.csv': users.replace('cat@', 'kat@') }],
])('%s leaves time the cause', async (_what, files) => {
  const opened = await open();
  await build(opened, '2026-02-01');
  opened.write(files);
  await build(opened, '2026-02-02');
  expect(await causesOn(opened, '2026-02-02')).toEqual(['1 time', '3 time']);
});

test('another model version is the cause, whatever else happened', async () => {
  const opened = await open();
  await build(opened, '2026-02-01');
  opened.write({
    'models/lead_score.yml': String(smallProject['models/lead_score.yml']).replace('points: 30', 'points: 25'),
    'data/logins.csv': `${logins}3,2026-02-01 10:00:00,web\n`,
  });
  await build(opened, '2026-02-02');
  expect(await causesOn(opened, '2026-02-02')).toEqual(['1 model', '2 model', '3 model', '4 model']);
});

test('a build that fails its tests leaves the history alone', async () => {
  const opened = await open();
  await build(opened, '2026-02-01');
  opened.write({
    'models/lead_score.yml': `${smallProject['models/lead_score.yml']}tests:\n  - row_count: { min: 100 }\n`,
    'data/logins.csv': `${logins}3,2026-02-01 10:00:00,web\n`,
  });
  await expect(build(opened, '2026-02-02')).rejects.toThrow();
  expect(await causesOn(opened, '2026-02-02')).toEqual([]);
  expect(await opened.query('select distinct as_of from scoreline.score_inputs')).toEqual([
    { as_of: '2026-02-01T00:00:00.000Z' },
  ]);
});

test('building an instant again replaces its rows', async () => {
  const opened = await open();
  await build(opened, '2026-02-01');
  await build(opened, '2026-02-02');
  opened.write({ 'data/logins.csv': `${logins}3,2026-02-01 10:00:00,web\n` });
  await build(opened, '2026-02-02');
  expect(await causesOn(opened, '2026-02-02')).toEqual(['1 time', '3 behaviour']);
  opened.write({ 'data/logins.csv': logins });
  await build(opened, '2026-02-02');
  expect(await causesOn(opened, '2026-02-02')).toEqual(['1 time', '3 behaviour']);
});

test('score_changes says from where to where, and which rules moved', async () => {
  const opened = await open();
  await build(opened, '2026-02-01');
  opened.write({ 'data/logins.csv': `${logins}3,2026-02-01 10:00:00,web\n` });
  await build(opened, '2026-02-02');
  const changes = await opened.query(
    `select key, previous_score, score, score_change, previous_tier, tier, moved, cause from scoreline.score_changes order by key`,
  );
  expect(changes).toMatchObject([
    { key: '1', cause: 'time', previous_tier: 'hot', tier: 'hot' },
    { key: '3', cause: 'behaviour', previous_tier: 'hot', tier: 'hot' },
  ]);
  expect(JSON.parse(String(changes[1]?.moved))).toEqual({ logged_in: expect.stringMatching(/^18\.\d{6}$/) });
});
