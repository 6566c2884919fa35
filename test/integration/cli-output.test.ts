import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ended, scoreline } from '../support/command-line.ts';
import { emptyFolder, smallProject, writeProject } from '../support/project-files.ts';

/** From the project that `init` makes, on the day on which its data ends. */
const now = new Date('2026-06-30T12:00:00Z');
let dir: string;
const seen: Record<string, Ended> = {};

beforeAll(async () => {
  const parent = emptyFolder();
  dir = join(parent, 'my-project');
  seen.init = await scoreline(parent, 'init my-project', { terminal: true, now });
  const terminal = (line: string) => scoreline(dir, line, { terminal: true, now });
  seen.check = await terminal('check');
  seen.plan = await terminal('plan --param half_life=10d');
  seen.run = await terminal('run --yes');
  seen.again = await terminal('run --yes');
  seen.explain = await terminal('explain lead_score P136');
  seen.build = await terminal('build +lead_score');
}, 120_000);

const printed = (name: string) => seen[name]?.out ?? '';
/** What stays on a terminal: a line that was not ended gives way to the next one. */
const told = (name: string) => {
  const parts = (seen[name]?.err ?? '').split('\r\u001b[2K');
  return parts.filter((part, index) => part.includes('\n') || index === parts.length - 1).join('');
};

describe('on a terminal', () => {
  test('every command ends with exit 0', () => {
    for (const [name, { exitCode, err }] of Object.entries(seen))
      expect({ name, exitCode, err }).toMatchObject({ exitCode: 0 });
  });

  test('`init` names the next commands, with a lead that is there', () => {
    expect(printed('init')).toMatch(/^Made \d+ files in my-project\n\nNext:\n {2}cd my-project\n {2}scoreline plan /);
    expect(printed('init')).toContain('scoreline explain lead_score P136 ');
  });

  test('`check` says what it asked', () => {
    expect(printed('check')).toMatch(/^No problems in 5 models and 1 sync. Asked: the warehouse and HubSpot.\n\n/);
    expect(printed('check')).toContain('lead_score reads source tables that declare no `loaded_at`');
  });

  test('`plan` shows the account, what is made, the rows, the moves of tiers with the highest first, and the largest changes', () => {
    const plan = printed('plan');
    expect(plan).toMatch(/^Local HubSpot account \d+ \(\w+, UTC\), scores as of 2026-06-30 12:00 UTC\n/);
    expect(plan).toContain('contacts  lead_score → contacts by email, mode upsert');
    expect(plan).toContain('  + property        lead_score (number): Lead score\n');
    expect(plan).toContain('  + list            Hot leads\n');
    expect(plan).toMatch(
      /\n {2}160 rows in the model\n {2}158 create\n {4}2 unmatched {2}no email, or a record that was deleted/,
    );
    expect(plan).toMatch(/\n {2}from \\ to +hot +warm +nurture +cold\n[^\n]+\n {2}\(new\) +\d+ +\d+ +\d+ +\d+\n/);
    expect(plan).toMatch(/\n +key +lead_score +lead_tier +lead_reasons\n[^\n]+\n {2}\+ +P\d+ +\d+ +hot +\S/);
    expect(plan).not.toMatch(/\d{13}/);
  });

  test('`plan` ends with what it takes and the command that sends it', () => {
    const [total, , , ask, next] = printed('plan').trim().split('\n').slice(-5);
    expect(total).toMatch(
      /^Plan: 158 rows and \d list members? to send, about \d+ calls and [\d.]+ s, under 0\.1% of the day's calls\.$/,
    );
    expect(ask).toBe('  ask  contacts: writes to this account for the first time; needs a yes, or --yes');
    expect(next).toBe('To send it: scoreline run --param half_life=10d');
  });

  test('`run` shows one line a sync and one a list, by its name, and where to look', () => {
    expect(printed('run')).toMatch(/\n {2}contacts +158 +158 +0 +0 +0 +2 +0 +0\n/);
    expect(printed('run')).toMatch(/\n {2}Hot leads +\d +0 +0 +0 +0\n/);
    expect(printed('run')).toContain('To look at the records: scoreline sandbox --state .scoreline/local.hubspot.json');
  });

  test('a second `run` says that there is nothing to send, and counts the calls that it looked with', () => {
    expect(printed('again')).toContain('Nothing to send: HubSpot holds what the models say.');
    expect(printed('again')).toMatch(/\n {2}\d calls to HubSpot in [\d.]+ s, to look\n/);
  });

  test('progress gives way: a line for the models, one for each sync, and nothing of the steps', () => {
    expect(told('run')).toMatch(
      /^built 5 models, 11 tests passed \([\d.]+ s\)\ncontacts: 158 rows to create, \d members? to add to Hot leads\n$/,
    );
    expect(told('again')).toMatch(/^built 5 models.*\ncontacts: nothing to send\n$/);
    expect(seen.run?.err).toContain('building leads (2 of 5)');
    expect(seen.run?.err).toContain('158 of 158 rows sent');
  });

  test('`explain` is a sum that adds up, with events under the day they count for', () => {
    const explanation = printed('explain');
    expect(explanation).toMatch(/^lead P136: lead_score [\d.]+, hot {3}as of 2026-06-30 12:00 UTC\n/);
    const sums = [...explanation.matchAll(/^ {2}(fit|behaviour|score) +\+([\d.]+)/gm)].map(([, , sum]) => Number(sum));
    expect((sums[0] ?? 0) + (sums[1] ?? 0)).toBeCloseTo(sums[2] ?? 0, 1);
    expect(explanation).toMatch(/\n {6}2026-\d\d-\d\d \d\d:\d\d {2}page_views {2}\+6, \+[\d.]+ left\n/);
    expect(explanation).toContain('No points from: ');
  });

  test('`build` shows one line a model', () => {
    expect(printed('build')).toMatch(/\n {2}lead_score +table +160 +2 +[\d.]+\n/);
    expect(printed('build')).toContain('4 models in ');
  });

  test('no line is wider than 120 characters, and none ends with blanks', () => {
    for (const { out } of Object.values(seen)) {
      for (const line of out.split('\n')) {
        expect(line.length, line).toBeLessThanOrEqual(120);
        expect(line).toBe(line.trimEnd());
      }
    }
  });

  test('colours are there, unless NO_COLOR is set', async () => {
    const line = 'explain lead_score P136';
    const coloured = await scoreline(dir, line, { terminal: true, now, env: { NO_COLOR: '' } });
    expect(coloured.out).toContain('\u001b[1m');
    expect(printed('explain')).not.toContain('\u001b');
  });
});

describe('in a pipe', () => {
  test('stdout is one JSON object in snake_case, whatever the command', async () => {
    for (const line of ['check', 'plan', 'run', 'build', 'explain lead_score P136', 'schema']) {
      const { exitCode, out } = await scoreline(dir, line, { now });
      expect(exitCode).toBe(0);
      const object = JSON.parse(out);
      expect(object).toMatchObject({
        schema_version: 1,
        ok: true,
        command: line.split(' ')[0],
        error: null,
        warnings: [],
      });
      expect(object.run_id).toMatch(/^20260630T120000-[0-9a-f]{6}$/);
      expect(memberNames(object).filter((name) => /[A-Z]/.test(name))).toEqual([]);
    }
  });

  test('`compile` gives SQL with its binds as comments, and JSON where that is asked for', async () => {
    const { out } = await scoreline(dir, 'compile lead_score', { now });
    expect(out).toMatch(/^-- One row per lead_id/);
    expect(out).toContain('-- $1 timestamp "2026-06-30T12:00:00.000Z"');
    const { model, sql, binds } = JSON.parse((await scoreline(dir, 'compile lead_score --output json', { now })).out);
    expect(out.startsWith(sql)).toBe(true);
    expect({ model, binds }).toEqual({
      model: 'lead_score',
      binds: [{ type: { kind: 'timestamp' }, value: now.toISOString() }],
    });
  });

  test('`--output table` gives a pipe what a terminal gets, without colours', async () => {
    const { out } = await scoreline(dir, 'explain lead_score P136 --output table', { now, env: { NO_COLOR: '' } });
    expect(out).toBe(printed('explain'));
  });

  test('`--output json` gives a terminal what a pipe gets', async () => {
    const { out } = await scoreline(dir, 'check --offline --output json', { terminal: true, now });
    expect(JSON.parse(out)).toMatchObject({ ok: true, models: 5, syncs: 1, asked: [] });
  });

  test('the plan has the tiers in the order of the model, and its moves in theirs', async () => {
    const { plans } = JSON.parse((await scoreline(writeProject(smallProject), 'plan')).out);
    expect(plans[0].tiers).toEqual(['hot', 'warm', 'cold']);
    expect(plans[0].tier_moves).toEqual([
      { from: null, to: 'hot', rows: 2, causes: { first: 2 } },
      { from: null, to: 'cold', rows: 2, causes: { first: 2 } },
    ]);
  });
});

describe('stderr', () => {
  test('as text has a line for each model, and each call at the level debug', async () => {
    const { err } = await scoreline(dir, 'run', { now });
    expect(err).toMatch(/^built form_fills \([\d.]+ s\)\nbuilt leads, 160 rows, 7 tests passed \([\d.]+ s\)\n/);
    expect(err).not.toContain('GET /');
    const { err: detailed } = await scoreline(dir, 'run --log-level debug', { now });
    expect(detailed).toContain('building leads (2 of 5)\n');
    expect(detailed).toMatch(/\nGET \/account-info\/v3\/details 200\n/);
  });

  test('as JSON has one event a line, with time, level, command, run_id, event and figures', async () => {
    const { out, err } = await scoreline(dir, 'run --log-format json', { now });
    const events = err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { run_id: runId } = JSON.parse(out);
    for (const event of events) {
      expect(event).toMatchObject({ time: now.toISOString(), level: 'info', command: 'run', run_id: runId });
      expect(event.message).toEqual(expect.any(String));
    }
    expect(events.map(({ event }) => event)).toEqual([
      ...Array.from({ length: 5 }, () => 'model_built'),
      'models_built',
      'sync_planned',
      'run_ended',
    ]);
    expect(events[1]).toMatchObject({ model: 'leads', figures: { rows: 160, tests: 7, seconds: expect.any(Number) } });
    expect(events[6]).toMatchObject({ sync: 'contacts' });
    const statements = expect.any(Number);
    expect(events[7]).toMatchObject({
      figures: { status: 'finished', statements, warehouse_seconds: expect.any(Number) },
    });
  });

  test('as JSON tells how the command failed, too', async () => {
    const { exitCode, err } = await scoreline(emptyFolder(), 'run --log-format json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(err)).toMatchObject({ level: 'error', event: 'failed', exit_code: 3, code: 'CONFIG_NOT_FOUND' });
  });

  test.each([
    ['warn', 0],
    ['error', 0],
  ])('at the level %s is silent where all goes well', async (level, length) => {
    expect((await scoreline(dir, `build --log-level ${level}`, { now })).err).toHaveLength(length);
    expect((await scoreline(dir, `build --log-level ${level}`, { now, terminal: true })).err).toHaveLength(length);
  });
});

function memberNames(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(memberNames);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => [name, ...memberNames(each)]);
}
