import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileScratch, scratchName, withScratchModels } from '../../src/build/diff/scratch-models.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { scoreline } from '../support/command-line.ts';
import { OpenProject } from '../support/open-project.ts';
import { emptyFolder, type ProjectFiles, smallProject, writeFiles, writeProject } from '../support/project-files.ts';

const card = `${smallProject['models/lead_score.yml']}`;

let live = '';

beforeAll(async () => {
  live = writeProject(smallProject);
  const { exitCode, err } = await scoreline(live, 'run --yes --as-of 2026-02-01');
  expect(exitCode, err).toBe(0);
});

/** A copy of the small project with its scores live, built and sent as of 1 February 2026. */
function liveProject(files: ProjectFiles = {}): string {
  const dir = emptyFolder();
  cpSync(live, dir, { recursive: true });
  writeFiles(dir, files);
  return dir;
}

const diff = async (dir: string, line = 'diff lead_score') => {
  const { exitCode, out } = await scoreline(dir, `${line} --output json`);
  return { exitCode, ...JSON.parse(out) };
};

/** Every table and view of the warehouse with all of its rows, and what the local HubSpot holds. */
async function everything(dir: string): Promise<string> {
  const path = join(dir, '.scoreline/test.duckdb');
  const warehouse = await openWarehouse({ type: 'duckdb', path, memoryLimit: '1GB' }, { timeZone: 'UTC' });
  try {
    const query = (text: string) => warehouse.query({ text, binds: [] });
    const tables = await query(
      "select table_schema as s, table_name as t from information_schema.tables where table_schema like 'scoreline%' order by all",
    );
    const contents: unknown[] = [readFileSync(join(dir, '.scoreline/test.hubspot.json'), 'utf8')];
    for (const { s, t } of tables) contents.push([s, t, await query(`select * from "${s}"."${t}" order by all`)]);
    return JSON.stringify(contents, (_, value) => (typeof value === 'bigint' ? String(value) : value), 1);
  } finally {
    await warehouse.close();
  }
}

describe('diff', () => {
  test('of a model that is as it was built says so', async () => {
    const dir = liveProject();
    const { exitCode, models, syncs } = await diff(dir);
    expect(exitCode).toBe(0);
    expect(models).toMatchObject([
      { model: 'lead_score', rows: { before: 4, after: 4, changed: 0, tier_changed: 0, appeared: 0, disappeared: 0 } },
    ]);
    expect(models[0].model_version.before).toBe(models[0].model_version.after);
    expect(syncs).toMatchObject([
      { edited: { changed: 0, unchanged: 4 }, live: { changed: 0 }, lists: [{ added: 0, removed: 0 }] },
    ]);
    const { out } = await scoreline(dir, 'diff lead_score --output table');
    expect(out).toContain('no score and no tier changes');
  });

  test('shows scores, tiers, rules, moves with reasons, and what a sync would send', async () => {
    const dir = liveProject();
    writeFiles(dir, { 'models/lead_score.yml': card.replace('points: 30', 'points: 5') });
    const { as_of, models, syncs } = await diff(dir);
    expect(as_of).toBe('2026-02-01T00:00:00.000Z');
    const [found] = models;
    // Leads 1 and 3 are above the rule of seniority, which falls from 30 points to 5.
    expect(found.rows).toEqual({ before: 4, after: 4, appeared: 0, disappeared: 0, changed: 2, tier_changed: 2 });
    expect(found.rules.filter((rule: { before: number; after: number }) => rule.before !== rule.after)).toEqual([
      { rule: 'director_or_above', before: 60, after: 10 },
    ]);
    expect(
      found.moves.map(({ key, before, after }: Record<string, Record<string, unknown>>) => [
        key,
        before?.tier,
        after?.tier,
      ]),
    ).toEqual([
      ['1', 'hot', 'warm'],
      ['3', 'hot', 'warm'],
    ]);
    expect(found.moves[0].before.score - found.moves[0].after.score).toBeCloseTo(25, 6);
    expect(found.moves[0].before.reasons).toContain('(+30)');
    expect(found.moves[0].after.reasons).toContain('(+5)');
    expect(found.tier_moves).toEqual(
      expect.arrayContaining([
        { from: 'hot', to: 'warm', rows: 2 },
        { from: 'cold', to: 'cold', rows: 2 },
      ]),
    );
    const sums = found.distribution.reduce(
      (sum: number[], { before, after }: { before: number; after: number }) => [
        (sum[0] ?? 0) + before,
        (sum[1] ?? 0) + after,
      ],
      [0, 0],
    );
    expect(sums).toEqual([4, 4]);
    expect(syncs).toEqual([
      {
        sync: 'leads_to_hubspot',
        model: 'lead_score',
        object: 'contacts',
        edited: { changed: 2, suppressed: 0, unchanged: 2, unknown: 0, excluded: 0, left: 0 },
        live: { changed: 0, suppressed: 0, unchanged: 4, unknown: 0, excluded: 0, left: 0 },
        problems: [],
        lists: [{ list: 'Hot leads', audience: 'hot_leads', added: 0, removed: 2 }],
      },
    ]);
  });

  test('foresees what `plan` then plans, dead band and rounding included', async () => {
    const dir = liveProject();
    // Lead 2 moves within the dead band, lead 1 by more.
    writeFiles(dir, {
      'models/lead_score.yml': card.replace('points: 5\n', 'points: 6\n').replace('points: 20', 'points: 16'),
    });
    const [foreseen] = (await diff(dir)).syncs;
    const { out } = await scoreline(dir, 'plan --as-of 2026-02-01 --output json');
    const [plan] = JSON.parse(out).plans;
    expect(foreseen.edited.changed).toBe(plan.rows.updates);
    expect(foreseen.edited.suppressed).toBe(plan.rows.suppressed);
    expect(foreseen.edited.unchanged).toBe(plan.rows.unchanged);
    expect([plan.rows.updates, plan.rows.suppressed, plan.rows.unchanged].map((count) => count > 0)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('takes parameters, and another instant', async () => {
    const dir = liveProject();
    const other = await diff(dir, 'diff lead_score --param half_life=1d');
    expect(other.models[0].rules).toContainEqual(expect.objectContaining({ rule: 'logged_in' }));
    expect(other.models[0].rows.changed).toBe(2);
    const later = await diff(dir, 'diff lead_score --as-of 2026-03-15');
    expect([later.as_of, later.live_as_of]).toEqual(['2026-03-15T00:00:00.000Z', '2026-02-01T00:00:00.000Z']);
    expect(later.models[0].rows.changed).toBeGreaterThan(0);
  });

  test('shows rows that appear and disappear, with what they are built from selected too', async () => {
    const dir = liveProject();
    writeFiles(dir, {
      'data/users.csv': 'lead_id,email,seniority,seats\n1,ann@one.example,director,10\n9,new@one.example,vp,\n',
    });
    const alone = await diff(dir);
    expect(alone.models[0].rows).toMatchObject({ appeared: 0, disappeared: 0 });
    const whole = await diff(dir, 'diff +lead_score');
    expect(whole.models[0].rows).toMatchObject({ before: 4, after: 2, appeared: 1, disappeared: 3 });
    expect(whole.models[0].appeared).toEqual([{ key: '9', score: 20, tier: 'cold' }]);
    expect(whole.models[0].disappeared.map(({ key }: { key: string }) => key)).toEqual(['3', '2', '4']);
    expect(whole.syncs[0].edited).toMatchObject({ left: 3, unknown: 1 });
  });

  test('with `+` behind it compares what is computed from it as well', async () => {
    const dir = liveProject({
      'models/blend.yml':
        'kind: combine\nentity: lead\ninputs: { usage: lead_score }\nscore: 0.5 * usage\ntiers: [{ name: high, at: 30 }, { name: low }]\n',
    });
    expect((await scoreline(dir, 'build --as-of 2026-02-01')).exitCode).toBe(0);
    writeFiles(dir, { 'models/lead_score.yml': card.replace('points: 30', 'points: 5') });
    const { models } = await diff(dir, 'diff lead_score+');
    expect(
      models.map(({ model, rows }: { model: string; rows: { changed: number } }) => [model, rows.changed]),
    ).toEqual([
      ['lead_score', 2],
      ['blend', 2],
    ]);
  });

  test('says where a sync could not run with the edited model', async () => {
    const dir = liveProject();
    const sync = `${smallProject['syncs/leads_to_hubspot.yml']}`;
    writeFiles(dir, {
      'sql/leads.sql': "select lead_id, seniority, seats\nfrom {{ source('app', 'users') }}\n",
      'syncs/leads_to_hubspot.yml': sync,
    });
    const { exitCode, syncs, warnings } = await diff(dir, 'diff +lead_score');
    expect(exitCode).toBe(0);
    expect(syncs[0].edited).toBeNull();
    expect(warnings).toEqual([expect.stringContaining('has no column "email"')]);
  });
});

describe('diff leaves everything as it was', () => {
  const edited = card.replace('points: 30', 'points: 5').replace('points: 20', 'points: 7');

  test('models, history, state, and HubSpot', async () => {
    const dir = liveProject();
    const before = await everything(dir);
    writeFiles(dir, { 'models/lead_score.yml': edited });
    for (const line of [
      'diff lead_score',
      'diff +lead_score+',
      'diff lead_score --param half_life=2d --as-of 2026-03-01',
    ]) {
      expect((await diff(dir, line)).models[0].rows.changed).toBeGreaterThan(0);
    }
    expect(await everything(dir)).toBe(before);
  });

  test('when a model is refused', async () => {
    const dir = liveProject();
    const before = await everything(dir);
    writeFiles(dir, {
      'models/hot_leads.yml': `${smallProject['models/hot_leads.yml']}`.replace("tier = 'hot'", 'tire = 1'),
    });
    expect(await diff(dir)).toMatchObject({ exitCode: 4, ok: false });
    expect(await everything(dir)).toBe(before);
  });

  test('when it is interrupted, or fails after building', async () => {
    const project = await OpenProject.open(smallProject);
    await project.build();
    const names = new Set(['lead_score', 'hot_leads']);
    const compiled = project.compile();
    const scratch = compileScratch(compiled, names, compiled.asOf);
    const tables = async () => [...(await project.warehouse.relations('scoreline')).keys()];
    const before = await tables();
    const interruption = new AbortController();
    const request = { scratch, names, warehouse: project.warehouse, signal: interruption.signal };
    const failing = withScratchModels(request, async () => {
      expect(await tables()).toEqual(expect.arrayContaining(['d__lead_score__building', 'd__hot_leads__building']));
      throw new RangeError('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await tables()).toEqual(before);
    const onBuilding = (model: string) => {
      if (model === 'hot_leads') interruption.abort();
    };
    await expect(withScratchModels({ ...request, onBuilding }, tables)).rejects.toMatchObject({
      code: 'RUN_INTERRUPTED',
    });
    expect(await tables()).toEqual(before);
    await project.close();
  });

  test('and what a killed one left, the next build drops', async () => {
    const dir = liveProject();
    const path = join(dir, '.scoreline/test.duckdb');
    const warehouse = await openWarehouse({ type: 'duckdb', path, memoryLimit: '1GB' }, { timeZone: 'UTC' });
    const left = scratchName('scoreline', { name: 'lead_score' });
    await warehouse.createTable(left, { text: 'select 1 as lead_id', binds: [] });
    await warehouse.close();
    const { err } = await scoreline(dir, 'build --as-of 2026-02-01 --output json');
    expect(err).toContain(`dropped what an earlier build left behind: ${left.name}`);
  });
});

describe('diff is refused', () => {
  test.each([
    ['diff leads', '`leads` has no scored model, so there are no scores to compare'],
    ['diff lead_scor', 'There is no model `lead_scor`.'],
    ['diff', 'Something is missing: scoreline diff <models..>'],
    ['diff lead_score', '`lead_score` has no rows in this target yet: there is nothing to compare with'],
  ])('as %s', async (line, message) => {
    const { exitCode, error } = await diff(writeProject(smallProject), line);
    expect(exitCode).toBe(2);
    expect(error.message).toContain(message);
  });
});

test('a terminal gets a picture, and a pull request its markdown', async () => {
  const dir = liveProject();
  writeFiles(dir, { 'models/lead_score.yml': card.replace('points: 30', 'points: 5') });
  const { out } = await scoreline(dir, 'diff lead_score --moves 1 --output table');
  expect(out).toMatch(/^Edited beside live, as of 2026-02-01 00:00 UTC\n/);
  expect(out).toMatch(/\n {2}\s+\d+ – +\d+ +\d+ █+/);
  expect(out).toMatch(/from \\ to {2}/);
  expect(out).toContain('and 1 more');
  expect(out).toContain('2 changed rows to send, 2 unchanged; with the live model 0 to send');
  const { out: markdown } = await scoreline(dir, 'diff lead_score --output markdown');
  expect(markdown).toContain('### lead_score');
  expect(markdown).toMatch(/```text\n[\s\S]*█[\s\S]*```/);
  expect(markdown).toMatch(/\| from, to \|/);
});
