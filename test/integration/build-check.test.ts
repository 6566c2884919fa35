import { afterEach, describe, expect, test } from 'vitest';
import { readableModel } from '../../src/build/readable-model.ts';
import { OpenProject } from '../support/open-project.ts';
import { type ProjectFiles, smallProject } from '../support/project-files.ts';
import { testWarehouse } from '../support/temp-warehouse.ts';

const opened: OpenProject[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.close();
});

const open = async (files: ProjectFiles) => {
  const project = await OpenProject.open(files);
  opened.push(project);
  return project;
};

const changed = (path: string, from: string, to: string): ProjectFiles => {
  const text = String(smallProject[path]);
  if (!text.includes(from)) throw new RangeError(`${path} has no ${from}`);
  return { ...smallProject, [path]: text.replaceAll(from, to) };
};

const problemsOf = async (files: ProjectFiles) => (await (await open(files)).check()).problems;

describe('checking against the warehouse', () => {
  test('accepts a good project, tells its columns, and builds nothing', async () => {
    const project = await open(smallProject);
    const { problems, columns, unchecked } = await project.check();
    expect(problems).toEqual([]);
    expect(unchecked).toEqual([]);
    expect(columns.get('hot_leads')?.map(({ name }) => name)).toEqual(['lead_id']);
    expect(columns.get('lead_score')?.map(({ name }) => name)).toContain('points__team_size');
    expect(columns.get('logins')?.map(({ type }) => type.kind)).toEqual(['integer', 'timestamp', 'text']);
    expect(await project.warehouse.relations('scoreline')).toEqual(new Map());
  });

  test('does not mind that the models are built already, with other columns', async () => {
    const project = await open(smallProject);
    await project.build();
    project.write({
      'sql/leads.sql': `${String(smallProject['sql/leads.sql']).replace('seats', 'seats, 1 as fresh')}`,
      'models/hot_leads.yml': 'kind: audience\nentity: lead\nfrom: lead_score\nwhere: "fresh = 1"\n',
    });
    expect((await project.check()).problems).toEqual([]);
  });

  test('finds every model that is refused, and leaves out those that read one', async () => {
    const project = await open({
      ...smallProject,
      'sql/leads.sql': "select lead_id,\n  emial as email\nfrom {{ source('app', 'users') }}",
      'sql/logins.sql': "select lead_id,\n  login_at +\nfrom {{ source('app', 'logins') }}",
    });
    const { problems, unchecked } = await project.check();
    expect(problems).toMatchObject([
      { code: 'WAREHOUSE_REFUSED', file: 'sql/leads.sql', line: 2, column: 3 },
      { code: 'WAREHOUSE_REFUSED', file: 'sql/logins.sql' },
    ]);
    expect(unchecked).toEqual(['lead_score', 'hot_leads']);
  });

  test('finds a wrong column of a scorecard and of an audience in their YAML files', async () => {
    expect(await problemsOf(changed('models/lead_score.yml', 'ln(1 + seats)', 'ln(1 + seets)'))).toMatchObject([
      { file: 'models/lead_score.yml', line: 25, column: 20, message: expect.stringContaining('seets') },
    ]);
    expect(await problemsOf(changed('models/hot_leads.yml', "tier = 'hot'", "teir = 'hot'"))).toMatchObject([
      { file: 'models/hot_leads.yml', line: 4, column: 9 },
    ]);
  });

  test('finds events without the key of the entity, at the rules that read them', async () => {
    const problems = await problemsOf(changed('sql/logins.sql', 'lead_id,', 'lead_id as lead_idd,'));
    expect(problems).toMatchObject([
      { code: 'MODEL_INVALID', file: 'models/lead_score.yml', line: 9, hint: 'Did you mean `lead_idd`?' },
      { code: 'MODEL_INVALID', file: 'models/lead_score.yml', line: 20 },
    ]);
    expect(problems[0]?.message).toBe(
      'the events of rule `logged_in` have no column `lead_id`, the key of entity `lead`',
    );
  });

  test('finds events that are read from a source, without a model', async () => {
    const files = changed('models/lead_score.yml', `"{{ ref('logins') }}"`, `"{{ source('app', 'logins') }}"`);
    expect(await problemsOf(files)).toEqual([]);
    // Only DuckDB reads files.
    if (testWarehouse() !== 'duckdb') return;
    expect(await problemsOf({ ...files, 'data/logins.csv': null })).toMatchObject([
      { file: 'models/lead_score.yml', line: 9, hint: expect.stringContaining('`files`') },
      { file: 'sql/logins.sql' },
    ]);
  });

  test('finds columns that keys, tests and descriptions name and the model lacks', async () => {
    const problems = await problemsOf({
      'sql/x.sql': 'select 1 as id, 2 as size',
      'sql/y.sql': "select * from {{ ref('x') }}",
      'models/x.yml': [
        'sql: sql/x.sql',
        'key: [idd]',
        'columns:',
        '  - { name: sice, tests: [not_null] }',
        'tests:',
        '  - unique: [id, sizes]',
      ].join('\n'),
      'models/y.yml': [
        'sql: sql/y.sql',
        'columns:',
        '  - { name: id, tests: [{ relationship: { to: x, field: key } }] }',
      ].join('\n'),
    });
    expect(problems).toMatchObject([
      { file: 'models/x.yml', line: 2, message: 'model `x` has no column `idd`', hint: 'Did you mean `id`?' },
      { file: 'models/x.yml', line: 4, message: 'model `x` has no column `sice`', hint: 'Did you mean `size`?' },
      { file: 'models/x.yml', line: 6, message: 'model `x` has no column `sizes`' },
      { file: 'models/y.yml', line: 3, message: 'model `x` has no column `key`' },
    ]);
  });

  test('finds tests that the warehouse would refuse', async () => {
    const problems = await problemsOf({
      'sql/x.sql': "select 'a' as id",
      'models/x.yml': 'sql: sql/x.sql\ntests:\n  - sql: "select * from {{ ref(\'x\') }} where idd = 1"\n',
    });
    expect(problems).toMatchObject([{ file: 'models/x.yml', line: 3, message: expect.stringContaining('idd') }]);
  });

  test('finds columns that entities and syncs name and their models lack', async () => {
    expect(await problemsOf(changed('syncs/leads_to_hubspot.yml', 'column: reasons', 'column: reason'))).toMatchObject([
      { code: 'SYNC_INVALID', file: 'syncs/leads_to_hubspot.yml', line: 9, hint: 'Did you mean `reasons`?' },
    ]);
    expect(await problemsOf(changed('syncs/leads_to_hubspot.yml', 'email: email', 'email: e_mail'))).toMatchObject([
      { code: 'SYNC_INVALID', file: 'syncs/leads_to_hubspot.yml', line: 4, hint: 'Did you mean `email`?' },
    ]);
    const files = changed(
      'config/scoreline.yml',
      'key: lead_id',
      'key: lead_id\n    belongs_to: { account: account_id }\n  account:\n    relation: "{{ ref(\'leads\') }}"\n    key: lead_id',
    );
    expect(await problemsOf(files)).toMatchObject([
      { code: 'CONFIG_INVALID', file: 'config/scoreline.yml', line: 10, value: 'account_id' },
    ]);
  });

  test('finds a column that a score table and its people both have', async () => {
    const problems = await problemsOf(changed('sql/leads.sql', 'seats', 'seats, 1 as score'));
    expect(problems).toMatchObject([{ code: 'MODEL_INVALID', file: 'models/lead_score.yml', line: 3, value: 'score' }]);
  });

  test('finds a column that a model has twice', async () => {
    const problems = await problemsOf({ 'sql/x.sql': 'select 1 as id, 2 as ID', 'models/x.yml': 'sql: sql/x.sql\n' });
    expect(problems).toMatchObject([{ file: 'sql/x.sql', message: 'model `x` has two columns called `id`' }]);
  });
});

describe('a readable model', () => {
  const rows = async (project: OpenProject, name: string) => {
    const { select, key } = readableModel(project.compile(), name);
    return { key, rows: await project.warehouse.query(project.warehouse.dialect.compile(select)) };
  };

  test('that is scored has the columns of its entity beside its own', async () => {
    const project = await open(smallProject);
    await project.build();
    const { key, rows: found } = await rows(project, 'lead_score');
    expect(key).toEqual(['lead_id']);
    expect(found).toHaveLength(4);
    expect(found.find(({ lead_id: id }) => id === 1)).toMatchObject({ email: 'ann@one.example', tier: 'hot' });
  });

  test('may be a table, an audience or inline, and its entity may live in an inline model', async () => {
    const project = await open({
      ...smallProject,
      'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\nmaterialize: inline\n',
    });
    await project.build();
    expect((await rows(project, 'hot_leads')).rows).toHaveLength(2);
    expect((await rows(project, 'leads')).rows).toHaveLength(4);
    expect((await rows(project, 'lead_score')).rows.map(({ email }) => email)).toContain('ann@one.example');
  });
});
