import { describe, expect, test } from 'vitest';
import { scoreline } from '../support/command-line.ts';
import { type ProjectFiles, smallProject, writeFiles, writeProject } from '../support/project-files.ts';

const run = async (files: ProjectFiles, line = 'test') => {
  const { exitCode, out, err } = await scoreline(writeProject({ ...smallProject, ...files }), `${line} --output json`);
  const { tests, error } = JSON.parse(out);
  return { exitCode, err, tests, problems: (error?.problems ?? []).map(placed), error };
};

const placed = ({ file, line, column, message, hint }: Record<string, unknown>) =>
  `${file}:${line}:${column} ${message}${hint === undefined ? '' : ` | ${hint}`}`;

/** A file of tests beside the models. */
const beside = (tests: string): ProjectFiles => ({ 'models/score_tests.yml': `unit_tests:\n${tests}` });

describe('a unit test of a scorecard', () => {
  const scored = beside(`  - name: recent logins of a director
    model: lead_score
    as_of: 2026-02-01
    given:
      - input: ref('leads')
        rows:
          - { lead_id: 1, seniority: director }
          - { lead_id: 2, seats: 0 }
      - input: "{{ source('app', 'logins') }}"
        rows:
          - { lead_id: 1, login_at: 2026-02-01, device: web }
          - { lead_id: 1, login_at: 2026-01-18 08:00, device: web }
          - { lead_id: 1, login_at: 2026-01-31, device: ios }
          - { lead_id: 1, login_at: 2026-02-01 00:00:01, device: web }
    expect:
      rows:
        - { lead_id: 2, score: 0, points__silent_30_days: -10 }
        - { lead_id: 1, score: 60, tier: hot, points__logged_in: 30, points__silent_30_days: 0 }
`);

  test('runs the model and its inline models over the given rows and nothing else', async () => {
    const { exitCode, tests, problems } = await run(scored);
    expect(problems).toEqual([]);
    expect(tests).toEqual([
      {
        model: 'lead_score',
        test: 'recent logins of a director',
        file: 'models/score_tests.yml',
        line: 2,
        result: 'passed',
        seconds: expect.any(Number),
      },
    ]);
    expect(exitCode).toBe(0);
  });

  test('shows what differs by row and column, whatever the order, and exits 6', async () => {
    const changed = scored['models/score_tests.yml']?.toString().replace('score: 0,', 'score: 1, tier: warm,') ?? '';
    const { exitCode, tests, problems, error } = await run({ 'models/score_tests.yml': changed });
    expect(exitCode).toBe(6);
    expect(error).toMatchObject({ code: 'GUARD_UNIT_TEST', message: '1 unit test of 1 did not pass' });
    expect(tests[0].differences).toEqual([
      {
        kind: 'changed',
        row: 'lead_id 2',
        line: 18,
        cells: [
          { column: 'score', expected: '1', actual: '0.00' },
          { column: 'tier', expected: 'warm', actual: 'cold' },
        ],
      },
    ]);
    expect(problems).toEqual([
      'models/score_tests.yml:18:11 `lead_score`: recent logins of a director: lead_id 2: `score` is 0.00, expected 1',
    ]);
  });

  test('builds nothing, and needs nothing but the given rows', async () => {
    const dir = writeProject({ ...smallProject, ...scored, 'data/users.csv': null, 'data/logins.csv': null });
    const { exitCode, err } = await scoreline(dir, 'test --output table');
    expect([exitCode, err]).toEqual([0, '']);
    const built = await scoreline(dir, 'status --output json');
    expect(JSON.parse(built.out).models.filter(({ rows }: { rows: number | null }) => rows !== null)).toEqual([]);
  });

  test('does not depend on the instant and the parameters of the command line', async () => {
    const { tests } = await run(scored, 'test --as-of 2020-01-01 --param half_life=1d');
    expect(tests).toMatchObject([{ result: 'passed' }]);
  });

  test('takes parameters of its own', async () => {
    const text = scored['models/score_tests.yml']
      ?.toString()
      .replace('given:', 'params: { half_life: 7d }\n    given:');
    const { tests } = await run({ 'models/score_tests.yml': text ?? '' });
    expect(tests[0].differences[0].cells).toContainEqual({
      column: 'points__logged_in',
      expected: '30',
      actual: '25.000000',
    });
  });
});

/** A SQL model with a key and one without, over one input with columns of many types. */
const typed: ProjectFiles = {
  'sql/things.sql': `select * from (values
  (1, 'a', 1.50::decimal(10, 2), true, date '2026-01-31', timestamptz '2026-01-31 08:00:00+00', 0.1::double)
) as t(id, name, price, is_new, day, met_at, ratio)`,
  'models/things.yml': 'sql: sql/things.sql\nkey: [id]\n',
  'sql/copy.sql': "select * from {{ ref('things') }}",
  'models/copy.yml': 'sql: sql/copy.sql\nkey: [id]\n',
  'sql/names.sql': "select name, count(*) as n, sum(ratio) as ratio from {{ ref('things') }} group by name",
  'models/names.yml': 'sql: sql/names.sql\n',
};

describe('given rows', () => {
  test('have the types of the relation that they stand for, and null where they say nothing', async () => {
    const { tests, problems } = await run({
      ...typed,
      'models/copy_tests.yml': `unit_tests:
  - name: every type
    model: copy
    given:
      - input: ref('things')
        rows:
          - { id: 1, name: 7, price: 2.5, is_new: false, day: 2026-02-01, met_at: 2026-02-01 10:00, ratio: 3 }
          - { ID: 2 }
    expect:
      rows:
        - { id: 1, name: 7, price: 2.5, is_new: false, day: 2026-02-01, met_at: 2026-02-01T10:00:00Z, ratio: 3.0 }
        - { id: 2, name: null, price: null, is_new: null, day: null, met_at: null, ratio: null }
`,
    });
    expect(problems).toEqual([]);
    expect(tests).toMatchObject([{ result: 'passed' }]);
  });

  test('without a relation that the warehouse knows have the types of their values', async () => {
    const { tests, problems } = await run({
      'sql/days.sql': `select id, met_at, day, n + 0.5 as n, is_new, extract(hour from met_at) as hour, extract(dow from day) as dow
from {{ source('app', 'nowhere') }}`,
      'models/days.yml': 'sql: sql/days.sql\nkey: [id]\n',
      'config/scoreline.yml':
        smallProject['config/scoreline.yml']
          ?.toString()
          .replace('logins: {}', 'logins: {}\n      nowhere: {}')
          .replace('files: {', 'files: { nowhere: data/nowhere.csv,') ?? '',
      'models/day_tests.yml': `unit_tests:
  - name: guessed types
    model: days
    given:
      - input: source('app', 'nowhere')
        rows:
          - { id: x, met_at: 2026-02-01 10:00, day: 2026-02-01, n: 1, is_new: true }
    expect: { rows: [{ id: x, hour: 10, dow: 0, n: 1.5, is_new: true }] }
`,
    });
    expect(problems).toEqual([]);
    expect(tests).toMatchObject([{ result: 'passed' }]);
  });

  test('that lack a column which nobody knows are told of', async () => {
    const { exitCode, problems } = await run({
      ...beside(`  - name: no seats
    model: lead_score
    as_of: 2026-02-01
    given: [{ input: ref('leads'), rows: [{ lead_id: 1, seniority: vp }] }]
    expect: { rows: [] }
`),
      'data/users.csv': null,
    });
    expect(exitCode).toBe(4);
    expect(problems).toEqual([expect.stringMatching(/seats.* \| The warehouse does not know `leads`, so that only/)]);
  });

  test('of a model without key are compared as they come, pairing those that agree most', async () => {
    const { tests } = await run({
      ...typed,
      'models/name_tests.yml': `unit_tests:
  - name: counts
    model: names
    given:
      - input: ref('things')
        rows: [{ name: a, ratio: 0.1 }, { name: a, ratio: 0.2 }, { name: b }, { name: c }]
    expect:
      rows:
        - { name: a, n: 2, ratio: 0.3 }
        - { name: b, n: 2, ratio: null }
        - { name: d, n: 5, ratio: 9 }
        - { name: a }
`,
    });
    expect(tests[0].differences).toEqual([
      expect.objectContaining({ kind: 'changed', row: 'row 2', cells: [{ column: 'n', expected: '2', actual: '1' }] }),
      expect.objectContaining({ kind: 'missing', row: 'row 3' }),
      expect.objectContaining({ kind: 'missing', row: 'row 4' }),
      { kind: 'unexpected', row: 'name c, n 1, ratio null' },
    ]);
  });
});

describe('a unit test that cannot run', () => {
  test('has each problem at its place, and does not keep others from running', async () => {
    const { exitCode, tests, problems } = await run({
      ...typed,
      'models/bad_tests.yml': `unit_tests:
  - name: misspelt
    model: copy
    given: [{ input: ref('things'), rows: [{ id: 1, pricee: 2 }] }]
    expect: { rows: [{ idd: 1 }] }
  - name: another input
    model: copy
    given: [{ input: ref('leads'), rows: [] }]
    expect: { rows: [] }
  - name: no instant
    model: lead_score
    expect: { rows: [] }
  - name: no number
    model: copy
    given: [{ input: ref('things'), rows: [{ id: many }] }]
    expect: { rows: [{ id: 1 }] }
  - name: unknown column
    model: copy
    expect: { rows: [{ idd: 1 }] }
  - name: nothing
    model: copy
    expect: { rows: [] }
`,
    });
    expect(exitCode).toBe(3);
    expect(tests.map(({ result }: { result: string }) => result)).toEqual([
      'refused',
      'refused',
      'refused',
      'refused',
      'passed',
      'refused',
    ]);
    expect(problems).toEqual([
      'models/bad_tests.yml:4:61 `things` has no column `pricee` | Did you mean `price`?',
      'models/bad_tests.yml:8:22 `copy` does not read `leads` | Known: things.',
      expect.stringMatching(/^models\/bad_tests.yml:13:5 `copy`: no number: .*'many'.* \| A given value does not fit/),
      'models/bad_tests.yml:19:29 `copy` has no column `idd` | Did you mean `id`?',
      'models/bad_tests.yml:10:5 `as_of` is missing, and the rows of `lead_score` depend on it: expected a date or a time | Write for instance `as_of: 2026-01-31` in the test.',
    ]);
  });

  test('is refused when the files are read where it names what is not there', async () => {
    const { exitCode, problems } = await run(
      {
        ...beside(`  - name: a
    model: lead_scores
    as_of: soon
    given:
      - { input: ref('lead') }
      - { input: leads }
      - { input: ref('leads') }
      - { input: ref('leads') }
    expect: { rows: [] }
  - name: b
    given:
      - { input: ref('lead') }
      - input: source('ap', 'users')
      - input: source('app', 'user')
    params: { half_lif: 7d, half_life: 3 }
    model: lead_score
    expect: { rows: [[1]] }
  - name: c
    given: [{ input: ref('lead') }]
    params: { half_lif: 7d, half_life: 3 }
    model: lead_scor
    expect: { rows: [] }
  - { name: c, expect: {} }
`),
      },
      'check --offline',
    );
    expect(exitCode).toBe(3);
    expect(problems).toEqual([
      'models/score_tests.yml:3:12 unknown model `lead_scores` | Did you mean `lead_score`?',
      'models/score_tests.yml:4:12 `as_of` is soon: expected a date or a time',
      'models/score_tests.yml:6:18 unknown model `lead` | Did you mean `leads`?',
      "models/score_tests.yml:7:18 `input` is leads: expected ref('model'), source('source', 'table') or history",
      'models/score_tests.yml:9:18 this input is given twice',
      'models/score_tests.yml:18:22 `unit_tests[1].expect.rows[0]` is a list: expected a map of columns and values',
      'models/score_tests.yml:20:22 unknown model `lead` | Did you mean `leads`?',
      'models/score_tests.yml:21:15 unknown parameter `half_lif` | Did you mean `half_life`?',
      'models/score_tests.yml:21:40 parameter `half_life` is 3: expected a duration such as 14d',
      'models/score_tests.yml:22:12 unknown model `lead_scor` | Did you mean `lead_score`?',
      'models/score_tests.yml:24:5 `model` is missing: expected the name of the model under test',
      'models/score_tests.yml:24:13 the unit test `c` stands twice in this file',
    ]);
  });
});

describe('a unit test of another scored kind', () => {
  test('has the tiers before from `history`, which counts for hysteresis', async () => {
    const text = `${smallProject['models/lead_score.yml']}hysteresis: 5\n`;
    const leads = (key: number) => `{ lead_id: ${key}, seniority: director, seats: 250 }`;
    const { tests, problems } = await run({
      'models/lead_score.yml': text.replace('at: 60', 'at: 43'),
      ...beside(`  - name: keeps a tier by a hair
    model: lead_score
    as_of: 2026-02-01
    given:
      - { input: ref('leads'), rows: [${leads(1)}, ${leads(2)}, ${leads(3)}] }
      - input: history
        rows:
          - { key: 1, as_of: 2026-01-31, tier: hot, score: 60 }
          - { key: 2, as_of: 2026-01-31, tier: warm, score: 40 }
          - { key: 3, as_of: 2026-01-31, tier: hot, score: 60, model_version: another }
    expect:
      rows:
        - { lead_id: 1, score: 40, tier: hot }
        - { lead_id: 2, score: 40, tier: warm }
        - { lead_id: 3, score: 40, tier: warm }
`),
    });
    expect(problems).toEqual([]);
    expect(tests).toMatchObject([{ result: 'passed' }]);
  });

  test('gives the scores that it combines', async () => {
    const { tests, problems } = await run({
      'models/blend.yml': `kind: combine
entity: lead
inputs: { usage: lead_score }
score: 0.5 * usage
tiers: [{ name: high, at: 30 }, { name: low }]
unit_tests:
  - name: half of the usage
    as_of: 2026-02-01
    given:
      - { input: ref('leads'), rows: [{ lead_id: 1 }, { lead_id: 2 }] }
      - { input: ref('lead_score'), rows: [{ lead_id: 1, score: 70, tier: hot }, { lead_id: 2, score: 20, tier: cold }] }
    expect: { rows: [{ lead_id: 1, score: 35, tier: high }, { lead_id: 2, score: 10, tier: low }] }
`,
    });
    expect(problems).toEqual([]);
    expect(tests).toMatchObject([{ result: 'passed' }]);
  });

  test('takes the rows of the model that an audience is from', async () => {
    const { tests, problems } = await run({
      ...beside(`  - name: only the hot
    model: hot_leads
    given:
      - { input: ref('leads'), rows: [{ lead_id: 1 }, { lead_id: 2 }] }
      - { input: ref('lead_score'), rows: [{ lead_id: 1, tier: hot }, { lead_id: 2, tier: warm }] }
    expect: { rows: [{ lead_id: 1 }] }
`),
    });
    expect(problems).toEqual([]);
    expect(tests).toMatchObject([{ result: 'passed' }]);
  });
});

test('tests of a model may stand in its own file, and are chosen by the model', async () => {
  const files: ProjectFiles = {
    ...typed,
    'models/copy.yml': `sql: sql/copy.sql
key: [id]
unit_tests:
  - name: copies
    given: [{ input: ref('things'), rows: [{ id: 1 }] }]
    expect: { rows: [{ id: 1 }] }
`,
    ...beside('  - { name: no leads, model: lead_score, as_of: 2026-02-01, expect: { rows: [] } }\n'),
  };
  expect((await run(files)).tests).toMatchObject([{ model: 'copy' }, { model: 'lead_score' }]);
  expect((await run(files, 'test copy')).tests).toMatchObject([{ model: 'copy', result: 'passed' }]);
  expect((await run(files, 'test leads+')).tests).toMatchObject([{ model: 'lead_score', result: 'passed' }]);
});

test('a project without unit tests says how to write one', async () => {
  const dir = writeProject(smallProject);
  const { exitCode, out } = await scoreline(dir, 'test --output table');
  expect(exitCode).toBe(0);
  expect(out).toContain('unit_tests:');
});

test('a terminal gets the differences as a table', async () => {
  const dir = writeProject({ ...smallProject, ...typed });
  writeFiles(dir, {
    'models/copy_tests.yml': `unit_tests:
  - name: twice
    model: copy
    given: [{ input: ref('things'), rows: [{ id: 1, name: a }, { id: 3 }] }]
    expect: { rows: [{ id: 1, name: b }, { id: 2, name: null }] }
`,
  });
  const { out } = await scoreline(dir, 'test --output table');
  expect(out).toBe(`failed  copy: twice  models/copy_tests.yml:2
        row   column  expected  actual
        ───────────────────────────────
        id 1  name    b         a
        id 2          a row     none
        id 3          none      a row


0 unit tests passed, 1 failed in 0.0 s
`);
});
