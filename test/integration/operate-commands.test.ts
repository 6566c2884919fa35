import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { type ControlledSandbox, controlledSandbox } from '../support/controlled-sandbox.ts';
import { fakeIo } from '../support/fake-io.ts';
import { smallProject, writeFiles, writeProject } from '../support/project-files.ts';

let sandbox: ControlledSandbox;
let dir: string;

beforeAll(async () => {
  sandbox = await controlledSandbox({
    settings: { limits: { burstPer10s: null, searchPerSecond: null, perDay: null } },
  });
});
afterAll(() => sandbox?.close());

/** A project whose target is the local HubSpot over HTTP; each test gets its own object names by e-mail. */
beforeEach(() => {
  const config = String(smallProject['config/scoreline.yml'])
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the file spells it
    .replace('{ sandbox: true }', '{ token: "${HUBSPOT_ACCESS_TOKEN}" }')
    .replace('timezone: UTC', 'timezone: UTC\nretention: { ledger: 30d }');
  dir = writeProject({ ...smallProject, 'config/scoreline.yml': config });
});

interface Answer {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the test is about
  readonly json: any;
}

async function type(line: string, options: { terminal?: boolean; now?: Date } = {}): Promise<Answer> {
  const env = { HUBSPOT_ACCESS_TOKEN: sandbox.token, HUBSPOT_BASE_URL: sandbox.url };
  const io = fakeIo({ cwd: dir, env, ...options });
  const exitCode = await runProgram(line.split(' '), io);
  const out = io.out();
  return { exitCode, out, err: io.err(), json: options.terminal ? undefined : JSON.parse(out) };
}

async function patch(email: string, properties: Readonly<Record<string, string>>): Promise<void> {
  const record = (await sandbox.records('contacts')).find((each) => each.properties.email === email);
  const response = await fetch(`${sandbox.url}/crm/v3/objects/contacts/${record?.id}`, {
    method: 'PATCH',
    body: JSON.stringify({ properties }),
    headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
  });
  if (!response.ok) throw new Error(await response.text());
}

async function scoreOf(email: string): Promise<string | null> {
  const record = (await sandbox.records('contacts')).find((each) => each.properties.email === email);
  return record?.properties.lead_score || null;
}

const asOfFebruary = 'run --as-of 2026-02-01 --yes';

describe('from an empty state to a rollback', () => {
  test('status, audit, rollback and forget, as a data engineer uses them', async () => {
    const empty = await type('status', { terminal: true });
    expect(empty).toMatchObject({ exitCode: 0, out: expect.stringContaining('Nothing has run yet') });

    const first = await type(asOfFebruary);
    expect(first).toMatchObject({ exitCode: 0, json: { ok: true, syncs: [{ created: 4 }] } });
    const runId: string = first.json.run_id;

    const status = await type('status');
    expect(status).toMatchObject({
      exitCode: 0,
      json: {
        schema_version: 1,
        runs: [{ run_id: runId, command: 'run', status: 'finished', error_code: null }],
        syncs: [{ sync: 'leads_to_hubspot', accepted: 4, deferred: 0, refused: 0, as_of: '2026-02-01T00:00:00.000Z' }],
        models: expect.arrayContaining([
          { model: 'lead_score', kind: 'scorecard', rows: 4, as_of: '2026-02-01T00:00:00.000Z' },
        ]),
      },
    });
    const seen = await type('status', { terminal: true });
    for (const word of [runId, 'leads_to_hubspot', 'lead_score', 'finished']) expect(seen.out).toContain(word);

    const before = await scoreOf('ann@one.example');
    await patch('ann@one.example', { lead_score: '1' });
    expect(await type('audit leads_to_hubspot')).toMatchObject({
      exitCode: 0,
      json: { audit: { audited: 4, as_expected: 3, drift: { changed: 1 } }, plan: null, result: null },
    });
    expect(await type('audit leads_to_hubspot --fail-on-drift')).toMatchObject({
      exitCode: 6,
      json: { ok: false, error: { code: 'GUARD_DRIFT' } },
    });
    const dry = await type('audit leads_to_hubspot --fix --dry-run');
    expect(dry).toMatchObject({ exitCode: 0, json: { plan: { rows: { updates: 1, unchanged: 3 } }, result: null } });
    expect(await scoreOf('ann@one.example')).toBe('1');
    const fixed = await type('audit leads_to_hubspot --fix', { terminal: true });
    expect(fixed).toMatchObject({ exitCode: 0, err: expect.not.stringContaining('warning') });
    expect(fixed.out).toMatch(/changed {2}hold another value/);
    expect(await scoreOf('ann@one.example')).toBe(before);

    const looked = await type(`rollback ${runId} --dry-run`);
    expect(looked).toMatchObject({
      exitCode: 0,
      json: { rollbacks: [{ written: 4, restored: 4, created: 4 }], syncs: [] },
    });
    expect(await scoreOf('ann@one.example')).toBe(before);
    const back = await type(`rollback ${runId}`);
    expect(back).toMatchObject({ exitCode: 0, json: { rollbacks: [{ restored: 4 }], syncs: [{ rejected: 0 }] } });
    expect(await scoreOf('ann@one.example')).toBeNull();
    expect(await sandbox.records('contacts')).toHaveLength(4);

    const forgotten = await type('forget contacts ANN@one.example');
    expect(forgotten).toMatchObject({
      exitCode: 0,
      json: { receipt: { object: 'contacts', erased: { identities: 1 } } },
    });
    expect(forgotten.out.toLowerCase()).not.toContain('ann@');
    // The guard takes so many changes for a mistake, as it should.
    expect(await type(asOfFebruary)).toMatchObject({ exitCode: 6 });
    const again = await type(`${asOfFebruary} --override max_changed=restored`);
    expect(again).toMatchObject({ exitCode: 0, json: { syncs: [{ excluded: 1, created: 0, updated: 3 }] } });
    expect(await scoreOf('ann@one.example')).toBeNull();
  }, 60_000);

  test('what is only looked at leaves a saved plan as it is', async () => {
    const users = Array.from({ length: 12 }, (_, id) => `${id},looked${id}@one.example,director,10\n`);
    writeFiles(dir, { 'data/users.csv': `lead_id,email,seniority,seats\n${users.join('')}` });
    const first = await type(asOfFebruary);
    const changed = users.join('').replace('director', '');
    writeFiles(dir, { 'data/users.csv': `lead_id,email,seniority,seats\n${changed}` });
    expect(await type('plan --as-of 2026-02-01 --out plan.json')).toMatchObject({
      json: { error: null, plans: [{ rows: { updates: 1 } }] },
    });
    await patch('looked2@one.example', { lead_score: '1' });
    const fixed = await type('audit leads_to_hubspot --fix --dry-run');
    expect(fixed.json.plan.rows.updates).toBe(1);
    const back = await type(`rollback ${first.json.run_id} --dry-run`);
    expect(back.json.plans[0].rows.updates).toBe(12);
    expect(await type('apply plan.json')).toMatchObject({ json: { syncs: [{ updated: 1 }] } });
  }, 60_000);

  test('an audit leaves rows alone that the sync excludes', async () => {
    writeFiles(dir, { 'data/users.csv': 'lead_id,email,seniority,seats\n4,excluded@one.example,director,10\n' });
    expect(await type(asOfFebruary)).toMatchObject({ exitCode: 0 });
    const sync = String(smallProject['syncs/leads_to_hubspot.yml']);
    writeFiles(dir, { 'syncs/leads_to_hubspot.yml': `${sync}exclude: { when: "seats >= 10", properties: keep }\n` });
    await patch('excluded@one.example', { lead_score: '1' });
    const audit = await type('audit leads_to_hubspot --fix');
    expect(audit).toMatchObject({
      exitCode: 0,
      json: { audit: { audited: 0, not_audited: { excluded: 1, in_doubt: 0, vanished: 0 } }, plan: null },
    });
    expect(await scoreOf('excluded@one.example')).toBe('1');
  }, 60_000);

  test('older scores need to be asked for', async () => {
    // Nobody logged in here, so that the score is the same on both days and no guard has anything to say.
    writeFiles(dir, { 'data/users.csv': 'lead_id,email,seniority,seats\n4,old@one.example,director,10\n' });
    expect(await type('run --as-of 2026-02-01 --yes')).toMatchObject({ exitCode: 0 });
    const refused = await type('run --as-of 2026-01-15 --yes');
    expect(refused).toMatchObject({ exitCode: 10, json: { error: { code: 'STATE_OLDER_AS_OF' } } });
    expect(refused.json.error.hint).toContain('--allow-older');
    const allowed = await type('run --as-of 2026-01-15 --yes --allow-older');
    expect(allowed.json.error).toBeNull();
    // It is those that HubSpot accepted last by now.
    expect((await type('run --as-of 2026-01-20 --yes')).json.error).toBeNull();
  }, 60_000);

  test('a person is not forgotten under an object that nobody writes', async () => {
    const refused = await type('forget contact ann@one.example');
    expect(refused).toMatchObject({ exitCode: 2, json: { error: { code: 'USAGE_INVALID' } } });
    expect(refused.json.error.message).toContain('"contact"');
    expect(refused.json.error.hint).toBe('Known: contacts');
  });

  test('a run that fails before it plans is in `status`', async () => {
    expect(await type(asOfFebruary)).toMatchObject({ exitCode: expect.any(Number) });
    const env = { HUBSPOT_ACCESS_TOKEN: 'wrong', HUBSPOT_BASE_URL: sandbox.url };
    const io = fakeIo({ cwd: dir, env });
    expect(await runProgram(asOfFebruary.split(' '), io)).toBe(5);
    const [last] = (await type('status')).json.runs;
    expect(last).toMatchObject({ command: 'run', status: 'failed', error_code: 'DESTINATION_UNAUTHORIZED' });

    writeFiles(dir, { 'data/users.csv': 'lead_id,email,seniority,seats\n4,a@b.example,vp,1\n4,a@b.example,vp,1\n' });
    expect(await type(asOfFebruary)).toMatchObject({ exitCode: 6 });
    const [failed] = (await type('status')).json.runs;
    expect(failed).toMatchObject({ status: 'failed', error_code: 'GUARD_TEST_FAILED' });
    expect((await type('status', { terminal: true })).out).toMatch(/! .*GUARD_TEST_FAILED/);
  }, 60_000);

  test('a run whose ledger was pruned cannot be rolled back, and the refusal says so', async () => {
    writeFiles(dir, { 'data/users.csv': 'lead_id,email,seniority,seats\n4,pruned@one.example,director,10\n' });
    const first = await type(asOfFebruary);
    expect(first.exitCode).toBe(0);
    await type(`${asOfFebruary} --log-level debug`, { now: new Date('2026-09-01T00:00:00Z') });
    expect(await type(`rollback ${first.json.run_id}`)).toMatchObject({
      exitCode: 10,
      json: { error: { code: 'STATE_PRUNED', message: expect.stringContaining('2026-09-01') } },
    });
  }, 60_000);

  test('rejected rows are listed with their reasons, and tried again on request', async () => {
    writeFiles(dir, {
      'data/users.csv': 'lead_id,email,seniority,seats\n1,not an address,director,10\n2,fine@two.example,vp,3\n',
    });
    expect(await type(asOfFebruary)).toMatchObject({ exitCode: 7 });
    const rejected = await type('rejected');
    expect(rejected).toMatchObject({
      exitCode: 0,
      json: { total: 1, released: 0, rows: [{ sync: 'leads_to_hubspot', model_key: '1', attempts: 1 }] },
    });
    expect(rejected.out).not.toContain('not an address');
    expect(await type('status')).toMatchObject({ json: { syncs: [{ refused: 1 }] } });
    const retried = await type('rejected leads_to_hubspot --retry', { terminal: true });
    expect(retried.out).toMatch(/pauses of 1 row are ended/);
    expect(await type('rejected nobody')).toMatchObject({ exitCode: 2 });
  }, 60_000);

  test('rows whose record somebody deleted are listed beside the rejected ones', async () => {
    writeFiles(dir, { 'data/users.csv': 'lead_id,email,seniority,seats\n5,gone@one.example,director,10\n' });
    expect(await type(asOfFebruary)).toMatchObject({ exitCode: 0 });
    const gone = (await sandbox.records('contacts')).find(({ properties }) => properties.email === 'gone@one.example');
    await sandbox.remove('contacts', [gone?.id ?? '']);
    writeFiles(dir, { 'data/users.csv': 'lead_id,email,seniority,seats\n5,gone@one.example,vp,90\n' });
    expect(await type(`${asOfFebruary} --override max_changed=one`)).toMatchObject({ exitCode: 7 });
    expect(await type('rejected')).toMatchObject({
      exitCode: 0,
      json: {
        total: 0,
        vanished: { total: 1, rows: [{ sync: 'leads_to_hubspot', object: 'contacts', model_key: '5' }] },
      },
    });
    const seen = await type('rejected', { terminal: true });
    expect(seen.out).toContain('In HubSpot, the record of 1 row is gone');
    expect(seen.out).toContain('recreate: true');
  }, 60_000);

  test('an audit with the token of another account is refused, and one before the first run says that it read nothing', async () => {
    const early = await type('audit leads_to_hubspot', { terminal: true });
    expect(early).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('has written nothing to this account yet'),
    });
    expect(await type(asOfFebruary)).toMatchObject({ exitCode: 0 });
    const other = await controlledSandbox({ portalId: 4_711_000 });
    const io = fakeIo({ cwd: dir, env: { HUBSPOT_ACCESS_TOKEN: other.token, HUBSPOT_BASE_URL: other.url } });
    const exitCode = await runProgram(['audit', 'leads_to_hubspot'], io);
    await other.close();
    expect(exitCode).toBe(10);
    expect(JSON.parse(io.out()).error).toMatchObject({
      code: 'DESTINATION_PORTAL',
      message: expect.stringMatching(/^leads_to_hubspot has never written to HubSpot account 4711000, .* but to \d+$/),
    });
  }, 60_000);

  test('a sync that was renamed is told of its old name', async () => {
    expect(await type(asOfFebruary)).toMatchObject({ exitCode: 0, err: expect.not.stringContaining('is new') });
    renameSync(join(dir, 'syncs/leads_to_hubspot.yml'), join(dir, 'syncs/people.yml'));
    const renamed = await type('plan');
    expect(renamed.err).toContain(
      'people is new, and leads_to_hubspot, which is not in the project any more, wrote lead_score',
    );
  }, 60_000);

  test('every line of the log is one event with time, level, run, sync and figures', async () => {
    writeFiles(dir, { 'data/users.csv': 'lead_id,email,seniority,seats\n1,log@one.example,director,10\n' });
    const { err, json } = await type(`${asOfFebruary} --log-format json --log-level debug`);
    const lines = err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      expect(line).toMatchObject({
        time: '2026-06-30T12:00:00.000Z',
        level: expect.stringMatching(/^(debug|info|warn)$/),
        run_id: json.run_id,
        command: 'run',
        event: expect.stringMatching(/^[a-z_]+$/),
        message: expect.any(String),
      });
    }
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'rows_sent', sync: 'leads_to_hubspot', figures: { rows: 1 } }),
    );
    expect(err).not.toContain('log@one.example');
    expect(err).not.toContain(sandbox.token);
  }, 60_000);

  test.each([
    ['rollback no-such-run', 2, 'no run "no-such-run"'],
    ['audit no_such_sync', 2, 'no sync "no_such_sync"'],
  ])('refuses `%s` with exit %i', async (line, exitCode, message) => {
    expect(await type(line)).toMatchObject({
      exitCode,
      json: { error: { message: expect.stringContaining(message) } },
    });
  });
});
