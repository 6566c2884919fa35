import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scoreline } from '../support/command-line.ts';
import { OpenProject } from '../support/open-project.ts';
import { type ProjectFiles, smallProject, writeFiles, writeProject } from '../support/project-files.ts';
import { problemLine, problemsWith } from '../support/project-problems.ts';

/** The small project, whose newest login is of 31 January 2026, 11:00. */
const withSources = (sources: string): ProjectFiles => ({
  ...smallProject,
  'config/scoreline.yml': `${smallProject['config/scoreline.yml']}`.replace(
    /sources:\n {2}app:[\s\S]*?(?=params:)/,
    sources,
  ),
});

const limited = (settings: string, more = ''): ProjectFiles =>
  withSources(`sources:
  app:
    ${more}
    tables:
      users: { loaded_at: null }
      logins: { ${settings} }
`);

const output = async (dir: string, line: string) => {
  const { exitCode, out } = await scoreline(dir, `${line} --output json`);
  return { exitCode, ...JSON.parse(out) };
};

const told = 'app.logins was last loaded 13 hours before 2026-02-01T00:00:00.000Z, at 2026-01-31T11:00:00.000Z';

describe('a source with limits', () => {
  test('is measured against as_of: within both, nothing is said', async () => {
    const dir = writeProject(limited('loaded_at: login_at, warn_after: 13h, error_after: 14h'));
    expect(await output(dir, 'build --as-of 2026-02-01')).toMatchObject({ exitCode: 0, warnings: [] });
  });

  test('older than `warn_after` is a warning', async () => {
    const dir = writeProject(limited('loaded_at: login_at, warn_after: 12h, error_after: 1d'));
    const { exitCode, warnings } = await output(dir, 'build --as-of 2026-02-01');
    expect([exitCode, warnings]).toEqual([0, [`${told}: warn_after is 12h`]]);
  });

  test('is shown by `status`, which goes on where it cannot be measured', async () => {
    const dir = writeProject(limited('loaded_at: login_at, warn_after: 12h'));
    const { exitCode, freshness, warnings } = await output(dir, 'status --as-of 2026-02-01');
    expect([exitCode, warnings]).toEqual([0, []]);
    expect(freshness).toEqual([
      {
        source: 'app',
        table: 'logins',
        newest_at: '2026-01-31T11:00:00.000Z',
        age_seconds: 13 * 3600,
        state: 'warn',
        message: `${told}: warn_after is 12h`,
      },
    ]);
    const seen = await scoreline(dir, 'status --as-of 2026-02-01', { terminal: true });
    expect(seen.out).toMatch(/app\.logins +2026-01-31T11:00:00.000Z +stale: a run warns/);

    rmSync(join(dir, 'data/logins.csv'));
    const gone = await output(dir, 'status --as-of 2026-02-01');
    expect(gone).toMatchObject({ exitCode: 0, freshness: null, runs: [] });
    expect(gone.warnings).toEqual([expect.stringMatching(/How fresh the sources are cannot be measured: .*logins/)]);
  });

  test.each(['build', 'plan', 'run --yes'])(
    'older than `error_after` stops `%s` before anything is built',
    async (line) => {
      const dir = writeProject(limited('loaded_at: login_at, error_after: 12h'));
      const { exitCode, error } = await output(dir, `${line} --as-of 2026-02-01`);
      expect(exitCode).toBe(6);
      expect(error).toMatchObject({
        code: 'GUARD_STALE_SOURCE',
        message: `${told}: error_after is 12h; nothing was built or written`,
        problems: [
          { file: 'config/scoreline.yml', line: 15, value: 'app.logins', message: `${told}: error_after is 12h` },
        ],
      });
      const { models } = await output(dir, 'status');
      expect(models.map(({ rows }: { rows: number | null }) => rows)).toEqual(models.map(() => null));
    },
  );

  test('takes what it does not say itself from the source', async () => {
    const more = 'loaded_at: login_at\n    warn_after: 6h\n    error_after: 12h';
    const dir = writeProject(limited('error_after: 20h', more));
    const { exitCode, warnings } = await output(dir, 'build --as-of 2026-02-01');
    expect([exitCode, warnings]).toEqual([0, [`${told}: warn_after is 6h`]]);
  });

  test('does not count rows that were loaded after as_of', async () => {
    const dir = writeProject(limited('loaded_at: login_at, warn_after: 12h'));
    const { warnings } = await output(dir, 'build --as-of 2026-01-21');
    expect(warnings).toEqual([]);
    const past = await output(dir, 'build --as-of 2025-11-01');
    expect(past.warnings).toContain(
      'app.logins has no row that was loaded by 2025-11-01T00:00:00.000Z: warn_after is 12h',
    );
  });

  test('without a row, or with no time in any, is as old as can be', async () => {
    const dir = writeProject(limited('loaded_at: login_at, error_after: 52w'));
    writeFiles(dir, { 'data/logins.csv': 'lead_id,login_at,device\n1,,web\n' });
    const { error } = await output(dir, 'build --as-of 2026-02-01');
    expect(error.message).toContain(
      'app.logins has no row that was loaded by 2026-02-01T00:00:00.000Z: error_after is 52w',
    );
  });

  test('stops nothing that does not read it', async () => {
    const dir = writeProject(limited('loaded_at: login_at, error_after: 1h'));
    expect(await output(dir, 'build leads --as-of 2026-02-01')).toMatchObject({ exitCode: 0 });
    expect(await output(dir, 'build lead_score --as-of 2026-02-01')).toMatchObject({ exitCode: 6 });
  });

  test('is shown by `check`, which passes', async () => {
    const dir = writeProject(limited('loaded_at: login_at, error_after: 1h'));
    const { exitCode, warnings, freshness } = await output(dir, 'check --as-of 2026-02-01');
    expect([exitCode, warnings]).toEqual([0, [`${told}: error_after is 1h`]]);
    expect(freshness).toEqual([
      {
        source: 'app',
        table: 'logins',
        newest_at: '2026-01-31T11:00:00.000Z',
        age_seconds: 46_800,
        state: 'error',
        message: `${told}: error_after is 1h`,
      },
    ]);
    const { out } = await scoreline(dir, 'check --as-of 2026-02-01 --output table');
    expect(out).toMatch(/app\.logins\s+2026-01-31T11:00:00\.000Z\s+stale: a run stops/);
  });

  test('without such a column is a problem at the sources', async () => {
    const dir = writeProject(limited('loaded_at: logged, error_after: 1h'));
    const { exitCode, error } = await output(dir, 'check --as-of 2026-02-01');
    expect(exitCode).toBe(3);
    expect(error.problems).toEqual([
      {
        code: 'CONFIG_INVALID',
        file: 'config/scoreline.yml',
        line: 15,
        column: 28,
        value: 'logged',
        message: 'the source table `app.logins` has no column `logged`, which `loaded_at` names',
        hint: 'Known: lead_id, login_at, device.',
      },
    ]);
  });
});

test('a table in the warehouse is measured too, several in one statement', async () => {
  const project = await OpenProject.open(
    withSources(`sources:
  raw: { schema: raw, loaded_at: at, error_after: 2d, tables: { a: {}, b: { identifier: b_table } } }
  app: { tables: { users: {}, logins: {} } }
`),
  );
  project.write({
    'sql/leads.sql':
      "select a.lead_id, '' as email, '' as seniority, 1 as seats from {{ source('raw', 'a') }} as a join {{ source('raw', 'b') }} as b using (lead_id)",
  });
  await project.query('create schema raw');
  await project.query("create table raw.a as select 1 as lead_id, timestamptz '2026-01-30 00:00:00+00' as at");
  await project.query("create table raw.b_table as select 1 as lead_id, date '2026-01-29' as at");
  const { measureFreshness } = await import('../../src/build/measure-freshness.ts');
  const statements: string[] = [];
  const warehouse = Object.assign(Object.create(project.warehouse), {
    query: (statement: { text: string }) => {
      statements.push(statement.text);
      return project.warehouse.query(statement as never);
    },
  });
  const measured = await measureFreshness({ compiled: project.compile(), warehouse, models: new Set(['leads']) });
  expect(measured.map(({ table, state, ageSeconds }) => [table, state, ageSeconds])).toEqual([
    ['a', 'fresh', 172_800],
    ['b', 'error', 259_200],
  ]);
  expect(statements).toHaveLength(1);
  await project.close();
});

test('limits that contradict each other, or have no column, are refused', () => {
  const lines = problemsWith(
    withSources(`sources:
  app:
    warn_after: 2d
    tables:
      users: { loaded_at: at, error_after: 24h }
      logins: { error_after: 3d }
`),
  ).map(problemLine);
  expect(lines).toEqual([
    'config/scoreline.yml:14:44 `error_after` of `app.users` is not longer than its `warn_after`',
    'config/scoreline.yml:15:30 `app.logins` has `error_after` and no `loaded_at` | Name the column that says when a row was loaded.',
  ]);
  const shapes = problemsWith(limited('loaded_at: 3, warn_after: 1 day')).map(problemLine);
  expect(shapes).toEqual([
    'config/scoreline.yml:15:28 `sources.app.tables.logins.loaded_at` is 3: expected the name of a column',
    'config/scoreline.yml:15:43 `sources.app.tables.logins.warn_after` is 1 day: expected a duration such as 24h: a whole number above 0 and m, h, d or w, without a space',
  ]);
});
