import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scoreline } from '../support/command-line.ts';
import { emptyFolder, type ProjectFiles, smallProject, writeProject } from '../support/project-files.ts';

/** A copy of a project under test/fixtures. */
function fixture(path: string): string {
  const dir = join(emptyFolder(), 'project');
  cpSync(join(import.meta.dirname, '../fixtures', path), dir, { recursive: true });
  return dir;
}

/** The line of a table that begins with a cell. */
function row(page: string, firstCell: string): readonly string[] {
  const line = page.split('\n').find((each) => each.startsWith(`| ${firstCell} |`)) ?? '';
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

const cardOfAll = `kind: scorecard
entity: lead
description: Everything a rule can say
range: [-10, 100]
base: 5
groups: { usage: { min: -3, max: 60 } }
params: { loyal: { type: duration, default: 90d }, plans: { type: string_list, default: [team, pro] } }
rules:
  - { id: often, events: "{{ ref('logins') }}", at: login_at, bands: [{ at_least: 10, points: 20 }, { at_least: 3, points: 8 }], group: usage }
  - { id: twice, events: "{{ source('app', 'logins') }}", by: lead_id, at: login_at, at_least: 2, points: 4 }
  - { id: visits, events: "{{ ref('logins') }}", at: login_at, points: 3, session: { gap: 30m, measure: minutes, at_least: 5 } }
  - { id: three_visits, events: "{{ ref('logins') }}", at: login_at, points: 3, session: { gap: 1h, measure: count, at_least: 3 } }
  - { id: earlier, events: "{{ ref('logins') }}", at: login_at, between: [7d, "{{ param('loyal') }}"], points: 1, curve: { half_at: 10 }, limit: 30 }
  - { id: devices, events: "{{ ref('logins') }}", at: login_at, count: { distinct: device }, points: 1, curve: { log: 2 } }
  - { id: web, label: "Web | phone", description: Either., events: "{{ ref('logins') }}", at: login_at, where: "device || 'x' = 'webx'", count: once, points: 2, decay: { every: 30d, by: 50% } }
  - { id: on_plan, when: "seniority in {{ param('plans') }}", points: 1 }
  - { id: silent, no_events: "{{ ref('logins') }}", at: login_at, within: 2w, points: -4, repeat: 3w, limit: 20 }
  - { id: size, value: ln(1 + seats), points: 5 }
segments:
  - { name: large, when: seats > 100, points: { devices: 1, size: 2 }, limit: { earlier: 50 }, within: { silent: 4w }, decay: { web: { half_life: 7d } }, tiers: { hot: 70 } }
  - { name: others }
disqualify: [{ id: rival, label: Works for a rival, when: "{{ email_domain('email') }} = 'rival.example'" }]
hysteresis: 3
tiers: [{ name: hot, label: Hot lead, at: 60 }, { name: warm, at: 30 }, { name: cold }]
`;

const files: ProjectFiles = {
  ...smallProject,
  'models/lead_score.yml': cardOfAll,
  'models/logins.yml': 'sql: sql/logins.sql\nmaterialize: inline\n',
  'models/grid.yml': `kind: combine
entity: lead
inputs: { fit: lead_score, again: lead_score }
score: 0.4 * fit + 0.6 * again
grade: { fit: [70, 40], again: [50] }
tiers: [{ name: best, top: 5% }, { name: rest }]
`,
};

async function pageOf(dir: string, line = 'docs'): Promise<string> {
  const { exitCode, out, err } = await scoreline(dir, line);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  return out;
}

describe('docs', () => {
  test('says of every kind of event rule what it looks at and gives', async () => {
    const page = await pageOf(writeProject(files));
    expect(row(page, 'Often')).toEqual([
      'Often',
      'each row of `logins`',
      '+20 from 10, +8 from 3, once',
      '',
      '',
      '',
      'usage',
    ]);
    expect(row(page, 'Twice').slice(1, 3)).toEqual(['each row of `app.logins`', '+4 once, from 2']);
    expect(row(page, 'Visits')[1]).toBe(
      'each session of at least 5 minutes in `logins`, ended by 30 minutes without an event',
    );
    expect(row(page, 'Three visits').slice(1, 3)).toEqual([
      'each session in `logins`, ended by 1 hour without an event',
      '+3 once, from 3',
    ]);
    expect(row(page, 'Earlier').slice(2, 6)).toEqual([
      '+1; a sum of 10 gives half of the limit, and more comes nearer to it',
      '7 days to 90 days ago',
      '',
      '30',
    ]);
    expect(row(page, 'Devices').slice(1, 3)).toEqual([
      'each different `device` in `logins`',
      '+1; a sum of x gives 2 × ln(1 + x)',
    ]);
    expect(row(page, 'Web &#124; phone<br>Either.').slice(1, 5)).toEqual([
      "any row of `logins`, once, where `device \\|\\| 'x' = 'webx'`",
      '+2',
      '',
      '50% less after each 30 days',
    ]);
  });

  test('says it of the other kinds, and of everything around the rules', async () => {
    const page = await pageOf(writeProject(files));
    expect(page).toContain(
      'Everything a rule can say\n\nOne score for each lead, from -10 to 100. Everyone starts with 5.',
    );
    expect(row(page, 'On plan').slice(1, 3)).toEqual(["`seniority in ('team', 'pro')`", '+1']);
    expect(row(page, 'Silent').slice(1, 6)).toEqual([
      'nothing in `logins`',
      '-4, again for each 3 weeks more',
      '2 weeks',
      '',
      '20',
    ]);
    expect(row(page, 'Size').slice(1, 3)).toEqual(['the value of `ln(1 + seats)`', '+5 times it']);
    expect(row(page, 'usage')).toEqual(['usage', '-3', '60']);
    expect(row(page, 'hot')).toEqual(['hot', 'Hot lead', 'from 60']);
    expect(row(page, 'cold')).toEqual(['cold', '', 'below 30']);
    expect(page).toContain('A tier is kept until the score is more than 3 below its threshold.');
    expect(row(page, 'large')).toEqual([
      'large',
      '`seats > 100`',
      'Devices: points +1<br>Size: points +2<br>Earlier: limit 50<br>Silent: window 4 weeks<br>' +
        'Web &#124; phone: decay half after each 7 days<br>tier hot: from 70',
    ]);
    expect(row(page, 'others')).toEqual(['others', 'all the rest', '']);
    expect(row(page, 'Works for a rival')).toEqual(['Works for a rival', "`email_domain(email) = 'rival.example'`"]);
  });

  test('names the inputs of a combine, its grade, and tiers by share', async () => {
    const page = await pageOf(writeProject(files));
    expect(page).toContain('Score: `0.4 * fit + 0.6 * again`');
    expect(row(page, 'fit')).toEqual(['fit', '`lead_score`']);
    expect(page).toContain(
      'Grade: a letter for fit (A from 70, B from 40, C below 40), a digit for again (1 from 50, 2 below 50).',
    );
    expect(row(page, 'best')).toEqual(['best', '', 'the best 5%']);
    expect(row(page, 'rest')).toEqual(['rest', '', 'all the rest']);
    expect(row(page, 'disqualified')[2]).toBe('whoever is ruled out, whatever the score');
  });

  test('says of a combine that nobody is ruled out where no input rules anybody out', async () => {
    const combine =
      'kind: combine\nentity: lead\ninputs: { score: lead_score }\nscore: score\ntiers: [{ name: all }]\n';
    const page = await pageOf(writeProject({ ...smallProject, 'models/again.yml': combine }));
    expect(page).toContain('| all |');
    expect(page).not.toContain('disqualified');
  });

  test('names what HubSpot gets: properties as the target calls them, and lists with who belongs to them', async () => {
    const config = String(files['config/scoreline.yml']).replace(
      'sandbox: true',
      'sandbox: true, property_prefix: test_',
    );
    const page = await pageOf(writeProject({ ...files, 'config/scoreline.yml': config }));
    expect(row(page, 'Lead score')).toEqual(['Lead score', '`test_lead_score`', 'contacts', 'number', '`score`']);
    expect(row(page, 'Hot leads')).toEqual(['Hot leads', 'contacts', "`tier = 'hot'`"]);
  });

  test('takes the parameters of the run', async () => {
    const dir = fixture('cards/enterprise_guide');
    expect(row(await pageOf(dir), 'Small company')[1]).toBe('`employees < 50`');
    const page = await pageOf(dir, 'docs --param smallest_company=7');
    expect(row(page, 'Small company')[1]).toBe('`employees < 7`');
    expect(row(page, 'Left the newsletter')[1]).toBe(
      'any row of `unsubscriptions`, once; made good by a later row of `email_opens`',
    );
    expect(row(page, 'Neither opened an e-mail nor visited')[1]).toBe('nothing in `visits` or `email_opens`');
  });

  test('says what roll-ups make of the scores below, and who sets scores by hand', async () => {
    const page = await pageOf(fixture('accounts'));
    expect(row(page, 'Mean').slice(1, 3)).toEqual([
      "the mean score in `person_score`, weighted by `case role when 'buyer' then 3 else 1 end`",
      '+1 times it',
    ]);
    expect(row(page, 'Top two')[1]).toBe('the mean of the 2 highest scores in `person_score`');
    expect(row(page, 'Seats in use')[1]).toBe(
      'the number of rows of `person_score`, where `score > 0`, divided by `seats`',
    );
    expect(row(page, 'Departments')[1]).toBe(
      'the number of different `department` in `person_score`, where `score > 0`',
    );
    expect(await pageOf(fixture('cards/posthog'))).toContain('What people set by hand in `manual_flags` wins over all');
  });

  test('writes the page to a file', async () => {
    const dir = writeProject(files);
    const page = await pageOf(dir);
    expect(await pageOf(dir, 'docs --out scores.md')).toBe('Wrote scores.md\n');
    expect(readFileSync(join(dir, 'scores.md'), 'utf8')).toBe(page);
    const refused = await scoreline(dir, 'docs --out nowhere/scores.md --output json');
    expect(refused.exitCode).toBe(2);
    expect(JSON.parse(refused.out).error.message).toContain('there is no such file or folder');
  });

  test('gives the same as data', async () => {
    const { models } = JSON.parse(await pageOf(writeProject(files), 'docs --output json'));
    expect(models.map(({ model }: { model: string }) => model)).toEqual(['grid', 'lead_score']);
    expect(models[1].card.rules[0]).toMatchObject({ id: 'often', looks_at: 'each row of `logins`', group: 'usage' });
  });

  test('says so where a project scores nothing', async () => {
    const page = await pageOf(
      writeProject({ 'models/one.yml': 'sql: sql/one.sql\n', 'sql/one.sql': 'select 1 as one\n' }),
    );
    expect(page).toContain('The project scores nothing');
  });
});
