import { afterEach, describe, expect, test } from 'vitest';
import type { BuildEvent } from '../../src/build/build-event.ts';
import { historyTables } from '../../src/build/history-tables.ts';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { OpenProject } from '../support/open-project.ts';
import { type ProjectFiles, smallProject } from '../support/project-files.ts';
import { slowWarehouse } from '../support/slow-warehouse.ts';
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

const failure = async (work: Promise<unknown>): Promise<ScorelineError> => {
  const error: unknown = await work.then(
    () => expect.unreachable('the build succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ScorelineError)) throw error;
  return error;
};

/** Tables and views of the target's schema, without those of the score history. */
const relations = async (project: OpenProject) => {
  const there = [...(await project.warehouse.relations('scoreline')).keys()];
  return there.filter((name) => !historyTables.some((table) => table === name));
};

describe('a build', () => {
  test('makes the tables and views of a project, in their order, and counts their rows', async () => {
    const project = await open({
      ...smallProject,
      'sql/seniors.sql': "select * from {{ ref('leads') }} where seniority is not null",
      'models/seniors.yml': 'sql: sql/seniors.sql\nmaterialize: view\nkey: [lead_id]\n',
    });
    const events: BuildEvent[] = [];
    const { models } = await project.build([], { onEvent: (event) => events.push(event) });
    expect(models.map(({ model, materialize, rows }) => [model, materialize, rows])).toEqual([
      ['leads', 'table', 4],
      ['logins', 'inline', null],
      ['lead_score', 'table', 4],
      ['hot_leads', 'table', 2],
      ['seniors', 'view', 3],
    ]);
    expect(models.every(({ seconds, tests }) => seconds > 0 && tests.every(({ passed }) => passed))).toBe(true);
    expect(await relations(project)).toEqual(['hot_leads', 'lead_score', 'leads', 'seniors']);
    expect(await project.query('select lead_id, tier from scoreline.lead_score order by lead_id')).toEqual([
      { lead_id: 1, tier: 'hot' },
      { lead_id: 2, tier: 'cold' },
      { lead_id: 3, tier: 'hot' },
      { lead_id: 4, tier: 'cold' },
    ]);
    expect(events.map(({ kind }) => kind)).toEqual(models.flatMap(() => ['model_started', 'model_built']));
    expect(events[4]).toEqual({ kind: 'model_started', model: 'lead_score', position: 3, total: 5 });
  });

  test('takes at most three statements for a table, two for a view, one for an inline model, and two in all beside them', async () => {
    const project = await open({
      ...smallProject,
      'sql/seniors.sql': "select * from {{ ref('leads') }} where seniority is not null",
      'models/seniors.yml': 'sql: sql/seniors.sql\nmaterialize: view\nkey: [lead_id]\n',
    });
    const slow = slowWarehouse(project.warehouse, { secondsPerStatement: 1.5 });
    await project.build([], { warehouse: slow });
    const perModel = new Map<string, string[]>();
    for (const { method, purpose = '' } of slow.roundTrips) {
      const model = / (\w+)$/.exec(purpose)?.[1] ?? '';
      perModel.set(model, [...(perModel.get(model) ?? []), method]);
    }
    expect(Object.fromEntries(perModel)).toEqual({
      scoreline: ['relations'],
      // Once, and never again: then a query reads how old the scores are.
      history: ['script'],
      leads: ['createTable', 'query', 'swap'],
      logins: ['describe'],
      lead_score: ['createTable', 'query', 'swap'],
      hot_leads: ['createTable', 'query', 'swap'],
      seniors: ['query', 'createView'],
    });
    expect(slow.virtualSeconds).toBe(14 * 1.5);

    slow.forget();
    await project.build([], { warehouse: slow });
    expect(
      slow.roundTrips.filter(({ purpose }) => purpose?.endsWith('scores are')).map(({ method }) => method),
    ).toEqual(['query']);
    expect(slow.virtualSeconds).toBe(14 * 1.5);
  });

  test('of a selection builds those models alone', async () => {
    const project = await open(smallProject);
    const { models } = await project.build(['+lead_score']);
    expect(models.map(({ model }) => model)).toEqual(['leads', 'logins', 'lead_score']);
    expect((await project.build(['hot_leads'])).models.map(({ model }) => model)).toEqual(['hot_leads']);
  });

  test('of a model whose sources of rows are not there yet is refused with the way out', async () => {
    const project = await open(smallProject);
    const error = await failure(project.build(['lead_score']));
    expect(error).toMatchObject({ code: 'USAGE_INVALID', exitCode: 2, hint: expect.stringContaining('+lead_score') });
    expect(error.message).toContain('`lead_score` reads `leads`');
    expect(await relations(project)).toEqual([]);
  });

  test('gives the same rows when it is done again', async () => {
    const project = await open(smallProject);
    await project.build();
    const before = await project.query('select * from scoreline.lead_score order by lead_id');
    await project.build();
    expect(await project.query('select * from scoreline.lead_score order by lead_id')).toEqual(before);
  });

  test('follows a model that changes from table to view and back', async () => {
    const files = { 'sql/x.sql': 'select 1 as id', 'models/x.yml': 'sql: sql/x.sql\nkey: [id]\n' };
    const project = await open(files);
    for (const materialize of ['table', 'view', 'table']) {
      project.write({ 'models/x.yml': `sql: sql/x.sql\nkey: [id]\nmaterialize: ${materialize}\n` });
      await project.build();
      expect(await project.query('select * from scoreline.x')).toEqual([{ id: 1 }]);
    }
  });

  test('takes models and columns that are called like words of SQL', async () => {
    const project = await open({
      'sql/order.sql': 'select 1 as "order", date \'2026-01-31\' as "at", \'a"b\' as "select", 2 as "a b"',
      'models/order.yml': [
        'sql: sql/order.sql',
        'key: [order, at]',
        'columns:',
        "  - { name: select, tests: [unique, { accepted_values: ['a\"b'] }] }",
        '  - { name: a b, tests: [not_null, { between: { min: 1, max: 2 } }] }',
      ].join('\n'),
      'sql/group.sql': "select * from {{ ref('order') }}",
      'models/group.yml': [
        'sql: sql/group.sql',
        'key: [at]',
        'columns:',
        '  - { name: order, tests: [{ relationship: { to: order, field: order } }] }',
      ].join('\n'),
    });
    const { models } = await project.build();
    expect(models.map(({ model, rows }) => [model, rows])).toEqual([
      ['order', 1],
      ['group', 1],
    ]);
  });

  test('drops what a run that died left behind, and nothing else', async () => {
    const project = await open(smallProject);
    await project.build();
    const leftover = { schema: 'scoreline', name: 'lead_score__building' };
    await project.warehouse.createTable(leftover, { text: 'select 1 as half', binds: [] });
    await project.warehouse.createTable({ schema: 'scoreline', name: 'mine' }, { text: 'select 1 as n', binds: [] });
    const events: BuildEvent[] = [];
    await project.build(['leads'], { onEvent: (event) => events.push(event) });
    expect(events[0]).toEqual({ kind: 'leftovers_dropped', tables: ['lead_score__building'] });
    expect(await relations(project)).toEqual(['hot_leads', 'lead_score', 'leads', 'mine']);
  });

  test('that is interrupted leaves the live tables as they were, and the next one starts afresh', async () => {
    const project = await open(smallProject);
    await project.build();
    project.write({ 'sql/leads.sql': "select 7 as lead_id, 'e@five.example' as email, 'vp' as seniority, 1 as seats" });
    const controller = new AbortController();
    const error = await failure(
      project.build([], {
        signal: controller.signal,
        onEvent: ({ kind }) => {
          if (kind === 'model_built') controller.abort();
        },
      }),
    );
    expect(error).toMatchObject({ code: 'RUN_INTERRUPTED', exitCode: 130 });
    expect(await project.query('select count(*) as n from scoreline.leads')).toEqual([{ n: 1 }]);
    expect(await project.query('select count(*) as n from scoreline.lead_score')).toEqual([{ n: 4 }]);
    await project.build();
    expect(await project.query('select count(*) as n from scoreline.lead_score')).toEqual([{ n: 1 }]);
  });
});

describe('a model that the warehouse refuses', () => {
  const broken: ProjectFiles = {
    ...smallProject,
    'sql/leads.sql': "select\n  lead_id,\n  emial\nfrom {{ source('app', 'users') }}\n",
    'sql/other.sql': 'select 1 as id',
    'models/other.yml': 'sql: sql/other.sql\nkey: [id]\n',
  };

  test('is named with its file and line; those that read it are left out and the others are built', async () => {
    const project = await open(broken);
    const events: BuildEvent[] = [];
    const error = await failure(project.build([], { onEvent: (event) => events.push(event) }));
    expect(error).toMatchObject({
      code: 'WAREHOUSE_REFUSED',
      exitCode: 4,
      problems: [{ file: 'sql/leads.sql', line: 3, column: 3, value: 'emial' }],
      details: { built: ['logins', 'other'], failed: ['leads'], skipped: ['lead_score', 'hot_leads'] },
    });
    expect(error.message).toContain('Cannot build leads');
    expect(error.message).toContain('lead_score, hot_leads');
    expect(events.filter(({ kind }) => kind === 'model_skipped')).toEqual([
      { kind: 'model_skipped', model: 'lead_score', failed: ['leads'] },
      { kind: 'model_skipped', model: 'hot_leads', failed: ['leads', 'lead_score'] },
    ]);
    expect(await relations(project)).toEqual(['other']);
  });

  test('because a value does not convert while it runs is named too', async () => {
    const project = await open({
      ...smallProject,
      'sql/leads.sql': "select lead_id,\n  cast(email as integer) as email\nfrom {{ source('app', 'users') }}\n",
    });
    const error = await failure(project.build(['leads']));
    expect(error.problems).toMatchObject([
      // PostgreSQL names no place for what goes wrong while a statement runs.
      { file: 'sql/leads.sql', line: testWarehouse() === 'duckdb' ? 2 : 1, hint: expect.stringContaining('try_cast') },
    ]);
  });

  test('is a scorecard: the wrong word is found in its YAML file', async () => {
    const project = await open({
      ...smallProject,
      'models/lead_score.yml': String(smallProject['models/lead_score.yml']).replace('"seniority in', '"seniorty in'),
    });
    const error = await failure(project.build(['+lead_score']));
    expect(error.problems).toMatchObject([{ file: 'models/lead_score.yml', line: 17, column: 12 }]);
  });

  test.skipIf(testWarehouse() !== 'duckdb')('for want of its file says where the path comes from', async () => {
    const project = await open({ ...smallProject, 'data/users.csv': null });
    const error = await failure(project.build(['leads']));
    expect(error.problems).toMatchObject([{ file: 'sql/leads.sql', message: expect.stringContaining('users.csv') }]);
    expect(error.hint).toContain('`files`');
  });
});
