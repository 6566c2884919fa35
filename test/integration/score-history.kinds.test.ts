import { afterEach, expect, test } from 'vitest';
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

async function build(project: OpenProject, day: string): Promise<readonly string[]> {
  await project.build([], { asOf: { instant: `${day}T00:00:00.000Z`, day } });
  const rows = await project.query(
    `select model, key, cause from scoreline.score_history where as_of = timestamptz '${day} 00:00:00+00' order by model, key`,
  );
  return rows.map(({ model, key, cause }) => `${model} ${key} ${cause}`);
}

const logins = String(smallProject['data/logins.csv']);
const card = `
kind: scorecard
entity: lead
rules:
  - { id: logged_in, events: "{{ ref('logins') }}", at: login_at, within: 30d, points: 10, decay: { half_life: 14d } }
tiers: [{ name: hot, at: 15 }, { name: cold }]
`;
test('what a person sets is an override, and so is its end', async () => {
  const project = await open({
    'models/lead_score.yml': `${card}overrides: set_by_hand\n`,
    'models/set_by_hand.yml': 'sql: sql/set_by_hand.sql\nkey: [lead_id]\n',
    'sql/set_by_hand.sql': 'select * from raw.by_hand',
  });
  const run = (text: string) => project.warehouse.script([{ text, binds: [] }]);
  await run('create schema raw');
  await run('create table raw.by_hand (lead_id bigint, tier varchar, reason varchar, until date)');
  const ofBob = async (day: string) => (await build(project, day)).filter((row) => row.includes(' 2 '));
  expect(await ofBob('2026-02-01')).toEqual(['lead_score 2 first']);
  await run(`insert into raw.by_hand values (2, 'hot', 'Asked', date '2026-02-04')`);
  expect(await ofBob('2026-02-02')).toEqual(['lead_score 2 override']);
  expect(await ofBob('2026-02-03')).toEqual([]);
  expect(await ofBob('2026-02-04')).toEqual(['lead_score 2 override']);
  expect(await ofBob('2026-02-05')).toEqual([]);
});

test('a combination moves by what moved its inputs', async () => {
  const project = await open({
    'models/lead_score.yml': card,
    'models/fit.yml': `kind: scorecard\nentity: lead\nrules:\n  - { id: senior, when: "seniority = 'vp'", points: 20 }\n`,
    'models/both.yml': 'kind: combine\nentity: lead\ninputs: { use: lead_score, fit: fit }\nscore: "use + fit"\n',
    'models/hot_leads.yml': null,
    'syncs/leads_to_hubspot.yml': null,
  });
  expect(await build(project, '2026-02-01')).toContain('both 1 first');
  expect(await build(project, '2026-02-02')).toEqual([
    'both 1 time',
    'both 3 time',
    'lead_score 1 time',
    'lead_score 3 time',
  ]);
  project.write({
    'data/logins.csv': `${logins}3,2026-02-02 10:00:00,web\n`,
    'data/users.csv': String(smallProject['data/users.csv']).replace('intern', 'vp'),
  });
  expect(await build(project, '2026-02-03')).toEqual([
    'both 1 time',
    'both 2 behaviour',
    'both 3 behaviour',
    'fit 2 behaviour',
    'lead_score 1 time',
    'lead_score 3 behaviour',
  ]);
});

test('an account moves by what moved its people, and by who they are', async () => {
  const project = await open({
    'config/scoreline.yml': String(smallProject['config/scoreline.yml']).replace(
      '    key: lead_id\n',
      `    key: lead_id\n    belongs_to: { account: account_id }\n  account: { relation: "{{ ref('accounts') }}", key: account_id }\n`,
    ),
    'models/lead_score.yml': card,
    'models/hot_leads.yml': null,
    'syncs/leads_to_hubspot.yml': null,
    'data/users.csv': 'lead_id,email,account_id\n1,ann@one.example,A\n2,bob@two.example,A\n3,cat@three.example,B\n',
    'sql/leads.sql': "select lead_id, email, account_id from {{ source('app', 'users') }}",
    'sql/accounts.sql': "select 'A' as account_id union all select 'B'",
    'models/accounts.yml': 'sql: sql/accounts.sql\nkey: [account_id]\n',
    'models/account_score.yml':
      'kind: scorecard\nentity: account\nrules:\n  - { id: people, rollup: lead_score, agg: sum, points: 1 }\n',
  });
  const ofAccounts = (rows: readonly string[]) => rows.filter((row) => row.startsWith('account'));
  expect(ofAccounts(await build(project, '2026-02-01'))).toEqual(['account_score A first', 'account_score B first']);
  expect(ofAccounts(await build(project, '2026-02-02'))).toEqual(['account_score A time', 'account_score B time']);
  project.write({ 'data/logins.csv': `${logins}3,2026-02-02 10:00:00,web\n` });
  expect(ofAccounts(await build(project, '2026-02-03'))).toEqual(['account_score A time', 'account_score B behaviour']);
  project.write({
    'data/users.csv': 'lead_id,email,account_id\n1,ann@one.example,B\n2,bob@two.example,A\n3,cat@three.example,B\n',
  });
  expect(ofAccounts(await build(project, '2026-02-04'))).toEqual([
    'account_score A behaviour',
    'account_score B behaviour',
  ]);
});
