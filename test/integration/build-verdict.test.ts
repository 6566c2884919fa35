import { afterEach, describe, expect, test } from 'vitest';
import { OpenProject } from '../support/open-project.ts';
import { type ProjectFiles, smallProject } from '../support/project-files.ts';

const opened: OpenProject[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.close();
});

async function open(files: ProjectFiles): Promise<OpenProject> {
  const project = await OpenProject.open({ ...smallProject, ...files });
  opened.push(project);
  return project;
}

/** People of the small project have 10, 2, 250 seats, and none. */
const card = (more: string): ProjectFiles => ({
  'models/lead_score.yml': `
kind: scorecard
entity: lead
rules:
  - { id: team, value: seats, points: 1, limit: 100 }
tiers:
  - { name: hot, at: 60 }
  - { name: warm, at: 10 }
  - { name: cold }
${more}`,
});
const overrides = (select: string): ProjectFiles => ({
  'models/set_by_hand.yml': 'sql: sql/set_by_hand.sql\nkey: lead_id\n',
  'sql/set_by_hand.sql': select,
});

const warnings = async (project: OpenProject) => {
  const { models } = await project.build();
  const scored = models.find(({ model }) => model === 'lead_score');
  return (scored?.tests ?? [])
    .filter(({ passed }) => !passed)
    .map(({ severity, message }) => `${severity}: ${message}`);
};

describe('a build warns', () => {
  test('of a segment that nobody is in', async () => {
    const project = await open(
      card(
        'segments:\n  - { name: big, when: "seats > 9" }\n  - { name: huge, when: "seats > 999" }\n  - { name: rest }\n',
      ),
    );
    expect(await warnings(project)).toEqual(['warn: segment `huge` matches no lead']);
  });

  test('of overrides for unknown leads and with unknown tiers, if they are in force', async () => {
    const project = await open({
      ...card('overrides: set_by_hand\n'),
      ...overrides(`select * from (values (1, 'hot', null), (2, 'Hott', null), (77, 'hot', date '2026-02-02'),
  (78, 'hot', date '2026-02-03'), (79, 'hot', date '2026-02-01')) as t(lead_id, tier, until)`),
    });
    expect(await warnings(project)).toEqual([
      'warn: 2 overrides are for lead rows that are not there, for example lead_id 77',
      'warn: 1 override sets a tier that the model does not have, and does nothing, for example lead_id 2, tier Hott',
    ]);
    const rows = await project.query('select lead_id, tier, overridden from scoreline.lead_score order by lead_id');
    expect(rows.map((row) => [Number(row.lead_id), row.tier, row.overridden])).toEqual([
      [1, 'hot', true],
      [2, 'cold', false],
      [3, 'hot', false],
      [4, 'cold', false],
    ]);
  });

  test('of nothing where all is well', async () => {
    const project = await open({
      ...card('overrides: set_by_hand\nsegments:\n  - { name: big, when: "seats > 9" }\n'),
      ...overrides("select 1 as lead_id, 50 as score, 'Asked' as reason"),
    });
    expect(await warnings(project)).toEqual([]);
  });
});

describe('a build', () => {
  test('refuses two overrides for one lead', async () => {
    const project = await open({
      ...card('overrides: set_by_hand\n'),
      ...overrides("select * from (values (1, 'hot'), (1, 'cold')) as t(lead_id, tier)"),
    });
    await expect(project.build()).rejects.toMatchObject({ code: 'GUARD_TEST_FAILED' });
  });

  test('keeps tiers by the history that builds before have written', async () => {
    const seats = (first: number): ProjectFiles => ({
      'data/users.csv': `lead_id,email,seniority,seats\n1,ann@one.example,director,${first}\n`,
    });
    const project = await open({ ...card('hysteresis: 5\n'), ...seats(60) });
    const met: unknown[] = [];
    for (const [day, now] of [60, 56, 54, 56, 60].entries()) {
      project.write(seats(now));
      const date = `2026-03-0${day + 1}`;
      await project.build([], { asOf: { instant: `${date}T00:00:00.000Z`, day: date } });
      const [row] = await project.query('select tier from scoreline.lead_score');
      met.push(row?.tier);
    }
    expect(met).toEqual(['hot', 'hot', 'warm', 'warm', 'hot']);
  });

  test('goes by no tier that was set by hand, also once the computed score has moved meanwhile', async () => {
    const project = await open({
      ...card('hysteresis: 5\noverrides: set_by_hand\n'),
      ...overrides("select 1 as lead_id, 'hot' as tier, date '2026-03-03' as until"),
    });
    const met: unknown[] = [];
    for (const [day, now] of [20, 58, 58].entries()) {
      project.write({ 'data/users.csv': `lead_id,email,seniority,seats\n1,ann@one.example,director,${now}\n` });
      const date = `2026-03-0${day + 1}`;
      await project.build([], { asOf: { instant: `${date}T00:00:00.000Z`, day: date } });
      const [row] = await project.query('select tier from scoreline.lead_score');
      met.push(row?.tier);
    }
    expect(met).toEqual(['hot', 'hot', 'warm']);
  });
});

test('no audience takes those who are disqualified', async () => {
  const project = await open({
    ...card('disqualify:\n  - { id: rival, when: "seats > 100" }\n'),
    'models/everyone.yml': 'kind: audience\nentity: lead\nfrom: lead_score\n',
    'models/combined.yml': 'kind: combine\nentity: lead\ninputs: { one: lead_score }\nscore: one\n',
    'models/large.yml': 'kind: audience\nentity: lead\nfrom: combined\nwhere: "score >= 10"\n',
  });
  await project.build();
  const members = async (audience: string) =>
    (await project.query(`select lead_id from scoreline.${audience} order by lead_id`)).map((row) =>
      Number(row.lead_id),
    );
  expect(await members('everyone')).toEqual([1, 2, 4]);
  expect(await members('large')).toEqual([1]);
});

test('a gate that begins to hold is behaviour, also where people set something by hand, and in a combination', async () => {
  const gate = 'disqualify:\n  - { id: rival, when: "email like \'%rival%\'" }\n';
  const project = await open({
    ...card(`overrides: set_by_hand\n${gate}`),
    ...overrides("select 4 as lead_id, 'hot' as tier"),
    'models/plain.yml': 'kind: scorecard\nentity: lead\nrules: [{ id: a, value: seats, points: 1 }]\n',
    'models/combined.yml': `kind: combine\nentity: lead\ninputs: { one: plain }\nscore: one\n${gate}`,
  });
  const users = String(smallProject['data/users.csv']);
  for (const [day, email] of [
    ['2026-03-01', 'two.example'],
    ['2026-03-02', 'rival.example'],
  ] as const) {
    project.write({ 'data/users.csv': users.replace('two.example', email) });
    await project.build([], { asOf: { instant: `${day}T00:00:00.000Z`, day } });
  }
  const history = await project.query(
    "select model, tier, cause from scoreline.score_history where key = '2' and as_of > timestamp '2026-03-01 12:00:00' order by model",
  );
  expect(history).toEqual([
    { model: 'combined', tier: 'disqualified', cause: 'behaviour' },
    { model: 'lead_score', tier: 'disqualified', cause: 'behaviour' },
  ]);
});

describe('a check', () => {
  test('asks the warehouse about all of it, though nothing is built', async () => {
    const project = await open({
      ...card(
        'hysteresis: 5\noverrides: set_by_hand\nsegments:\n  - { name: big, when: "seats > 9" }\ndisqualify:\n  - { id: none, when: "email is null" }\n',
      ),
      ...overrides('select 1 as lead_id, 50 as score'),
      'models/both.yml': 'kind: combine\nentity: lead\ninputs: { one: lead_score }\nscore: "one / 2"\n',
    });
    expect((await project.check()).problems).toEqual([]);
  });

  test('finds overrides that set nothing, and a predicate over a column that is not there, at their places', async () => {
    const project = await open({
      ...card('overrides: set_by_hand\n'),
      ...overrides('select 1 as lead_id, 50 as scores'),
      'models/other.yml':
        'kind: scorecard\nentity: lead\nrules: [{ id: a, when: "true", points: 1 }]\ndisqualify: [{ id: b, when: "seat > 1" }]\n',
    });
    const problems = (await project.check()).problems.map(({ file, line, message }) => `${file}:${line} ${message}`);
    expect(problems).toContain(
      'models/lead_score.yml:10 `set_by_hand` has neither a column `score` nor a column `tier`, so it sets nothing',
    );
    expect(problems.find((problem) => problem.startsWith('models/other.yml:4'))).toContain('seat');
  });

  test('finds a name in the expression that is no input, at its line', async () => {
    const project = await open({
      'models/both.yml': 'kind: combine\nentity: lead\ninputs: { one: lead_score }\nscore: "one + two"\n',
    });
    const [problem] = (await project.check()).problems;
    expect(problem).toMatchObject({ file: 'models/both.yml' });
    expect(problem?.message).toContain('two');
  });
});
