import { afterEach, describe, expect, test } from 'vitest';
import type { BuildEvent } from '../../src/build/build-event.ts';
import { scoreline } from '../support/command-line.ts';
import { OpenProject } from '../support/open-project.ts';
import { type ProjectFiles, smallProject, writeProject } from '../support/project-files.ts';
import { problemLine, problemsWith } from '../support/project-problems.ts';

const opened: OpenProject[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.close();
});

/** Four rows, of which two have no name and one is too large. */
const things = (yaml: string): ProjectFiles => ({
  'sql/things.sql': "select * from (values (1, 'a', 1), (2, null, 1), (3, null, 9), (4, 'd', 2)) as t(id, name, size)",
  'models/things.yml': `sql: sql/things.sql\nkey: [id]\n${yaml}`,
});

const open = async (files: ProjectFiles) => {
  const project = await OpenProject.open(files);
  opened.push(project);
  return project;
};

describe('a test with `severity: warn`', () => {
  test('is told with its count and an example, and the model is swapped in', async () => {
    const project = await open(
      things(`columns:
  - { name: name, tests: [{ not_null: true, severity: warn }] }
  - { name: size, tests: [{ between: { max: 5 }, severity: warn }, { accepted_values: [1, 2, 9], severity: warn }] }
tests:
  - { row_count: { min: 10 }, severity: warn }
`),
    );
    const events: BuildEvent[] = [];
    const { models } = await project.build([], { onEvent: (event) => events.push(event) });
    expect(await project.query('select count(*) as n from scoreline.things')).toEqual([{ n: 4 }]);
    expect(models[0]?.tests.filter(({ passed }) => !passed)).toEqual([
      {
        test: 'not_null name',
        severity: 'warn',
        passed: false,
        count: 2,
        example: 'id 2',
        message: '2 rows have no value in `name`, for example id 2',
      },
      {
        test: 'between size',
        severity: 'warn',
        passed: false,
        count: 1,
        example: 'id 3, size 9',
        message: '1 row has a `size` above 5, for example id 3, size 9',
      },
      {
        test: 'row_count',
        severity: 'warn',
        passed: false,
        count: 4,
        example: null,
        message: 'the model has 4 rows: expected at least 10',
      },
    ]);
    expect(events.map(({ kind }) => kind)).toEqual([
      'model_started',
      'test_failed',
      'test_failed',
      'test_failed',
      'model_built',
    ]);
  });

  test('does not soften another test that stops the model', async () => {
    const project = await open(
      things(`columns:
  - { name: name, tests: [{ not_null: true, severity: warn }] }
  - { name: size, tests: [{ between: { max: 5 } }] }
`),
    );
    await expect(project.build()).rejects.toMatchObject({
      code: 'GUARD_TEST_FAILED',
      problems: [{ message: '1 row has a `size` above 5, for example id 3, size 9' }],
    });
    await expect(project.query('select * from scoreline.things')).rejects.toThrow('things');
  });

  test('takes error and warn, and only true for a test without settings', () => {
    const problems = problemsWith(
      things(`columns:
  - { name: name, tests: [{ not_null: true, severity: info }] }
  - { name: size, tests: [{ not_null: false }] }
tests: [{ row_count: { min: 1 }, severity: 1 }]
`),
    );
    expect(problems.map(problemLine)).toEqual([
      'models/things.yml:4:55 `columns[0].tests[0].severity` is info: expected error or warn',
      'models/things.yml:5:39 `columns[1].tests[0].not_null` is false: expected true',
      'models/things.yml:6:44 `tests[0].severity` is 1: expected error or warn',
    ]);
  });

  test('is refused on the primary key, which is tested anyway', async () => {
    const project = await open(things('columns: [{ name: id, tests: [{ unique: true, severity: warn }] }]'));
    expect(() => project.compile()).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ file: 'models/things.yml', line: 3, value: 'warn' })],
      }),
    );
  });
});

describe('the command line', () => {
  const warned: ProjectFiles = {
    ...smallProject,
    'models/leads.yml': `sql: sql/leads.sql
key: [lead_id]
columns: [{ name: seats, tests: [{ not_null: true, severity: warn }] }]
`,
  };
  const warning = 'leads: 1 row has no value in `seats`, for example lead_id 4';

  test.each(['build', 'plan', 'run --yes'])('tells it once, in the warnings of `%s`', async (line) => {
    const { exitCode, out, err } = await scoreline(writeProject(warned), `${line} --output json`);
    expect(exitCode).toBe(0);
    expect(JSON.parse(out).warnings).toEqual([warning]);
    expect(err.split(warning)).toHaveLength(2);
  });

  test('counts it in the table of `build`', async () => {
    const { out } = await scoreline(writeProject(warned), 'build leads --output table');
    expect(out).toContain('tests passed  warnings');
    expect(out).toMatch(/leads\s+table\s+4\s+2\s+1\s/);
  });
});
