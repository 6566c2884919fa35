import { afterEach, describe, expect, it } from 'vitest';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { OpenProject } from '../support/open-project.ts';
import { type ProjectFiles, writeProject } from '../support/project-files.ts';
import { loadError, problemLine } from '../support/project-problems.ts';

const config = (entities: string) => `version: 1
project: accounts
default_target: test
entities:
${entities}
sources: { crm: { schema: crm, tables: { logins: {} } } }
targets: { test: { warehouse: { type: duckdb, path: a.duckdb }, hubspot: { sandbox: true } } }
`;

const lead = `  lead: { relation: "{{ ref('leads') }}", key: lead_id, belongs_to: { account: account_id } }`;
const account = `  account: { relation: "{{ ref('accounts') }}", key: account_id }`;

const files = (card: string, more: ProjectFiles = {}): ProjectFiles => ({
  'config/scoreline.yml': config(`${lead}\n${account}`),
  'sql/leads.sql': "select 'l1' as lead_id, 'a1' as account_id, 'it' as department, 2.5 as role_weight\n",
  'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\n',
  'sql/accounts.sql': "select 'a1' as account_id, 10 as seats\n",
  'models/accounts.yml': 'sql: sql/accounts.sql\nkey: [account_id]\n',
  'models/lead_score.yml': 'kind: scorecard\nentity: lead\nrules: [{ id: all, when: "true", points: 10 }]\n',
  'models/account_score.yml': `kind: scorecard\nentity: account\nrules:\n${card}\n`,
  ...more,
});

/** The problems that reading the project tells, without those of other files. */
function problems(card: string, more: ProjectFiles = {}): readonly string[] {
  return loadError(writeProject(files(card, more))).problems.map(problemLine);
}

const rollup = (text: string) => `  - { id: champions, rollup: ${text} }`;

describe('a roll-up is refused', () => {
  it.each([
    ['lead_scor, agg: sum, points: 1', 'unknown model `lead_scor` | Did you mean `lead_score`?'],
    [
      'leads, agg: sum, points: 1',
      'rule `champions` rolls up `leads`, a model of kind sql: expected a scored model (kind scorecard or combine) | For rows of a SQL model, count them as `events`, or make the sum a column of the entity and use `value`.',
    ],
    [
      'other_account_score, agg: sum, points: 1',
      'rule `champions` rolls up `other_account_score`, which scores entity `account`, as this card does: expected a model of an entity that belongs to it | To use the score of another model of the same entity, make a model of kind combine.',
    ],
    [
      'deal_score, agg: sum, points: 1',
      'rule `champions` rolls up `deal_score`, which scores entity `deal`, which does not belong to `account`: expected a model of an entity that does | Say how in config/scoreline.yml: entities: deal: belongs_to: { account: <column with the key of account> }',
    ],
  ])('of a wrong model: %s', (text, message) => {
    const more = {
      'config/scoreline.yml': config(`${lead}\n${account}\n  deal: { relation: "{{ ref('leads') }}", key: lead_id }`),
      'models/other_account_score.yml':
        'kind: scorecard\nentity: account\nrules: [{ id: all, when: "true", points: 10 }]\n',
      'models/deal_score.yml': 'kind: scorecard\nentity: deal\nrules: [{ id: all, when: "true", points: 10 }]\n',
    };
    expect(problems(rollup(text), more)).toEqual([`models/account_score.yml:4:30 ${message}`]);
  });

  it('of an entity above', () => {
    const more = {
      'models/lead_sum.yml':
        'kind: scorecard\nentity: lead\nrules: [{ id: up, rollup: account_score, agg: sum, points: 1 }]\n',
    };
    expect(problems(rollup('lead_score, agg: sum, points: 1'), more)).toEqual([
      'models/lead_sum.yml:3:27 rule `up` rolls up `account_score`, which scores entity `account`, which does not belong to `lead`: expected a model of an entity that does | It is the other way round: `lead` belongs to `account`. To use its score here, make a model of kind combine.',
    ]);
  });

  it.each([
    ['lead_score, points: 1', '4:5 rule `champions` has `rollup` without `agg`'],
    ['lead_score, agg: count_where, points: 8', 'rule `champions` has `agg: count_where` without `where`'],
    [
      'lead_score, agg: { distinct: department }, weight: 2, points: 8',
      'rule `champions` counts distinct values, which have no weight',
    ],
    ['lead_score, agg: top_avg, points: 8', 'expected sum, max, avg, count, count_where, noisy_or, top_3_avg'],
    ['lead_score, agg: sum, weight: -2, points: 8', 'expected SQL as text, or a number of at least 0'],
    ['lead_score, agg: sum, within: 30d, points: 8', 'which takes no `within`'],
    ['lead_score, agg: sum', 'rule `champions` gives no points'],
  ])('for its own keys: %s', (text, message) => {
    expect(problems(rollup(text))).toEqual([expect.stringContaining(message)]);
  });
});

describe('entities', () => {
  it('may not belong to each other in a circle', () => {
    const entities = `  lead: { relation: "{{ ref('leads') }}", key: lead_id, belongs_to: { account: account_id } }
  account: { relation: "{{ ref('accounts') }}", key: account_id, belongs_to: { lead: lead_id } }`;
    expect(problems(rollup('lead_score, agg: sum, points: 1'), { 'config/scoreline.yml': config(entities) })).toEqual([
      'config/scoreline.yml:5:71 entities belong to each other in a circle: lead → account → lead | Remove one of these: what is counted for a parent must come from its children alone.',
    ]);
  });

  it('have bridges and aliases in relations that exist', () => {
    const entities = `  lead:
    relation: "{{ ref('leads') }}"
    key: lead_id
    belongs_to: { account: { via: "{{ ref('membership') }}", weight: share } }
    aliases: { relation: "{{ ref('visitor') }}", id: visitor_id }
${account}`;
    expect(problems(rollup('lead_score, agg: sum, points: 1'), { 'config/scoreline.yml': config(entities) })).toEqual([
      expect.stringContaining('config/scoreline.yml:8:36 unknown model `membership`'),
      expect.stringContaining('config/scoreline.yml:9:27 unknown model `visitor`'),
    ]);
  });
});

describe('what only the warehouse can tell', () => {
  let project: OpenProject | undefined;
  afterEach(() => project?.close());

  const bridged = `  lead:
    relation: "{{ ref('leads') }}"
    key: lead_id
    belongs_to: { account: { via: "{{ ref('memberships') }}", weight: share } }
${account}`;
  const memberships = (share: string): ProjectFiles => ({
    'config/scoreline.yml': config(bridged),
    'sql/memberships.sql': `select 'l1' as lead_id, 'a1' as account_id, ${share} as share\n`,
    'models/memberships.yml': 'sql: sql/memberships.sql\nmaterialize: inline\n',
  });

  it.each(['null', '-1', "cast('nan' as double)"])('stops a model whose bridge has the weight %s', async (share) => {
    project = await OpenProject.open(files(rollup('lead_score, agg: sum, points: 1'), memberships(share)));
    const error = await project.build().then(
      () => null,
      (cause: unknown) => cause,
    );
    if (!(error instanceof ScorelineError)) throw new Error('the build did not stop');
    expect(error.code).toBe('GUARD_TEST_FAILED');
    const value = share.startsWith('cast') ? 'nan' : share;
    expect(error.problems.map(problemLine)).toEqual([
      `models/account_score.yml:2:9 1 row has a weight of \`belongs_to: account\` of entity \`lead\` (config/scoreline.yml:8) that is null, below 0 or no number, for example l1: weight ${value} | Give every row a number of 0 or more, such as coalesce(weight, 0); leave rows out by 0 or by \`where\`.`,
    ]);
  });

  it('stops a model whose roll-up has a weight below 0, and builds it with others', async () => {
    const card = (weight: string) => rollup(`lead_score, agg: sum, weight: "${weight}", points: 1`);
    project = await OpenProject.open(files(card('2 - role_weight')));
    await expect(project.build()).rejects.toMatchObject({
      problems: [
        {
          file: 'models/account_score.yml',
          line: 4,
          message:
            '1 row has a weight of rule `champions` that is null, below 0 or no number, for example l1: weight -0.5',
        },
      ],
    });
    project.write({ 'models/account_score.yml': `kind: scorecard\nentity: account\nrules:\n${card('role_weight')}\n` });
    await project.build();
    expect(await project.query('select score from scoreline.account_score')).toEqual([{ score: '25.00' }]);
  });

  it('says which column of events names their owner', async () => {
    const events = "  - { id: active, events: \"{{ source('crm', 'logins') }}\", at: login_at, points: 1 }";
    project = await OpenProject.open(files(events));
    await project.warehouse.script([
      { text: 'create schema crm', binds: [] },
      {
        text: "create table crm.logins as select 'l1' as lead_id, timestamp '2026-01-30 08:00' as login_at",
        binds: [],
      },
    ]);
    expect((await project.check()).problems.map(problemLine)).toEqual([
      'models/account_score.yml:4:28 the events of rule `active` have no column `account_id`, the key of entity `account` | If they are those of `lead`, say so in the rule: `by: [lead_id]`.',
    ]);
    const fixed = events.replace('at: login_at', 'by: lead_id, at: login_at');
    project.write({ 'models/account_score.yml': `kind: scorecard\nentity: account\nrules:\n${fixed}\n` });
    expect((await project.check()).problems).toEqual([]);
    const wrong = events.replace('at: login_at', 'by: user_id, at: login_at');
    project.write({ 'models/account_score.yml': `kind: scorecard\nentity: account\nrules:\n${wrong}\n` });
    let problems: readonly string[] = [];
    try {
      project.compile();
    } catch (cause) {
      if (!(cause instanceof ScorelineError)) throw cause;
      problems = cause.problems.map(problemLine);
    }
    expect(problems).toEqual([
      'models/account_score.yml:4:64 `by` names user_id, which are not the columns of one entity: expected account_id (account), or lead_id (lead)',
    ]);
  });

  it('finds what bridges and aliases lack', async () => {
    const entities = bridged.replace(
      '\n  account',
      `\n    aliases: { relation: "{{ ref('memberships') }}", id: visitor }\n  account`,
    );
    const more = {
      ...memberships('1'),
      'config/scoreline.yml': config(entities),
      'sql/memberships.sql': "select 'l1' as lead_id, 'a1' as acount_id, 1 as share\n",
    };
    project = await OpenProject.open(files('  - { id: all, when: "true", points: 1 }', more));
    expect((await project.check()).problems.map(problemLine)).toEqual([
      'config/scoreline.yml:8:36 the bridge from `lead` to `account` has no column `account_id` | Did you mean `acount_id`?',
      'config/scoreline.yml:9:27 the relation of the aliases of `lead` has no column `visitor` | Known: lead_id, acount_id, share.',
    ]);
  });
});
