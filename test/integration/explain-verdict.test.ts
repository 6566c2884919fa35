import { beforeAll, describe, expect, test } from 'vitest';
import { scoreline } from '../support/command-line.ts';
import { OpenProject } from '../support/open-project.ts';
import { type ProjectFiles, smallProject, writeFiles, writeProject } from '../support/project-files.ts';

/** Five people of two accounts and none; cards that use all there is between a score and a tier. */
const files: ProjectFiles = {
  ...smallProject,
  'config/scoreline.yml': String(smallProject['config/scoreline.yml']).replace(
    'key: lead_id\n',
    `key: lead_id
    belongs_to: { account: account_id }
  account:
    relation: "{{ ref('accounts') }}"
    key: account_id
`,
  ),
  'data/users.csv': `lead_id,email,seniority,seats,account_id
1,ann@one.example,director,10,a
2,bob@two.example,intern,2,a
3,cat@rival.example,vp,250,b
4,dan@four.example,,,
5,eve@five.example,vp,40,b
`,
  'sql/leads.sql': "select lead_id, email, seniority, seats, account_id\nfrom {{ source('app', 'users') }}\n",
  'sql/accounts.sql': "select * from (values ('a', 12), ('b', 290)) as t(account_id, licences)",
  'models/accounts.yml': 'sql: sql/accounts.sql\nkey: account_id\n',
  'models/account_score.yml':
    'kind: scorecard\nentity: account\nrules:\n  - { id: licences, value: licences, points: 0.1 }\n',
  'sql/by_hand.sql': `select * from (values (2, null, 'hot', 'Knows the chair', date '2027-01-01'), (3, 42, null, null, null))
as t(lead_id, score, tier, reason, until)`,
  'models/by_hand.yml': 'sql: sql/by_hand.sql\nkey: lead_id\n',
  'models/lead_score.yml': `kind: scorecard
entity: lead
range: [0, 100]
rules:
  - id: logged_in
    events: "{{ ref('logins') }}"
    at: login_at
    within: 30d
    points: 20
    limit: 50
    decay: { half_life: 14d }
  - { id: seats, value: seats, points: 1, limit: 60 }
tiers: [{ name: hot, at: 60 }, { name: warm, at: 30 }, { name: cold }]
segments:
  - { name: big, when: "seats > 9", points: { logged_in: 30 }, limit: { logged_in: none, seats: 25 }, decay: { logged_in: none }, tiers: { hot: 80 } }
disqualify:
  - { id: rival, label: Works for a rival, when: "{{ email_domain('email') }} = 'rival.example'" }
overrides: by_hand
hysteresis: 5
`,
  'models/lead_rank.yml': `kind: scorecard
entity: lead
rules: [{ id: seats, value: seats, points: 1 }]
tiers: [{ name: top, top: 40% }, { name: rest }]
`,
  'models/lead_grade.yml': `kind: combine
entity: lead
inputs: { fit: lead_rank, usage: lead_score, account: account_score }
score: "(fit + usage) / 2 + account"
range: [0, 60]
grade: { fit: [40, 10], usage: [60, 30] }
tiers: [{ name: high, at: 50 }, { name: low }]
`,
};

let dir: string;

beforeAll(async () => {
  dir = writeProject(files);
  expect(await scoreline(dir, 'build --as-of 2026-02-01')).toMatchObject({ exitCode: 0 });
});

interface Explained {
  readonly score: number;
  readonly tier: string | null;
  readonly reasons: string;
  readonly computed_score: number;
  readonly [key: string]: unknown;
}

async function explain(model: string, key: number): Promise<Explained> {
  const { exitCode, out, err } = await scoreline(dir, `explain ${model} ${key} --as-of 2026-02-01`);
  expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out);
}

async function tableOf(model: string) {
  const project = await OpenProject.reopen(dir, 'duckdb');
  try {
    return await project.query(`select * from scoreline.${model} order by lead_id`);
  } finally {
    await project.close();
  }
}

describe('an explanation', () => {
  test.each(['lead_score', 'lead_rank', 'lead_grade'])(
    'of %s is what stands in the table, for everyone',
    async (model) => {
      for (const row of await tableOf(model)) {
        const { score, tier, reasons } = await explain(model, Number(row.lead_id));
        expect([score, tier, reasons]).toEqual([Number(row.score), row.tier, row.reasons]);
      }
    },
  );

  test('shows the rules as they are in the segment, and adds up', async () => {
    const { segment, rules, total, computed_score: computed } = await explain('lead_score', 1);
    // Three logins of 30 points that do not fade, and 10 seats.
    expect({ segment, rules, total, computed }).toMatchObject({
      segment: 'big',
      rules: [
        { id: 'logged_in', before_limit: 90, points: 90, events: { count: 3 } },
        { id: 'seats', before_limit: 10, limit: 25, points: 10 },
      ],
      total: 100,
      computed: 100,
    });
  });

  test('shows what was set by hand beside what was computed, and the gate that it opens', async () => {
    expect(await explain('lead_score', 2)).toMatchObject({
      score: 2,
      tier: 'hot',
      computed_score: 2,
      override: { score: null, tier: 'hot', reason: 'Knows the chair', until: '2027-01-01T00:00:00.000Z' },
    });
    expect(await explain('lead_score', 3)).toMatchObject({
      score: 42,
      tier: 'warm',
      computed_score: 55,
      override: { score: 42, tier: null, reason: null, until: null },
      gates: [{ id: 'rival', holds: true }],
    });
  });

  test('shows the place among all', async () => {
    expect(await explain('lead_rank', 5)).toMatchObject({ tier: 'top', rank: { place: 2, of: 5 } });
    expect(await explain('lead_rank', 4)).toMatchObject({ tier: 'rest', rank: { place: 5, of: 5 } });
  });

  test('takes of the next tier what the last one in it has, where tiers are shares', async () => {
    // Two of five are at the top: 250 and 40.
    expect(await explain('lead_rank', 1)).toMatchObject({
      score: 10,
      tiers: [
        { name: 'top', at: null, from: 40 },
        { name: 'rest', at: null, from: null },
      ],
      next_tier: { tier: 'top', from: 40, missing: 30, ways: [] },
      foreseen: null,
    });
  });

  test('leads nowhere by points where somebody was set by hand or is at the top', async () => {
    expect(await explain('lead_score', 3)).toMatchObject({ tier: 'warm', next_tier: null, foreseen: null });
    expect(await explain('lead_rank', 5)).toMatchObject({ tier: 'top', next_tier: null });
    expect(await explain('lead_grade', 4)).toMatchObject({ tier: 'low', next_tier: { tier: 'high', from: 50 } });
  });

  test('of a combination shows each input with its sum, and the expression over them', async () => {
    const explained = await explain('lead_grade', 1);
    // (10 + 100) / 2 + 1.2, then the range
    expect(explained).toMatchObject({
      kind: 'combine',
      expression: '(fit + usage) / 2 + account',
      total: 56.2,
      score: 56.2,
      grade: 'B1',
      inputs: [
        { name: 'fit', model: 'lead_rank', key: '1', score: 10, explanation: { score: 10, total: 10 } },
        { name: 'usage', model: 'lead_score', key: '1', score: 100, explanation: { score: 100, total: 100 } },
        { name: 'account', entity: 'account', key: 'a', score: 1.2, explanation: { score: 1.2, total: 1.2 } },
      ],
    });
    expect(await explain('lead_grade', 4)).toMatchObject({
      inputs: [{}, {}, { name: 'account', key: null, score: 0, explanation: null }],
    });
    expect(await explain('lead_grade', 3)).toMatchObject({ total: 175, score: 60, tier: 'high' });
  });

  test('of a combination computes its inputs for the same instant as itself', async () => {
    const { out } = await scoreline(dir, 'explain lead_grade 1 --as-of 2026-03-15');
    // The logins are older than 30 days by then: (10 + 10) / 2 + 1.2.
    expect(JSON.parse(out)).toMatchObject({
      score: 11.2,
      inputs: [{ score: 10 }, { name: 'usage', score: 10, explanation: { score: 10 } }, { score: 1.2 }],
    });
  });

  test('follows the tier before', async () => {
    const own = writeProject(files);
    await scoreline(own, 'build --as-of 2026-02-01');
    // 60 and 16 are 76: below the 80 of the segment, and not by 5.
    writeFiles(own, {
      'data/users.csv': String(files['data/users.csv']).replace('director,10,a', 'director,16,a'),
      'data/logins.csv': String(files['data/logins.csv']).replace('1,2026-01-31 11:00:00,ios\n', ''),
    });
    await scoreline(own, 'build --as-of 2026-02-02', { now: new Date('2026-02-02T12:00:00Z') });
    const { out } = await scoreline(own, 'explain lead_score 1 --as-of 2026-02-02');
    expect(JSON.parse(out)).toMatchObject({ score: 76, tier: 'hot', tier_before: 'hot', hysteresis: 5 });
    expect(JSON.parse(out).tiers).toEqual([
      { name: 'hot', at: 80, from: 75 },
      { name: 'warm', at: 30, from: 25 },
      { name: 'cold', at: null, from: null },
    ]);
  });

  test('reads well on a terminal', async () => {
    const shown = async (line: string) => (await scoreline(dir, `${line} --as-of 2026-02-01`, { terminal: true })).out;
    const grade = await shown('explain lead_grade 1');
    expect(grade).toContain('lead 1: lead_grade 56.2, high, B1');
    expect(grade).toMatch(/fit lead_rank of lead 1 +\+10 {3}rest\n/);
    expect(grade).toMatch(/account account_score of account a +\+1\.2/);
    expect(grade).toMatch(/score = \(fit \+ usage\) \/ 2 \+ account +\+56\.2\n/);
    const byHand = await shown('explain lead_score 3');
    expect(byHand).toMatch(/score +\+55\n {2}set by hand +\+42 {3}the score/);
    expect(byHand).toContain('Would be disqualified: Works for a rival');
    expect(byHand).toContain('Segment big');
    expect(byHand).toContain('First scored on 2026-02-01 00:00: 42 warm, set by hand');
    expect(await shown('explain lead_score 2')).toContain('the tier hot alone (Knows the chair), until 2027-01-01');
    expect(await shown('explain lead_rank 5')).toContain('Place 2 of 5 by score');
    expect(await shown('explain lead_rank 1')).toContain('Next: top from 40, 30 away\n    No single rule is known');
  });
});
