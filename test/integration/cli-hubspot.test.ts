import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Ended, scoreline, stackTrace } from '../support/command-line.ts';
import { emptyFolder, type ProjectFiles, smallProject, writeFiles, writeProject } from '../support/project-files.ts';

// Retries wait for half a minute in all; here as long as it takes to say so.
vi.mock('../../src/hubspot/clock.ts', async (original) => {
  const real = await original<typeof import('../../src/hubspot/clock.ts')>();
  const sleep = (durationMs: number, signal?: AbortSignal) => real.systemClock.sleep(Math.min(durationMs, 5), signal);
  return { systemClock: { ...real.systemClock, sleep } };
});

const config = String(smallProject['config/scoreline.yml']);
const syncFile = 'syncs/leads_to_hubspot.yml';
const users = String(smallProject['data/users.csv']);

let sandbox: Sandbox;
afterEach(() => sandbox?.close());

/** The small project with an account of its own, and the environment that leads there. */
async function world(
  files: ProjectFiles = {},
  options: SandboxOptions = {},
): Promise<{
  dir: string;
  run: (line: string, more?: { terminal?: boolean; env?: Record<string, string> }) => Promise<Ended>;
}> {
  sandbox = await startSandbox({ token: 'right-token', ...options });
  const dir = writeProject({ ...smallProject, ...files });
  const env = { HUBSPOT_BASE_URL: sandbox.url, HUBSPOT_ACCESS_TOKEN: 'right-token' };
  return { dir, run: (line, more = {}) => scoreline(dir, line, { ...more, env: { ...env, ...more.env } }) };
}

interface Seen {
  readonly method: string;
  readonly path: string;
}

async function requestsSeen(): Promise<readonly Seen[]> {
  const answer = await fetch(`${sandbox.url}/_sandbox/requests?limit=10000`);
  return ((await answer.json()) as { requests: readonly Seen[] }).requests;
}

/** Reads are GETs, and POSTs that look something up. */
function writesIn(requests: readonly Seen[]): readonly Seen[] {
  return requests.filter(
    ({ method, path }) => method !== 'GET' && !/batch\/read|\/search|access-token-info/.test(path),
  );
}

function manyUsers(count: number, emailOf: (n: number) => string): string {
  const rows = Array.from({ length: count }, (_, n) => `${n},${emailOf(n)},vp,${n % 50}`);
  return `lead_id,email,seniority,seats\n${rows.join('\n')}\n`;
}

/** A second sync, whose plan is carried out before that of the contacts. */
const withCompanies: ProjectFiles = {
  'config/scoreline.yml': config.replace(
    'entities:',
    `entities:\n  account: { relation: "{{ ref('accounts') }}", key: account_id }`,
  ),
  'models/accounts.yml': 'sql: sql/accounts.sql\nkey: [account_id]\n',
  'sql/accounts.sql':
    "select lead_id as account_id, {{ email_domain('email') }} as domain, seats from {{ ref('leads') }}",
  'models/account_score.yml': 'kind: scorecard\nentity: account\nrules:\n  - { id: seats, value: seats, points: 1 }\n',
  'syncs/a_companies.yml':
    'object: companies\nmodel: account_score\nmatch: { domain: domain }\nmode: upsert\nproperties:\n  seat_score: { column: score, type: number }\n',
};

async function addFault(path: string, effect: object): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ match: { method: 'POST', path }, effect }),
  });
}

describe('HubSpot refuses:', () => {
  test('a wrong token ends with exit 5 before anything is built', async () => {
    const { run } = await world();
    for (const line of ['run', 'plan', 'check']) {
      const { exitCode, out, err } = await run(line, { env: { HUBSPOT_ACCESS_TOKEN: 'wrong-secret' } });
      expect(exitCode).toBe(5);
      expect(JSON.parse(out).error).toMatchObject({ code: 'DESTINATION_UNAUTHORIZED', retryable: false });
      expect(err).toContain('Check the token');
      expect(err).not.toContain('built');
      expect(out + err).not.toContain('wrong-secret');
      expect(err).not.toMatch(stackTrace);
    }
  });

  test('a token with blanks in it ends with exit 5 and is not shown', async () => {
    const { run } = await world();
    const { exitCode, out, err } = await run('run --yes', { env: { HUBSPOT_ACCESS_TOKEN: 'secret\nother-half' } });
    expect(exitCode).toBe(5);
    expect(out + err).not.toContain('other-half');
  });

  test('a missing scope ends with exit 5, names the scope, and nothing is written', async () => {
    const scopes = ['crm.objects.contacts.read', 'crm.schemas.contacts.read', 'crm.lists.read'];
    const { run } = await world({}, { settings: { tokens: [{ token: 'weak-token', scopes }] } });
    const { exitCode, out, err } = await run('run --yes', { env: { HUBSPOT_ACCESS_TOKEN: 'weak-token' } });
    expect(exitCode).toBe(5);
    const { error } = JSON.parse(out);
    expect(error).toMatchObject({
      code: 'DESTINATION_FORBIDDEN',
      details: { missing_scopes: ['crm.schemas.contacts.write', 'crm.objects.contacts.write', 'crm.lists.write'] },
    });
    expect(err).toContain(
      'The access token lacks the scopes crm.schemas.contacts.write, crm.objects.contacts.write, crm.lists.write',
    );
    const answers = (await (await fetch(`${sandbox.url}/_sandbox/writes`)).json()) as { objects: { writes: number }[] };
    expect(answers.objects.every(({ writes }) => writes === 0)).toBe(true);
  });

  test('an account that is not the one of `portal_id` ends with exit 10 and both numbers', async () => {
    const { run } = await world(
      { 'config/scoreline.yml': config.replace('{ sandbox: true }', '{ token: right-token, portal_id: 4711 }') },
      { portalId: 5001 },
    );
    for (const line of ['run', 'plan', 'check']) {
      const { exitCode, err } = await run(line);
      expect(exitCode).toBe(10);
      expect(err).toContain('5001');
      expect(err).toContain('4711');
    }
    expect(writesIn(await requestsSeen())).toEqual([]);
  });

  test('a property of another type ends `check`, `plan` and `run` with exit 3 at its place', async () => {
    const { dir, run } = await world();
    await run('run --yes');
    const before = writesIn(await requestsSeen()).length;
    writeFiles(dir, { [syncFile]: String(smallProject[syncFile]).replace('type: enumeration', 'type: string') });
    for (const line of ['check', 'plan', 'run']) {
      const { exitCode, out } = await run(line);
      expect(exitCode).toBe(3);
      expect(JSON.parse(out).error.problems).toMatchObject([
        {
          code: 'SYNC_INVALID',
          file: syncFile,
          line: 8,
          value: 'string',
          message: expect.stringContaining('enumeration'),
        },
      ]);
    }
    expect(writesIn(await requestsSeen())).toHaveLength(before);
  });

  test('a column that the model lacks ends `check` and `plan` with exit 3 at its place', async () => {
    const { run } = await world({
      [syncFile]: String(smallProject[syncFile]).replace('column: score', 'column: scoer'),
    });
    for (const line of ['check', 'plan']) {
      const { exitCode, out } = await run(line);
      expect(exitCode).toBe(3);
      expect(JSON.parse(out).error.problems).toMatchObject([{ file: syncFile, line: 7, value: 'scoer' }]);
    }
  });

  /** Five of 250 rows have no address that HubSpot takes. */
  const fiveRefused = {
    'data/users.csv': manyUsers(250, (n) => (n >= 77 && n < 82 ? `no-address${n}` : `p${n}@x.example`)),
  };

  test('rows end with exit 7, named with their reason, and the others are sent', async () => {
    const { run } = await world(fiveRefused);
    const { exitCode, out, err } = await run('run --yes');
    expect(exitCode).toBe(7);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      error: { code: 'RUN_REJECTED', details: { rejected: 5, deferred: 0 } },
      syncs: [{ planned: 250, created: 245, rejected: 5 }],
      rejections: [
        {
          sync: 'leads_to_hubspot',
          category: 'VALIDATION_ERROR',
          property: 'email',
          rows: 5,
          keys: ['77', '78', '79'],
        },
      ],
    });
    expect(err).toContain('5 rows were refused');
    expect(err).toContain('scoreline rejected');
    expect(out).not.toContain('no-address');

    // In their pause somebody knows of them.
    const next = await run('run');
    expect(next.exitCode).toBe(0);
    expect(JSON.parse(next.out)).toMatchObject({
      syncs: [{ planned: 0, waiting: 5, rejected: 0 }],
      warnings: [expect.stringContaining('5 rows refused as in earlier runs')],
    });
  });

  test('rows are shown to people by reason', async () => {
    const { run } = await world(fiveRefused);
    const { exitCode, out } = await run('run --yes', { terminal: true });
    expect(exitCode).toBe(7);
    expect(out).toMatch(/Rejected\n +sync +rows +why +keys\n[^\n]*\n +leads_to_hubspot +5 +email: .* 77, 78, 79 …\n/);
  });

  test('rows that share an address are refused while planning, both named, and end a run with exit 7', async () => {
    const { run } = await world({ 'data/users.csv': `${users}9,ANN@one.example,vp,3\n` });
    const plan = await run('plan', { terminal: true });
    expect(plan.exitCode).toBe(0);
    expect(plan.out).toMatch(/5 create\n +2 refused/);
    expect(plan.out).toMatch(/2 rows refused while planning\n.*\n.*\n +1 +The rows 1 and 9 have the same email/);
    const { exitCode, out } = await run('run --yes');
    expect(exitCode).toBe(7);
    expect(JSON.parse(out)).toMatchObject({
      syncs: [{ planned: 5, created: 3, rejected: 2 }],
      rejections: [
        { rows: 1, keys: ['1'] },
        { rows: 1, keys: ['9'] },
      ],
    });
  });
});

describe('HubSpot is away:', () => {
  test('it is unreachable: exit 5 after the retries, told one by one, and a run again later works', async () => {
    const { run } = await world();
    const { url } = sandbox;
    await sandbox.close();
    const { exitCode, out, err } = await run('run --yes');
    expect(exitCode).toBe(5);
    expect(JSON.parse(out).error).toMatchObject({ code: 'DESTINATION_UNREACHABLE', retryable: true });
    expect(err).toContain(url);
    expect(err).toContain('ECONNREFUSED');
    expect(err.match(/again in/g)?.length).toBeGreaterThan(2);
    expect(err).toContain('HUBSPOT_BASE_URL');
    expect(err).not.toMatch(stackTrace);
  });

  test.each([
    [13, 'while it makes properties', 0],
    [21, 'in the middle of the rows', 100],
    [24, 'before the list is filled', 300],
  ])(
    'its calls of the day are used up after %i, %s: exit 9 with the numbers, and the next run does the rest',
    async (perDay, _, sent) => {
      const { run } = await world(
        {
          'config/scoreline.yml': config.replace('{ sandbox: true }', '{ token: right-token, daily_reserve: 0% }'),
          'data/users.csv': manyUsers(300, (n) => `p${n}@x.example`),
        },
        { settings: { limits: { perDay } } },
      );
      const { exitCode, out, err } = await run('run --yes');
      expect(exitCode).toBe(9);
      const { error, syncs } = JSON.parse(out);
      const [{ lists, retry_after: retryAfter }] = syncs;
      expect(error).toMatchObject({ code: 'RUN_DEFERRED', details: { retry_after: retryAfter } });
      expect(retryAfter).toMatch(/^\d{4}-.*Z$/);
      expect(err).toContain(`Run again after ${retryAfter}`);
      expect(syncs).toMatchObject([{ planned: 300, created: sent, deferred: 300 - sent }]);
      expect(lists).toMatchObject([{ added: 0, deferred: 1 }]);

      const settings = await fetch(`${sandbox.url}/_sandbox/settings`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ limits: { perDay: null } }),
      });
      expect(settings.ok).toBe(true);
      const next = await run('run --yes');
      expect(next.exitCode).toBe(0);
      expect(JSON.parse(next.out).syncs).toMatchObject([
        { created: 300 - sent, deferred: 0, rejected: 0, lists: [{ added: 1, deferred: 0 }] },
      ]);
    },
  );

  test('its calls of the day are used up while planning: exit 9, and nothing was written', async () => {
    const { run } = await world({}, { settings: { limits: { perDay: 2 } } });
    const { exitCode, out } = await run('run --yes');
    expect(exitCode).toBe(9);
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'RUN_DEFERRED', details: { retry_after: expect.any(String) } },
    });
    expect(writesIn(await requestsSeen())).toEqual([]);
  });
});

describe('the counts of a run', () => {
  test('have every call that HubSpot saw, the looking too, and a second run makes reads alone', async () => {
    const { run } = await world();
    const first = JSON.parse((await run('run --yes')).out);
    const seen = await requestsSeen();
    expect(first.syncs[0].api_calls).toBe(seen.length);
    expect(writesIn(seen).length).toBeGreaterThan(3);

    const second = JSON.parse((await run('run --yes')).out);
    const more = (await requestsSeen()).slice(0, -seen.length);
    expect(second.syncs[0]).toMatchObject({ planned: 0, unchanged: 4, api_calls: more.length });
    expect(more.length).toBeGreaterThan(0);
    expect(writesIn(more)).toEqual([]);
  });

  test('have the repeated calls of planning', async () => {
    const { run } = await world();
    await fetch(`${sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ match: { path: '/properties/contacts' }, times: 2, effect: { kind: 'gateway' } }),
    });
    const { out, err } = await run('run --yes');
    expect(JSON.parse(out).syncs[0].retries).toBe(2);
    expect(err).toContain('again in');
  });

  test('are kept of the syncs that were done when a later one fails', async () => {
    const { run } = await world(withCompanies);
    await addFault('/contacts/batch/create', { kind: 'unauthorized' });
    const { exitCode, out } = await run('run --yes');
    expect(exitCode).toBe(5);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      error: { code: 'DESTINATION_UNAUTHORIZED' },
      syncs: [{ sync: 'a_companies', created: 4 }],
    });
  });

  test('are kept of the syncs that were rolled back when a later one fails', async () => {
    const { run } = await world(withCompanies);
    const { run_id: runId } = JSON.parse((await run('run --yes')).out);
    await addFault('/contacts/batch/update', { kind: 'unauthorized' });
    const { exitCode, out } = await run(`rollback ${runId} --yes`);
    expect(exitCode).toBe(5);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      error: { code: 'DESTINATION_UNAUTHORIZED' },
      syncs: [{ sync: 'a_companies', updated: 4, rejected: 0, deferred: 0 }],
    });
    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    expect(JSON.parse((await run(`rollback ${runId} --yes`)).out)).toMatchObject({ ok: true });
  });
});

test('a new project runs at once, and the second run sends nothing', async () => {
  const dir = emptyFolder();
  expect((await scoreline(dir, 'init')).exitCode).toBe(0);
  const first = JSON.parse((await scoreline(dir, 'run --yes')).out);
  expect(first.syncs[0]).toMatchObject({ sync: 'contacts', rejected: 0, deferred: 0 });
  expect(first.syncs[0].created).toBeGreaterThan(100);
  const second = JSON.parse((await scoreline(dir, 'run --yes')).out);
  expect(second.syncs[0]).toMatchObject({ planned: 0, created: 0, updated: 0 });
});
