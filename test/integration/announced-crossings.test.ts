import { expect, test } from 'vitest';
import { scoreline } from '../support/command-line.ts';
import { type ProjectFiles, smallProject, writeFiles, writeProject } from '../support/project-files.ts';

const logins = String(smallProject['data/logins.csv']);
const sync = (more = '') => `
object: contacts
model: lead_score
match: { email: email }
mode: upsert
${more}
properties:
  lead_tier: { column: tier, type: enumeration }
  lead_previous_tier: { column: previous_tier, type: enumeration }
  lead_previous_score: { column: previous_score, type: number }
  lead_tier_since: { column: tier_since, type: datetime }
  lead_crossed_at: { column: crossed_at, type: datetime }
  lead_crossings: { column: crossings, type: number }
guards: { max_tier_moves: 100%, max_changed: 100% }
`;
const project: ProjectFiles = { ...smallProject, 'syncs/leads_to_hubspot.yml': sync() };

interface Plan {
  readonly tier_moves: readonly unknown[];
  readonly sample: readonly {
    readonly key: string;
    readonly values: readonly { readonly property: string; readonly to: string | null }[];
  }[];
  readonly violations: readonly { readonly guard: string; readonly message: string }[];
}

const noon = (day: string) => ({ now: new Date(`${day}T12:00:00Z`) });

async function run(dir: string, day: string, more = ''): Promise<number | null> {
  return (await scoreline(dir, `run --yes ${more}`.trim(), noon(day))).exitCode;
}

async function plan(dir: string, day: string): Promise<Plan> {
  const { out } = await scoreline(dir, 'plan', noon(day));
  return JSON.parse(out).plans[0];
}

function sent({ sample }: Plan, key: string) {
  const row = sample.find((each) => each.key === key);
  return Object.fromEntries((row?.values ?? []).map(({ property, to }) => [property, to]));
}

test('a tier that time took moves nothing that a workflow could start on', async () => {
  const dir = writeProject(project);
  expect(await run(dir, '2026-02-01')).toBe(0);
  const planned = await plan(dir, '2026-02-25');
  expect(planned.tier_moves).toEqual([{ from: 'hot', to: 'warm', rows: 2, causes: { time: 2 } }]);
  const ann = sent(planned, '1');
  expect(ann).toMatchObject({ lead_tier: 'warm', lead_previous_tier: 'hot', lead_tier_since: '2026-02-25T12:00:00Z' });
  expect(ann.lead_crossed_at).toBeUndefined();
  const shown = await scoreline(dir, 'plan --output table', noon('2026-02-25'));
  expect(shown.out.replaceAll(/ +/g, ' ')).toContain('by cause time\n');
  expect(shown.out.replaceAll(/ +/g, ' ')).toContain('hot → warm 2\n');
  expect(ann.lead_crossings).toBeUndefined();
});

test('what somebody did is announced, with the number of crossings', async () => {
  const dir = writeProject(project);
  expect(await run(dir, '2026-02-01')).toBe(0);
  expect(await run(dir, '2026-02-25')).toBe(0);
  const web = (at: string) => `1,${at} 09:00:00,web\n`;
  writeFiles(dir, { 'data/logins.csv': `${logins}${web('2026-02-25')}${web('2026-02-26')}` });
  const planned = await plan(dir, '2026-02-26');
  expect(planned.tier_moves).toEqual([{ from: 'warm', to: 'hot', rows: 1, causes: { behaviour: 1 } }]);
  expect(sent(planned, '1')).toMatchObject({
    lead_tier: 'hot',
    lead_previous_tier: 'warm',
    lead_crossed_at: '2026-02-26T12:00:00Z',
    lead_crossings: '1',
  });
});

test('`announce: all` announces what time does, too', async () => {
  const dir = writeProject({ ...project, 'syncs/leads_to_hubspot.yml': sync('announce: all') });
  await run(dir, '2026-02-01');
  expect(sent(await plan(dir, '2026-02-25'), '1')).toMatchObject({
    lead_crossed_at: '2026-02-25T12:00:00Z',
    lead_crossings: '1',
  });
});

test('check knows the columns of the history, and refuses one that the entity has too', async () => {
  const dir = writeProject(project);
  expect((await scoreline(dir, 'check')).exitCode).toBe(0);
  writeFiles(dir, {
    'sql/leads.sql': "select lead_id, email, seniority, seats, 1 as crossings from {{ source('app', 'users') }}",
  });
  for (const line of ['check', 'plan']) {
    const { exitCode, out } = await scoreline(dir, line);
    expect(exitCode).toBe(3);
    expect(out).toContain('`crossings` is a column of the score history');
  }
});

const hotAt = (points: number) =>
  String(smallProject['models/lead_score.yml']).replace('{ name: hot, at: 60 }', `{ name: hot, at: ${points} }`);

test('a new version that moves too many tiers stops until a person let a plan with it through', async () => {
  const guarded = sync().replace('max_tier_moves: 100%', 'max_tier_moves: 20%');
  const dir = writeProject({ ...project, 'syncs/leads_to_hubspot.yml': guarded });
  expect(await run(dir, '2026-02-01')).toBe(0);
  writeFiles(dir, { 'models/lead_score.yml': hotAt(95) });
  expect(await run(dir, '2026-02-02')).toBe(6);
  expect(await run(dir, '2026-02-03')).toBe(6);
  const [violation] = (await plan(dir, '2026-02-03')).violations;
  expect(violation?.message).toContain('2 of them by another version of the model');

  // A person lets it through, and the day's limit leaves one row to the next run, which nobody has to be asked about.
  expect(await run(dir, '2026-02-04', '--override max_tier_moves=intended --limit 1')).toBe(9);
  expect((await plan(dir, '2026-02-05')).violations).toEqual([]);
  expect(await run(dir, '2026-02-05')).toBe(0);

  writeFiles(dir, { 'models/lead_score.yml': hotAt(40) });
  expect(await run(dir, '2026-02-06')).toBe(6);
});
