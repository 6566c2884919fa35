import { afterEach, expect, test } from 'vitest';
import { scoreline } from '../support/command-line.ts';
import { type ControlledSandbox, controlledSandbox } from '../support/controlled-sandbox.ts';
import { type ProjectFiles, smallProject, writeFiles, writeProject } from '../support/project-files.ts';

const syncFile = 'syncs/leads_to_hubspot.yml';
const sync = `
object: contacts
model: [lead_score, lead_fit]
match: { email: email }
mode: upsert
properties:
  lead_score: { column: lead_score.score, type: number, decimals: 0, min_change: 2 }
  lead_tier: { column: lead_score.tier, type: enumeration }
  lead_fit: { column: lead_fit.score, type: number }
  lead_fit_tier: { column: lead_fit.tier, type: enumeration }
  lead_fit_vp: { column: lead_fit.points__vp, type: number }
  lead_why: { column: lead_fit.reasons, type: string, field: textarea }
  lead_seats: { column: seats, type: number, nulls: clear }
priority: "lead_fit.tier = 'fits' and seats > 100"
exclude: { when: "lead_score.tier = 'cold' and lead_fit.score = 0" }
guards: { max_null: 50% }
lists:
  hot_leads: { name: Hot leads, audience: hot_leads }
`;

const files: ProjectFiles = {
  ...smallProject,
  'models/lead_fit.yml': `
kind: scorecard
entity: lead
description: How well this person fits
rules:
  - id: vp
    when: "seniority = 'vp'"
    points: 50
  - id: director
    when: "seniority = 'director'"
    points: 20
tiers:
  - { name: fits, at: 40 }
  - { name: other }
`,
  [syncFile]: sync,
};

let sandbox: ControlledSandbox;
afterEach(() => sandbox?.close());

async function world(more: ProjectFiles = {}) {
  sandbox = await controlledSandbox({ token: 'right-token' });
  const dir = writeProject({ ...files, ...more });
  const env = { HUBSPOT_BASE_URL: sandbox.url, HUBSPOT_ACCESS_TOKEN: 'right-token' };
  return { dir, run: (line: string) => scoreline(dir, line, { env }) };
}

test('sends columns of several models and of their entity, each property with the tiers of its own model', async () => {
  const { dir, run } = await world();
  expect((await run('check')).err).not.toContain('error');
  const planned = await run('plan');
  expect(planned.err).not.toMatch(/SYNC_INVALID/);
  const { exitCode, out } = await run('run --yes');
  expect(exitCode).toBe(0);
  const result = JSON.parse(out);
  // Two are neither warm nor fit: left out.
  expect(result.syncs).toMatchObject([{ planned: 2, created: 2, excluded: 2, lists: [{ list: 'hot_leads' }] }]);
  const records = await sandbox.records('contacts');
  const cat = records.find(({ properties }) => properties.email === 'cat@three.example')?.properties;
  expect(cat).toMatchObject({
    lead_fit: '50',
    lead_fit_tier: 'fits',
    lead_fit_vp: '50',
    lead_seats: '250',
    lead_tier: 'hot',
  });
  expect(cat?.lead_why).toContain('+50');
  const property = async (name: string) => {
    const headers = { authorization: 'Bearer right-token' };
    const answer = await fetch(`${sandbox.url}/crm/v3/properties/contacts/${name}`, { headers });
    return (await answer.json()) as { description: string; options: { value: string }[] };
  };
  const [fitTier, tier, seats] = await Promise.all(['lead_fit_tier', 'lead_tier', 'lead_seats'].map(property));
  expect(fitTier?.options.map(({ value }) => value)).toEqual(['fits', 'other']);
  expect(tier?.options.map(({ value }) => value)).toEqual(['hot', 'warm', 'cold']);
  expect(fitTier?.description).toContain('from the model lead_fit');
  expect(seats?.description).toContain('from the models lead_score, lead_fit');

  expect(JSON.parse((await run('run')).out).syncs).toMatchObject([{ planned: 0, unchanged: 2, excluded: 2 }]);

  // A move in either model is a tier move, and the dead band of the other is open with it.
  writeFiles(dir, { 'data/users.csv': String(smallProject['data/users.csv']).replace('vp,250', 'director,250') });
  const moved = await run('run');
  expect(moved.exitCode).toBe(6);
  expect(moved.err).toContain('max_tier_moves');
  const plan = JSON.parse((await run('plan')).out);
  expect(plan.plans[0].tier_moves).toEqual([{ from: 'hot / fits', to: 'hot / other', rows: 1 }]);
  expect(plan.plans[0]).toMatchObject({ model: 'lead_score, lead_fit' });
});

test('rows of the first model that the priority names go first', async () => {
  const { run } = await world();
  expect((await run('run --yes --limit 1')).exitCode).toBe(9);
  expect((await sandbox.records('contacts')).map(({ properties }) => properties.email)).toEqual(['cat@three.example']);
});

test('a condition that names a column of two models without saying whose is refused at its place', async () => {
  const { run } = await world({ [syncFile]: sync.replace("\"lead_fit.tier = 'fits' and", "\"tier = 'fits' and") });
  const { exitCode, out } = await run('plan');
  expect(exitCode).toBe(3);
  expect(JSON.parse(out).error.problems).toMatchObject([
    { file: syncFile, line: 14, message: expect.stringContaining('the warehouse refuses it over the rows of') },
  ]);
});

test('a column that none of the models has is refused by `check` and `plan` at its place', async () => {
  const { run } = await world({ [syncFile]: sync.replace('column: lead_fit.score', 'column: score') });
  for (const line of ['check', 'plan']) {
    const { exitCode, out } = await run(line);
    expect(exitCode).toBe(3);
    expect(JSON.parse(out).error.problems).toMatchObject([{ file: syncFile, line: 9, value: 'score' }]);
  }
});

test('`diff` foresees what it would send', async () => {
  const { run } = await world();
  expect((await run('run --yes')).exitCode).toBe(0);
  const { exitCode, out } = await run('diff lead_score --output json');
  expect(exitCode).toBe(0);
  const [foreseen] = JSON.parse(out).syncs;
  expect(foreseen).toMatchObject({ sync: 'leads_to_hubspot', edited: expect.objectContaining({ changed: 0 }) });
});
