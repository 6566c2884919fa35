import { afterEach, describe, expect, test } from 'vitest';
import type { BuildEvent } from '../../src/build/build-event.ts';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { OpenProject } from '../support/open-project.ts';
import { type ProjectFiles, smallProject } from '../support/project-files.ts';

const opened: OpenProject[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.close();
});

const open = async (files: ProjectFiles) => {
  const project = await OpenProject.open(files);
  opened.push(project);
  return project;
};

const failure = async (work: Promise<unknown>): Promise<ScorelineError> => {
  const error: unknown = await work.then(
    () => expect.unreachable('the build succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ScorelineError)) throw error;
  return error;
};

/** A model of these rows, with the rest of its YAML file. */
const modelOf = (rows: string, yaml: string, name = 'x', about = 'made for a test'): ProjectFiles => ({
  [`sql/${name}.sql`]: `select * from (values ${rows}) as t(id, name, size)`,
  [`models/${name}.yml`]: `description: "${about}"\nsql: sql/${name}.sql\n${yaml}`,
});

/** What a test is about, rows of the model, the rest of its YAML file, and what is said of it. */
const failing: readonly (readonly [about: string, rows: string, yaml: string, message: string])[] = [
  [
    'not_null',
    "(1, 'a', 1), (2, null, 1)",
    'key: [id]\ncolumns: [{ name: name, tests: [not_null] }]',
    '1 row has no value in `name`, for example id 2',
  ],
  [
    'unique',
    "(1, 'a', 1), (2, 'a', 1), (3, null, 1), (4, null, 1)",
    'key: [id]\ncolumns: [{ name: name, tests: [unique] }]',
    '1 value of `name` stands in more than one row, for example name a',
  ],
  [
    'unique of several columns',
    "(1, 'a', 1), (2, 'a', 1), (3, 'a', 2)",
    'key: [id]\ntests: [{ unique: [name, size] }]',
    '1 value of `name`, `size` stands in more than one row, for example name a, size 1',
  ],
  [
    'accepted_values',
    "(1, 'a', 1), (2, 'b', 1), (3, 'c', 1), (4, null, 1)",
    'key: [id]\ncolumns: [{ name: name, tests: [{ accepted_values: [a] }] }]',
    '2 rows have another `name` than a, for example id 2, name b',
  ],
  [
    'accepted_values of numbers',
    "(1, 'a', 1), (2, 'b', 2)",
    'key: [id]\ncolumns: [{ name: size, tests: [{ accepted_values: [1, 3.5] }] }]',
    '1 row has another `size` than 1, 3.5, for example id 2, size 2',
  ],
  [
    'between',
    "(1, 'a', 1), (2, 'b', -1), (3, 'c', 7), (4, 'd', null)",
    'key: [id]\ncolumns: [{ name: size, tests: [{ between: { min: 0, max: 6.5 } }] }]',
    '2 rows have a `size` outside 0 to 6.5, for example id 2, size -1',
  ],
  [
    'between with one end',
    "(1, 'a', 1), (2, 'b', -1)",
    'columns: [{ name: size, tests: [{ between: { min: 0 } }] }]',
    '1 row has a `size` below 0, for example size -1',
  ],
  [
    'row_count',
    "(1, 'a', 1)",
    'key: [id]\ntests: [{ row_count: { min: 2 } }]',
    'the model has 1 row: expected at least 2',
  ],
  [
    'relationship to itself',
    "(1, 'a', 1), (2, 'b', 9)",
    'key: [id]\ncolumns: [{ name: size, tests: [{ relationship: { to: $x, field: id } }] }]',
    '1 row has a `size` that `id` of `$x` does not have, for example id 2, size 9',
  ],
  [
    'SQL',
    "(1, 'a', 1), (2, 'b', 9)",
    'key: [id]\ntests: [{ sql: "select * from {{ ref(\'$x\') }} where size > 5" }]',
    '`sql_1` returned 1 row: expected none',
  ],
  [
    'the primary key: repeated',
    "(1, 'a', 1), (1, 'b', 1)",
    'key: [id]',
    '1 value of the primary key stands in more than one row, for example id 1',
  ],
  ['the primary key: null', "(1, 'a', 1), (null, 'b', 1)", 'key: [id]', '1 row has no primary key: `id` is null'],
  [
    'the primary key: null in part',
    "(1, 'a', 1), (1, null, 1)",
    'key: [id, name]',
    '1 row has no primary key: `id`, `name` is null',
  ],
];

describe('a model test', () => {
  test('says what fails, how often, and gives an example', async () => {
    const models = failing.map(([about, rows, yaml], index) =>
      modelOf(rows, yaml.replaceAll('$x', `x${index}`), `x${index}`, about),
    );
    const error = await failure((await open(Object.assign({}, ...models))).build());
    expect(error).toMatchObject({ code: 'GUARD_TEST_FAILED', exitCode: 6 });
    const said = new Map(error.problems.map(({ file, message }) => [file, message]));
    expect(error.problems).toHaveLength(failing.length);
    for (const [index, [about, , , message]] of failing.entries()) {
      expect(said.get(`models/x${index}.yml`), about).toBe(message.replaceAll('$x', `x${index}`));
    }
  });

  test('passes on an empty model, whatever it asks of rows', async () => {
    const project = await open({
      'sql/x.sql': "select 1 as id, 'a' as name, 1 as size where false",
      'models/x.yml': [
        'sql: sql/x.sql',
        'key: [id]',
        'columns:',
        '  - { name: name, tests: [unique, not_null, { accepted_values: [b] }] }',
        '  - { name: size, tests: [{ between: { max: 0 } }, { relationship: { to: x, field: id } }] }',
        'tests: [{ row_count: { max: 0 } }, { sql: "select * from {{ ref(\'x\') }}" }]',
      ].join('\n'),
    });
    const { models } = await project.build();
    expect(models).toMatchObject([{ rows: 0 }]);
    expect(models[0]?.tests).toHaveLength(9);
  });

  test('stands at its place in the file, and all that fail are told at once', async () => {
    const project = await open(
      modelOf(
        "(1, 'a', 1), (1, null, 9)",
        'key: [id]\ncolumns:\n  - name: name\n    tests:\n      - not_null\n  - name: size\n    tests:\n      - between: { max: 5 }\n',
      ),
    );
    const events: BuildEvent[] = [];
    const error = await failure(project.build([], { onEvent: (event) => events.push(event) }));
    expect(error.problems.map(({ file, line }) => [file, line])).toEqual([
      ['models/x.yml', 3],
      ['models/x.yml', 7],
      ['models/x.yml', 10],
    ]);
    expect(events.flatMap((event) => (event.kind === 'test_failed' ? [event.test] : []))).toEqual([
      'primary key unique',
      'not_null name',
      'between size',
    ]);
  });

  test('may read other models, inline ones too, and sources, and take parameters', async () => {
    const project = await open({
      ...smallProject,
      'models/leads.yml': [
        'sql: sql/leads.sql',
        'key: [lead_id]',
        'params: { least: { type: integer, default: 3 } }',
        'tests:',
        '  - sql: sql/leads_without_logins.sql',
      ].join('\n'),
      'sql/leads_without_logins.sql': [
        "select l.lead_id from {{ ref('leads') }} l",
        "where not exists (select 1 from {{ ref('logins') }} g where g.lead_id = l.lead_id)",
        "  and l.lead_id >= {{ param('least') }}",
        "  and l.lead_id in (select lead_id from {{ source('app', 'users') }})",
      ].join('\n'),
    });
    const error = await failure(project.build(['leads', 'logins']));
    expect(error.problems.map(({ message }) => message)).toEqual([
      '`leads_without_logins` returned 1 row: expected none',
    ]);
  });

  test('that names what is not there is refused by the warehouse, in the model’s file', async () => {
    const project = await open(modelOf("(1, 'a', 1)", 'key: [idd]\n'));
    const error = await failure(project.build());
    expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', problems: [{ file: 'models/x.yml', line: 3 }] });
  });
});

describe('a model that does not pass', () => {
  const withRepeatedKey = `${smallProject['data/users.csv']}3,cat@other.example,intern,1\n`;

  test('leaves its live table as it was, and what was built from it too', async () => {
    const project = await open(smallProject);
    await project.build();
    const before = await project.query('select * from scoreline.lead_score order by lead_id');
    project.write({ 'data/users.csv': withRepeatedKey });
    const error = await failure(project.build());
    expect(error).toMatchObject({
      code: 'GUARD_TEST_FAILED',
      details: { built: ['logins'], failed: ['leads'], skipped: ['lead_score', 'hot_leads'] },
    });
    expect(error.message).toContain('for example lead_id 3');
    expect(await project.query('select count(*) as n from scoreline.leads')).toEqual([{ n: 4 }]);
    expect(await project.query('select * from scoreline.lead_score order by lead_id')).toEqual(before);
  });

  test('keeps the rows that did not pass for a look at them, until the next build', async () => {
    const project = await open({ ...smallProject, 'data/users.csv': withRepeatedKey });
    const error = await failure(project.build(['leads']));
    expect(error.hint).toContain('scoreline.leads__building');
    expect(await project.query('select count(*) as n from scoreline.leads__building')).toEqual([{ n: 5 }]);
    project.write({ 'data/users.csv': smallProject['data/users.csv'] ?? '' });
    await project.build(['leads']);
    expect([...(await project.warehouse.relations('scoreline')).keys()]).toEqual(['leads']);
  });

  test('does not stop models that do not read it, whose failures are told as well', async () => {
    const project = await open({
      'sql/a.sql': 'select 1 as id union all select 1',
      'sql/b.sql': 'select nothing as id',
      'sql/c.sql': 'select 1 as id',
      'models/a.yml': 'sql: sql/a.sql\nkey: [id]\n',
      'models/b.yml': 'sql: sql/b.sql\nkey: [id]\n',
      'models/c.yml': 'sql: sql/c.sql\nkey: [id]\n',
    });
    const error = await failure(project.build());
    expect(error).toMatchObject({
      code: 'GUARD_TEST_FAILED',
      problems: [{ code: 'GUARD_TEST_FAILED' }, { code: 'WAREHOUSE_REFUSED', file: 'sql/b.sql' }],
      details: { built: ['c'], failed: ['a', 'b'] },
    });
    expect(error.message).toBe('2 models were not built: a, b. Built, and they stay: c.');
  });

  test('is not made a view of', async () => {
    const project = await open({
      'sql/v.sql': 'select null as id',
      'models/v.yml': 'sql: sql/v.sql\nkey: [id]\nmaterialize: view\n',
    });
    await failure(project.build());
    expect([...(await project.warehouse.relations('scoreline')).keys()]).toEqual([]);
  });

  test('stops whoever reads it, although it is inline', async () => {
    const project = await open({
      'sql/i.sql': 'select null as id',
      'sql/t.sql': "select * from {{ ref('i') }}",
      'models/i.yml': 'sql: sql/i.sql\nkey: [id]\nmaterialize: inline\n',
      'models/t.yml': 'sql: sql/t.sql\n',
    });
    expect((await failure(project.build())).details).toEqual({ built: [], failed: ['i'], skipped: ['t'] });
  });

  test('is a scorecard whose entity has a key twice or none: the hint names the entity', async () => {
    const project = await open({
      ...smallProject,
      'config/scoreline.yml': String(smallProject['config/scoreline.yml']).replace(
        `"{{ ref('leads') }}"`,
        `"{{ source('app', 'users') }}"`,
      ),
      'data/users.csv': `${withRepeatedKey},nobody@one.example,intern,1\n`,
    });
    const error = await failure(project.build(['logins', 'lead_score']));
    expect(error.problems).toMatchObject([
      { file: 'models/lead_score.yml', line: 3, message: '1 row has no primary key: `lead_id` is null' },
      { message: expect.stringContaining('for example lead_id 3'), hint: expect.stringContaining('entity `lead`') },
    ]);
  });
});
