import { beforeAll, describe, expect, test } from 'vitest';
import { adapters } from '../../src/cli/adapters.ts';
import { explainScore } from '../../src/operations/explain-score.ts';
import { scoreline } from '../support/command-line.ts';
import { OpenProject } from '../support/open-project.ts';
import { type ProjectFiles, smallProject, writeProject } from '../support/project-files.ts';
import { type SlowWarehouse, slowWarehouse } from '../support/slow-warehouse.ts';
import { testWorkspace } from '../support/test-workspace.ts';

const longKey = 'k'.repeat(10_000);

const files: ProjectFiles = {
  ...smallProject,
  'data/users.csv': `${smallProject['data/users.csv']}${longKey},kay@five.example,vp,9\nP-0435,pat@six.example,vp,3\n`,
  'sql/logins.sql': "select cast(lead_id as varchar) as lead_id, login_at, device from {{ source('app', 'logins') }}\n",
  'sql/forms.sql':
    "select * from (values ('3', timestamp '2026-01-25 08:00:00', '/demo')) as t(lead_id, sent_at, page)",
  'models/forms.yml': 'sql: sql/forms.sql\n',
  'models/lead_score.yml': `
kind: scorecard
entity: lead
groups: { interest: { max: 50 } }
rules:
  - { id: asked, label: Asked for a demo, events: "{{ ref('forms') }}", at: sent_at, within: 30d, points: 30, group: interest, count: { distinct: page } }
  - id: logged_in
    events: "{{ ref('logins') }}"
    at: login_at
    where: device = 'web'
    link: "'https://app.example/logins/' || device"
    within: 30d
    points: 10
    max_per_day: 1
    decay: { half_life: 7d }
    group: interest
  - { id: team, label: A team, when: seats > 5, points: 15 }
  - { id: silent, label: Silent for 20 days, no_events: "{{ ref('logins') }}", at: login_at, within: 20d, points: -10 }
tiers: [{ name: hot, at: 60 }, { name: warm, at: 30 }, { name: cold }]
`,
  'models/lead_double.yml': `
kind: combine
entity: lead
inputs: { usage: lead_score }
score: usage * 2
tiers: [{ name: top, at: 120 }, { name: rest }]
`,
};

let dir: string;

beforeAll(async () => {
  dir = writeProject(files);
  expect(await scoreline(dir, 'build --as-of 2026-01-30')).toMatchObject({ exitCode: 0 });
  expect(await scoreline(dir, 'build --as-of 2026-02-01')).toMatchObject({ exitCode: 0 });
});

async function explain(what: string, asOf = '2026-02-01') {
  const { exitCode, out, err } = await scoreline(dir, `explain ${what} --as-of ${asOf}`);
  expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out);
}

const shown = async (what: string) =>
  (await scoreline(dir, `explain ${what} --as-of 2026-02-01`, { terminal: true })).out;

describe('where a score goes', () => {
  // Two logins of 10 points, one and two days old, are 9.06 and 8.2; 15 for the team.
  test('names the next tier, how far it is, and the one rule that leads there', async () => {
    expect(await explain('lead_score 1')).toMatchObject({
      score: 32.26,
      tier: 'warm',
      next_tier: {
        tier: 'hot',
        from: 60,
        missing: 27.74,
        ways: [{ kind: 'more', times: 1, is_other: true, rule: 'asked', gain: 30, score: 62.26 }],
      },
    });
    expect(await shown('lead_score 1')).toContain(
      '  Next: hot from 60, 27.74 away\n    one other "Asked for a demo" (+30) → 62.26\n',
    );
  });

  test('goes through the limits of a group', async () => {
    // 30 and 20 fill the group: with the team's 15 that is 65, so the second demo is worth no more than 20.
    const { next_tier: next } = await explain('lead_score 3');
    expect(next.ways).toEqual([expect.objectContaining({ rule: 'asked', gain: 30, score: 65 })]);
  });

  test('takes several events where one does not do', async () => {
    const { score, next_tier: next } = await explain('lead_score P-0435');
    expect([score, next.tier, next.missing]).toEqual([-10, 'warm', 40]);
    expect(next.ways).toEqual([expect.objectContaining({ kind: 'more', times: 2, rule: 'asked', score: 40 })]);
  });

  test('says what time alone makes of the tier, and by when', async () => {
    // 17.26 fade to 14.16 in two days, and 15 of the team are left.
    expect((await explain('lead_score 1')).foreseen).toEqual({
      tier: 'cold',
      score: 29.16,
      in_days: 2,
      by: '2026-02-03T00:00:00.000Z',
    });
    expect((await explain('lead_score 1', '2026-02-03')).tier).toBe('cold');
    expect(await shown('lead_score 1')).toContain('If nothing happens: cold by 2026-02-03 (29.16 in 2 days)\n');
    expect((await explain('lead_score 2')).foreseen).toBeNull();
  });

  test('knows nothing of events after the instant that is explained', async () => {
    // On the next day there is another login, which makes it warm.
    expect((await explain('lead_score 1', '2026-01-31')).tier).toBe('cold');
    expect((await explain('lead_score 1', '2026-01-31')).foreseen).toBeNull();
  });

  test('asks the warehouse what a rule of an input makes of a combination', async () => {
    expect(await explain('lead_double 1')).toMatchObject({
      score: 64.52,
      next_tier: { tier: 'top', missing: 55.48, ways: [{ input: 'usage', rule: 'asked', gain: 30, score: 124.52 }] },
    });
  });
});

describe('where a score comes from', () => {
  test('is the last change, with its cause and the rules that moved', async () => {
    expect((await explain('lead_score 1')).change).toEqual({
      since: '2026-01-30T00:00:00.000Z',
      at: '2026-02-01T00:00:00.000Z',
      cause: 'behaviour',
      from_score: 5,
      from_tier: 'cold',
      to_score: 32.26,
      to_tier: 'warm',
      is_other_version: false,
      moved: [
        { id: 'logged_in', change: expect.closeTo(17.26, 2) },
        { id: 'silent', change: 10 },
      ],
    });
    const text = await shown('lead_score 1');
    expect(text).toContain('Changed on 2026-02-01 00:00: 5 cold → 32.26 warm, by what was done or became known\n');
    expect(text).toContain('    Logged in +17.26, Silent for 20 days +10\n');
  });

  test('is what changed since the last build, where no build has said it yet', async () => {
    expect((await explain('lead_score 1', '2026-02-02')).change).toMatchObject({
      since: '2026-02-01T00:00:00.000Z',
      at: null,
      cause: null,
      from_score: 32.26,
      to_score: 30.63,
      moved: [{ id: 'logged_in', change: expect.closeTo(-1.63, 2) }],
    });
  });

  test('goes no further than the instant that is explained', async () => {
    expect((await explain('lead_score 1', '2026-01-30')).change).toMatchObject({ cause: 'first', from_score: null });
  });

  test('is left out where there is no history', async () => {
    const own = writeProject(files);
    await scoreline(own, 'build --as-of 2026-02-01');
    const project = await OpenProject.reopen(own, 'duckdb');
    await project.query('drop view scoreline.score_changes');
    await project.query('drop table scoreline.score_history');
    await project.close();
    const { exitCode, out } = await scoreline(own, 'explain lead_score 1 --as-of 2026-02-01');
    expect([exitCode, JSON.parse(out).change]).toEqual([0, null]);
  });
});

describe('events', () => {
  test('come with their link and the value that counts once', async () => {
    const { rules } = await explain('lead_score 1');
    expect(rules[1].events.shown[0]).toMatchObject({ link: 'https://app.example/logins/web', value: null, points: 10 });
    const [asked] = (await explain('lead_score 3')).rules;
    expect(asked.events.shown).toEqual([expect.objectContaining({ value: '/demo', link: null, points_left: 30 })]);
    expect(await shown('lead_score 3')).toContain('2026-01-25 08:00  forms /demo  +30\n');
    expect(await shown('lead_score 1')).toMatch(
      /logins {2}\+10, \+9\.06 left {2}https:\/\/app\.example\/logins\/web\n/,
    );
  });

  test('are counted where none is to be shown', async () => {
    const { rules } = await explain('lead_score 1 --events 0');
    expect(rules[1].events).toMatchObject({ count: 2, shown: [] });
    expect(await shown('lead_score 1 --events 0')).toMatch(/\+17\.26\n +and 2 older\n/);
  });

  test('with a link that `check` finds wrong change nothing in a build', async () => {
    const card = String(files['models/lead_score.yml']).replace('|| device', '|| devise');
    const own = writeProject({ ...files, 'models/lead_score.yml': card });
    expect((await scoreline(own, 'build')).exitCode).toBe(0);
    const { exitCode, err } = await scoreline(own, 'check --output table');
    expect(exitCode).not.toBe(0);
    expect(err).toContain('models/lead_score.yml:11:45');
  });

  test('change no fingerprint by their link', async () => {
    const own = writeProject({
      ...files,
      'models/lead_score.yml': String(files['models/lead_score.yml']).replace(/ {4}link: .*\n/, ''),
    });
    await scoreline(own, 'build --as-of 2026-02-01');
    const { out } = await scoreline(own, 'explain lead_score 1 --as-of 2026-02-01');
    expect(JSON.parse(out).model_version).toBe((await explain('lead_score 1')).model_version);
  });
});

describe('a key', () => {
  test('of 10,000 characters has its explanation', async () => {
    const { key, score } = await explain(`lead_score ${longKey}`);
    expect([key.length, score]).toEqual([10_000, 5]);
    expect((await shown(`lead_score ${longKey}`)).split('\n')[0]?.length).toBeLessThan(160);
  });

  test.each([
    ['P-0453', 'P-0435'],
    ['p-435', 'P-0435'],
    ['P-04', 'P-0435'],
    [' 22', '2'],
  ])('"%s" that nobody has makes one think of %s', async (typed, near) => {
    const { exitCode, err } = await scoreline(dir, ['explain', 'lead_score', typed, '--output', 'table']);
    expect(exitCode).toBe(2);
    expect(err).toContain(`Did you mean ${near}?`);
  });

  test('that is like no other, or of 10,000 characters, is not printed in full', async () => {
    const { exitCode, err } = await scoreline(dir, `explain lead_score ${'q%'.repeat(5000)} --output table`);
    expect(exitCode).toBe(2);
    expect(err).toContain('(10000 characters)');
    expect(err.length).toBeLessThan(500);
    expect(err).toContain('Keys stand in the column lead_id of scoreline.lead_score');
  });
});

test('a card takes four statements, and a combination three beside those of its inputs', async () => {
  let warehouse: SlowWarehouse | undefined;
  const asked = async (model: string) => {
    const workspace = await testWorkspace(dir, {
      asOf: '2026-02-01',
      startedAt: new Date('2026-02-01T00:00:00Z'),
      adapters: {
        ...adapters,
        openWarehouse: async (...args) => {
          warehouse = slowWarehouse(await adapters.openWarehouse(...args), { secondsPerStatement: 1.5 });
          return warehouse;
        },
      },
    });
    await explainScore(workspace, model, '1', 5);
    return warehouse?.statements;
  };
  expect([await asked('lead_score'), await asked('lead_double')]).toEqual([4, 5]);
});
