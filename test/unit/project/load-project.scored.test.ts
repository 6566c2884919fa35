import { describe, expect, test } from 'vitest';
import type { ProjectFiles } from '../../support/project-files.ts';
import { problemLine, problemsWith } from '../../support/project-problems.ts';

const problems = (files: ProjectFiles) => problemsWith(files).map(problemLine);

/** A scorecard in place of the small project's; its rules stand in lines 4 to 6. */
const card = (more: string): ProjectFiles => ({
  'models/lead_score.yml': `kind: scorecard
entity: lead
rules:
  - { id: team, value: seats, points: 1 }
  - { id: logged_in, events: "{{ ref('logins') }}", at: login_at, points: 1 }
  - { id: silent, no_events: "{{ ref('logins') }}", at: login_at, within: 30d, points: -5 }
${more}`,
});
const at = (line: number, column: number, text: string) => `models/lead_score.yml:${line}:${column} ${text}`;

describe('segments', () => {
  test('take points, limits, windows, decays and thresholds', () => {
    const files = card(`tiers: [{ name: hot, at: 60 }, { name: cold }]
segments:
  - name: big
    when: "seats > 100"
    points: { team: 2, silent: "-seats" }
    limit: { team: none, logged_in: 20 }
    within: { logged_in: 60d, silent: 14d }
    decay: { logged_in: { half_life: 7d } }
    tiers: { hot: 80 }
  - name: rest
`);
    expect(problems({ ...files, 'models/hot_leads.yml': 'kind: audience\nentity: lead\nfrom: lead_score\n' })).toEqual(
      [],
    );
  });

  test('are refused where they name what is not there, or give what a rule cannot have', () => {
    const files = card(`tiers: [{ name: hot, at: 60 }, { name: warm, at: 30 }, { name: cold }]
segments:
  - { name: rest, points: { teem: 2 } }
  - { name: big, when: "seats > 9", within: { team: 7d, silent: none }, decay: { silent: none, logged_in: { every: 7d } } }
  - { name: big, when: "true", tiers: { hott: 90, cold: 1, warm: 70 } }
`);
    expect(problems(files)).toEqual([
      at(
        9,
        5,
        'segment `rest` has no `when` and takes all the rest, so no segment below it is ever reached | Put it last.',
      ),
      at(9, 35, 'unknown rule `teem` | Did you mean `team`?'),
      at(10, 53, 'rule `team` looks at no events, so there is nothing that `within` could mean'),
      at(10, 65, 'rule `silent` says that something did not happen, and so needs a window'),
      at(10, 90, 'rule `silent` adds up no events, so there is nothing that could fade'),
      at(
        10,
        107,
        'decay of rule `logged_in`: expected one of { half_life: 14d }, { linear: 60d } or { every: 30d, by: 50% }',
      ),
      at(11, 13, 'segment `big` stands twice'),
      at(11, 47, 'unknown tier `hott` | Did you mean `hot`?'),
      at(11, 57, 'tier `cold` has no `at` in `tiers`, so a segment has no threshold to replace'),
      at(11, 66, 'in this segment tier `warm` is at 70, and `hot` above it at 60: expected the highest first'),
    ]);
  });

  test('that name an unknown rule are told of all rules, also of those with mistakes', () => {
    const files = {
      'models/lead_score.yml': `kind: scorecard
entity: lead
rules: [{ id: a, when: x, pionts: 1 }, { id: b, when: y, points: 1 }]
segments: [{ name: rest, points: { zzz: 2 } }]
`,
    };
    expect(problems(files)).toContainEqual(expect.stringContaining('unknown rule `zzz` | Known: a, b.'));
  });
});

describe('tiers', () => {
  test('are refused where they contradict each other', () => {
    const tiers = (text: string) => problems(card(`tiers: [${text}]\n`));
    expect(tiers('{ name: hot, at: 60, top: 5% }, { name: cold }')).toEqual([
      at(7, 35, 'tier `hot` has both `at` and `top`: expected one of them'),
    ]);
    expect(tiers('{ name: hot, top: 20% }, { name: warm, top: 5% }, { name: cold }')).toEqual([
      at(
        7,
        53,
        'tier `warm` is the best 5% of all, and `hot` above it the best 20%: expected each share larger than the one before | A share counts from the top: the tiers above are a part of it.',
      ),
    ]);
    expect(tiers('{ name: hot, top: 100% }, { name: cold }')).toEqual([
      at(7, 27, 'tier `hot` takes everyone, so no tier below it is ever reached'),
    ]);
    expect(tiers('{ name: disqualified, at: 60 }, { name: cold }')).toEqual([
      at(7, 17, 'the tier name `disqualified` is reserved for people who are ruled out'),
    ]);
    expect(tiers('{ name: hot }, { name: cold, at: 5 }')).toEqual([
      at(
        7,
        9,
        'tier `hot` has no `at` and no `top`, so no tier below it is ever reached: only the last tier may have none',
      ),
    ]);
  });

  test('need a threshold for hysteresis', () => {
    const message = (why: string) =>
      at(7, 13, `\`hysteresis\` keeps scores from flapping around thresholds, and ${why} | Leave it out.`);
    expect(problems(card('hysteresis: 3\n'))).toContain(message('the model has no tiers'));
    const shares = card('hysteresis: 3\ntiers: [{ name: hot, top: 5% }, { name: cold }]\n');
    expect(problems(shares)).toEqual([message('no tier has an `at`')]);
    const zero = card('hysteresis: 0\ntiers: [{ name: hot, at: 5 }]\n');
    expect(problems(zero)).toEqual([
      at(7, 13, '`hysteresis` is 0: expected a number above 0 or "{{ param(\'name\') }}"'),
    ]);
  });
});

test('a gate needs an id of its own and a predicate', () => {
  const gates = card('disqualify: [{ id: rival, when: "true" }, { id: rival, when: "false" }, { id: other }]\n');
  expect(problems(gates)).toEqual([
    at(7, 49, 'gate `rival` stands twice: expected another id'),
    at(7, 73, '`disqualify[2].when` is missing: expected SQL as text (quote it)'),
  ]);
});

describe('overrides', () => {
  const tiers = 'tiers: [{ name: hot, at: 60 }, { name: cold }]\n';
  const byHand = (yaml: string): ProjectFiles => ({
    ...card(`overrides: "{{ ref('by_hand') }}"\n${tiers}`),
    'models/by_hand.yml': yaml,
    'sql/by_hand.sql': 'select 1 as lead_id, 50 as score',
  });

  test('are a SQL model with one row per key', () => {
    expect(problems(byHand('sql: sql/by_hand.sql\nkey: lead_id\n'))).toEqual([]);
    expect(problems(byHand('sql: sql/by_hand.sql\nkey: [lead_id, until]\n'))).toEqual([
      at(
        7,
        13,
        '`overrides` names `by_hand`, which has the `key` [lead_id, until]: expected one row per lead | Write `key: [lead_id]` into models/by_hand.yml, and keep one row for each in its SQL.',
      ),
    ]);
    expect(problems(byHand('sql: sql/by_hand.sql\n'))[0]).toContain('which has no `key`');
    expect(problems(card(`overrides: hot_leads\n${tiers}`))).toEqual([
      at(
        7,
        12,
        '`overrides` names `hot_leads`, a model of kind audience: expected a SQL model | It selects lead_id, score or tier, and if wanted reason and until.',
      ),
    ]);
    expect(problems(card(`overrides: by_hands\n${tiers}`))).toEqual([
      at(7, 12, 'unknown model `by_hands` | Known: hot_leads, lead_score, leads, logins.'),
    ]);
  });
});

describe('a combine', () => {
  const combine = (text: string, more: ProjectFiles = {}): readonly string[] =>
    problems({ 'models/grade.yml': `kind: combine\nentity: lead\n${text}`, ...more });
  const inCombine = (line: number, column: number, text: string) => `models/grade.yml:${line}:${column} ${text}`;

  test('names scored models, by name or ref, and grades two of them', () => {
    const text = `inputs: { fit: lead_score, usage: "{{ ref('lead_score') }}" }
score: "fit + usage"
grade: { fit: [70, 40], usage: [1] }
`;
    expect(combine(text)).toEqual([]);
  });

  test('is refused where its inputs are no scored models of its entity', () => {
    expect(combine('inputs: { fit: leads, usage: lead_scor }\nscore: fit\n')).toEqual([
      inCombine(
        3,
        16,
        'input `fit` names `leads`, a model of kind sql: expected a scored model (kind scorecard or combine) | A scorecard with one rule `value: your_column` makes a score of a number.',
      ),
      inCombine(3, 30, 'unknown model `lead_scor` | Did you mean `lead_score`?'),
    ]);
    expect(combine('inputs: {}\nscore: "1"\n')).toEqual([
      inCombine(3, 9, '`inputs` is empty: expected at least one scored model'),
    ]);
    expect(combine('inputs: { fit: lead_score }\n')).toEqual([
      inCombine(1, 1, '`score` is missing: expected SQL as text (quote it)'),
    ]);
  });

  test('reaches one entity up, along a column', () => {
    const config = (entities: string): ProjectFiles => ({
      'config/scoreline.yml': `version: 1
project: small
default_target: test
entities:
${entities}
sources: { app: { tables: { users: {}, logins: {} } } }
params: { half_life: 14d }
targets:
  test:
    warehouse: { type: duckdb, path: .scoreline/test.duckdb }
    hubspot: { sandbox: true }
    schema: scoreline
    sources: { app: { files: { users: data/users.csv, logins: data/logins.csv } } }
`,
      'models/account_score.yml':
        'kind: scorecard\nentity: account\nrules:\n  - { id: size, value: seats, points: 1 }\n',
    });
    const leads = (
      belongsTo: string,
    ) => `  lead: { relation: "{{ ref('leads') }}", key: lead_id, belongs_to: { ${belongsTo} } }
  account: { relation: accounts, key: account_id }`;
    const text = 'inputs: { account: account_score }\nscore: account\n';
    expect(combine(text, config(leads('account: account_id')))).toEqual([]);
    expect(combine(text, config(leads('')))).toEqual([
      inCombine(
        3,
        20,
        '`account_score` scores entity `account`, to which `lead` does not belong: expected a model of `lead` or of one that it belongs to | To score `lead` by its account rows, use a rule with `rollup`.',
      ),
    ]);
    const byBridge = config(leads('account: { via: "{{ ref(\'logins\') }}" }'));
    expect(combine(text, byBridge)[0]).toContain('of which one `lead` may have several');
    const distant = `  lead: { relation: "{{ ref('leads') }}", key: lead_id, belongs_to: { team: team_id } }
  team: { relation: teams, key: team_id, belongs_to: { account: account_id } }
  account: { relation: accounts, key: account_id }`;
    expect(combine(text, config(distant))[0]).toContain('which `lead` belongs to through `team`');
  });

  test('is refused where its grade makes no matrix', () => {
    const grade = (text: string) => combine(`inputs: { fit: lead_score }\nscore: fit\ngrade: ${text}\n`);
    expect(grade('{ fit: [70, 40] }')).toEqual([
      inCombine(
        5,
        8,
        '`grade` names 1 input: expected two, the first for the letter and the second for the digit | For letters of one score alone, give the model `tiers` of these names.',
      ),
    ]);
    expect(grade('{ fit: [70, 40], usage: [] }')).toContain(
      inCombine(5, 32, '`grade.usage` is a list: expected at least one threshold'),
    );
    expect(grade('{ fit: [40, 70], usage: [1] }')).toEqual([
      inCombine(
        5,
        20,
        'the thresholds of `fit` go from 40 to 70: expected the highest first, each lower than the one before',
      ),
      inCombine(5, 32, 'unknown input `usage` | Known: fit.'),
    ]);
  });

  test('may be an audience and a sync: its points are the scores of its inputs', () => {
    const combined: ProjectFiles = {
      'models/grade.yml': `kind: combine
entity: lead
inputs: { fit: lead_score, usage: lead_score }
score: "fit + usage"
grade: { fit: [70, 40], usage: [70, 40] }
`,
      'models/best.yml': 'kind: audience\nentity: lead\nfrom: grade\nwhere: "grade = \'A1\'"\n',
    };
    const sync = (column: string): ProjectFiles => ({
      'syncs/grades.yml': `object: contacts
model: grade
match: { email: email }
properties:
  lead_grade: { column: grade, type: enumeration }
  lead_fit: { column: ${column}, type: number }
`,
    });
    expect(problems({ ...combined, ...sync('points__fit') })).toEqual([]);
    expect(problems({ ...combined, ...sync('points__fits') })).toEqual([
      'syncs/grades.yml:6:23 model `grade` has no column `points__fits` | Did you mean `points__fit`?',
    ]);
  });
});
