import { describe, expect, test } from 'vitest';
import { ScorelineError } from '../../../src/errors/scoreline-error.ts';
import { type CompileOptions, compile } from '../../support/open-project.ts';
import { minimalConfig, type ProjectFiles, smallProject } from '../../support/project-files.ts';

const statement = (files: ProjectFiles, model: string, options?: CompileOptions) => {
  const found = compile(files, options).models.get(model);
  if (found === undefined) throw new RangeError(`no model ${model}`);
  return found.statement;
};

const refusal = (files: ProjectFiles, options?: CompileOptions): ScorelineError => {
  try {
    compile(files, options);
  } catch (error) {
    if (error instanceof ScorelineError) return error;
    throw error;
  }
  return expect.unreachable('the project compiled');
};

describe('relations', () => {
  test('a model is read from its table in the schema of the target', () => {
    const { text } = statement(
      { ...smallProject, 'sql/top.sql': "select * from {{ ref('leads') }}", 'models/top.yml': 'sql: sql/top.sql\n' },
      'top',
    );
    expect(text).toBe('select * from "scoreline"."leads"');
  });

  test('a source is the file of the target, else a table in the schema of the target or its own', () => {
    const config = (sources: string, target: string) => ({
      'config/scoreline.yml': `${minimalConfig}    ${target}\n${sources}`,
      'sql/x.sql': "select * from {{ source('app', 'users') }}",
      'models/x.yml': 'sql: sql/x.sql\n',
    });
    const from = (sources: string, target = 'schema: scoreline') => statement(config(sources, target), 'x').text;
    expect(from('sources: { app: { schema: raw, tables: { users: {} } } }')).toBe('select * from "raw"."users"');
    expect(from('sources: { app: { schema: raw, tables: { users: { identifier: Users V2 } } } }')).toBe(
      'select * from "raw"."Users V2"',
    );
    expect(from('sources: { app: { database: prod, schema: raw, tables: { users: {} } } }')).toBe(
      'select * from "prod"."raw"."users"',
    );
    expect(
      from(
        'sources: { app: { schema: raw, tables: { users: {} } } }',
        'sources: { app: { database: db, schema: mine } }',
      ),
    ).toBe('select * from "db"."mine"."users"');
    expect(
      from('sources: { app: { tables: { users: {} } } }', 'sources: { app: { files: { users: data/users.parquet } } }'),
    ).toMatch(/^select \* from read_parquet\('.*\/data\/users\.parquet'/);
  });

  test('a file that the warehouse cannot read is refused at its line', () => {
    const error = refusal({
      ...smallProject,
      'config/scoreline.yml': String(smallProject['config/scoreline.yml']).replace('data/users.csv', 'data/users.xlsx'),
    });
    expect(error.problems).toMatchObject([{ code: 'CONFIG_INVALID', file: 'config/scoreline.yml', line: 21 }]);
  });
});

describe('inline models', () => {
  const files: ProjectFiles = {
    'sql/raw.sql': 'select 1 as id',
    'sql/clean.sql': "with raw as (select * from {{ ref('raw') }}) select id from raw",
    'sql/both.sql':
      "with clean as (select * from {{ ref('clean') }})\nselect * from clean join {{ ref('raw') }} using (id)",
    'models/raw.yml': 'sql: sql/raw.sql\nmaterialize: inline\n',
    'models/clean.yml': 'sql: sql/clean.sql\nmaterialize: inline\n',
    'models/both.yml': 'sql: sql/both.sql\n',
  };

  test('stand in front of whoever reads them, each once and after those it reads', () => {
    expect(statement(files, 'both').text).toBe(
      [
        'with "inline__raw" as (',
        'select 1 as id',
        '),',
        '"inline__clean" as (',
        'with raw as (select * from "inline__raw") select id from raw',
        ')',
        'select * from (',
        'with clean as (select * from "inline__clean")',
        'select * from clean join "inline__raw" using (id)',
        ') as "both"',
      ].join('\n'),
    );
  });

  test('bring their binds along, in the order of the text', () => {
    const { text, binds } = statement(
      {
        ...files,
        'sql/raw.sql': "select {{ param('low') }} as id",
        'models/raw.yml': 'sql: sql/raw.sql\nmaterialize: inline\nparams: { low: { type: integer, default: 3 } }\n',
        'sql/both.sql': "select * from {{ ref('raw') }} where id < {{ param('high') }}",
        'models/both.yml': 'sql: sql/both.sql\nparams: { high: { type: integer, default: 9 } }\n',
      },
      'both',
    );
    expect(binds.map(({ value }) => value)).toEqual([3, 9]);
    expect(text.indexOf('$1')).toBeLessThan(text.indexOf('$2'));
  });
});

describe('parameters', () => {
  const files: ProjectFiles = {
    'sql/x.sql': "select {{ param('seats') }} as seats, {{ param('as_of') }} as as_of",
    'models/x.yml': 'sql: sql/x.sql\nparams: { seats: { type: integer, default: 5 } }\n',
  };

  test('are typed binds, and the command line wins', () => {
    expect(statement(files, 'x').binds).toEqual([
      { type: { kind: 'integer' }, value: 5 },
      { type: { kind: 'timestamp' }, value: '2026-02-01T00:00:00.000Z' },
    ]);
    expect(statement(files, 'x', { params: { seats: '7' } }).binds[0]?.value).toBe(7);
  });

  test('that nobody declared or that do not fit are a wrong command line', () => {
    const error = refusal(files, { params: { seat: '7', seats: 'many' } });
    expect(error).toMatchObject({ code: 'USAGE_INVALID', exitCode: 2 });
    expect(error.problems.map(({ message }) => message)).toEqual([
      'unknown parameter `seat`',
      'parameter `seats` is "many": expected a whole number',
    ]);
  });

  test('are refused in a view, also through an inline model, at the line that reads them', () => {
    const error = refusal({
      ...files,
      'models/x.yml': 'sql: sql/x.sql\nmaterialize: inline\nparams: { seats: { type: integer, default: 5 } }\n',
      'sql/v.sql': "select *\nfrom {{ ref('x') }}\nwhere seats > {{ param('as_of') }}",
      'models/v.yml': 'sql: sql/v.sql\nmaterialize: view\n',
    });
    expect(error.problems).toMatchObject([
      { code: 'MODEL_INVALID', file: 'sql/v.sql', line: 3, column: 18, value: 'as_of' },
      { code: 'MODEL_INVALID', file: 'sql/x.sql', line: 1, value: 'seats' },
      { code: 'MODEL_INVALID', file: 'sql/x.sql', line: 1, value: 'as_of' },
    ]);
    expect(error.problems[1]?.message).toContain('through the inline model `x`');
  });
});

describe('problems', () => {
  test('of all models come at once, circles included', () => {
    const error = refusal({
      'sql/a.sql': "select *\nfrom {{ ref('b') }}",
      'sql/b.sql': "select * from {{ ref('a') }}",
      'sql/c.sql': "select * from {{ ref('leeds') }}",
      'sql/leads.sql': "select {{ source('app', 'users') }}",
      'models/a.yml': 'sql: sql/a.sql\n',
      'models/b.yml': 'sql: sql/b.sql\n',
      'models/c.yml': 'sql: sql/c.sql\n',
      'models/leads.yml': 'sql: sql/leads.sql\n',
    });
    expect(error.exitCode).toBe(3);
    expect(error.problems).toMatchObject([
      { file: 'sql/c.sql', line: 1, hint: 'Did you mean `leads`?' },
      { file: 'sql/leads.sql', line: 1 },
      { code: 'MODEL_CYCLE', file: 'sql/b.sql', line: 1, message: expect.stringContaining('a → b → a') },
    ]);
  });

  test('of a circle of inline models are reported, not looped over', () => {
    const error = refusal({
      'sql/a.sql': "select * from {{ ref('b') }}",
      'sql/b.sql': "select * from {{ ref('a') }}",
      'sql/v.sql': "select * from {{ ref('a') }}",
      'models/a.yml': 'sql: sql/a.sql\nmaterialize: inline\n',
      'models/b.yml': 'sql: sql/b.sql\nmaterialize: inline\n',
      'models/v.yml': 'sql: sql/v.sql\nmaterialize: view\n',
    });
    expect(error.problems).toMatchObject([{ code: 'MODEL_CYCLE' }]);
  });

  test('of a file that two models read are reported once', () => {
    const error = refusal({
      'sql/a.sql': "select * from {{ ref('nobody') }}",
      'models/a.yml': 'sql: sql/a.sql\n',
      'models/b.yml': 'sql: sql/a.sql\n',
    });
    expect(error.problems).toHaveLength(1);
  });

  test('a test that reads a model which reads the tested one is a circle', () => {
    const error = refusal({
      'sql/a.sql': 'select 1 as id',
      'sql/b.sql': "select * from {{ ref('a') }}",
      'models/a.yml': 'sql: sql/a.sql\ntests:\n  - sql: "select * from {{ ref(\'b\') }}"\n',
      'models/b.yml': 'sql: sql/b.sql\n',
    });
    expect(error.problems).toMatchObject([{ code: 'MODEL_CYCLE' }]);
  });

  test('the names of tables being built are reserved', () => {
    const error = refusal({ 'sql/a.sql': 'select 1 as id', 'models/a__building.yml': 'sql: sql/a.sql\n' });
    expect(error.problems).toMatchObject([{ code: 'MODEL_INVALID', file: 'models/a__building.yml' }]);
  });
});

describe('the version of a model', () => {
  const version = (files: ProjectFiles, model = 'hot_leads', options?: CompileOptions) =>
    compile({ ...smallProject, ...files }, options).models.get(model)?.modelVersion;

  test('changes with its own text, with its parameters, and with everything that it reads', () => {
    const versions = [
      version({}),
      version({ 'models/hot_leads.yml': String(smallProject['models/hot_leads.yml']).replace("'hot'", "'warm'") }),
      version({
        'models/lead_score.yml': String(smallProject['models/lead_score.yml']).replace('points: 30', 'points: 31'),
      }),
      version({ 'sql/logins.sql': `${smallProject['sql/logins.sql']}where device <> 'bot'\n` }),
      version({}, 'hot_leads', { params: { half_life: '7d' } }),
    ];
    expect(new Set(versions).size).toBe(versions.length);
  });

  test('does not change with the instant of the run', () => {
    const march = { asOf: { instant: '2026-03-01T00:00:00.000Z', day: '2026-03-01' } };
    for (const model of ['leads', 'lead_score', 'hot_leads'])
      expect(version({}, model, march)).toBe(version({}, model));
  });

  test('stands in the rows of a scorecard', () => {
    const compiled = compile(smallProject).models.get('lead_score');
    expect(compiled?.statement.text).toContain(`'${compiled?.modelVersion}' as model_version`);
  });
});
