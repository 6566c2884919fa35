import { expect, test } from 'vitest';
import { scoreline } from '../support/command-line.ts';
import { smallProject, writeFiles, writeProject } from '../support/project-files.ts';

const header = 'lead_id,login_at,device,loaded_at\n';
const old = '1,2026-01-10 09:00:00,web,2026-01-10 10:00:00\n';
const recent = '3,2026-01-31 12:00:00,web,2026-01-31 13:00:00\n';

const project = {
  ...smallProject,
  'config/scoreline.yml': String(smallProject['config/scoreline.yml']).replace(
    'logins: {}',
    'logins: { loaded_at: loaded_at }',
  ),
  'models/lead_score.yml': String(smallProject['models/lead_score.yml']).replace('range:', 'incremental: true\nrange:'),
  'data/logins.csv': header + old + recent,
  'sql/logins.sql': "select * from {{ source('app', 'logins') }}",
};

async function run(dir: string, line: string, now = '2026-02-01T12:00:00Z') {
  const { exitCode, out, err } = await scoreline(dir, line, { now: new Date(now) });
  expect(exitCode, err + out).toBe(0);
  return JSON.parse(out);
}

test('builds keep sums of days, build --full-refresh begins anew, and explain and the past read events', async () => {
  const dir = writeProject(project);
  await run(dir, 'build --output json');
  const both = await run(dir, 'explain lead_score 1 --output json');
  // Beyond the look-back, nothing tells that the row is gone.
  writeFiles(dir, { 'data/logins.csv': header + recent });
  await run(dir, 'build --output json', '2026-02-01T13:00:00Z');
  const diff = await run(dir, 'diff lead_score --output json', '2026-02-01T13:00:00Z');
  expect(diff.models[0]).toMatchObject({ rows: { changed: 1 } });
  const explained = await run(dir, 'explain lead_score 1 --output json', '2026-02-01T13:00:00Z');
  expect(explained.score).toBeLessThan(both.score);
  const past = await run(dir, 'build lead_score --as-of 2026-02-01T12:30:00Z --output json', '2026-02-01T13:00:00Z');
  expect(past.scratch).not.toBeNull();
  await run(dir, 'build --full-refresh --output json', '2026-02-01T14:00:00Z');
  const after = await run(dir, 'diff lead_score --output json', '2026-02-01T14:00:00Z');
  expect(after.models[0]).toMatchObject({ rows: { changed: 0 } });
});
