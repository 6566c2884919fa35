import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { scoreline, stackTrace } from '../support/command-line.ts';
import { type ProjectFiles, smallProject, writeFiles, writeProject } from '../support/project-files.ts';

const users = String(smallProject['data/users.csv']);
const card = String(smallProject['models/lead_score.yml']);
const header = 'lead_id,email,seniority,seats\n';
const manyUsers = Array.from({ length: 40_000 }, (_, n) => `${n},p${n}@x.example,vp,${n === 30_000 ? 'many' : n % 50}`);

interface Trouble {
  readonly files: ProjectFiles;
  readonly exitCode: 4 | 6;
  readonly file: string;
  readonly line?: number;
  readonly value?: string;
  /** In the message or the hint. */
  readonly says: readonly string[];
}

const troubles: Record<string, Trouble> = {
  'a column that the model lacks': {
    files: { 'models/lead_score.yml': card.replace('seniority in', 'senority in') },
    exitCode: 4,
    file: 'models/lead_score.yml',
    line: 17,
    value: 'senority',
    says: ['senority', 'seniority'],
  },
  'a primary key that is null': {
    files: { 'data/users.csv': `${users},eve@five.example,,\n` },
    exitCode: 6,
    file: 'models/leads.yml',
    line: 2,
    says: ['1 row has no primary key', '`lead_id` is null'],
  },
  'a primary key that is repeated': {
    files: { 'data/users.csv': `${users}1,eve@five.example,,\n` },
    exitCode: 6,
    file: 'models/leads.yml',
    line: 2,
    value: 'lead_id 1',
    says: ['more than one row', 'scoreline.leads__building'],
  },
  'columns that are SQL keywords without quotes': {
    files: { 'sql/logins.sql': "select lead_id, at, order\nfrom {{ source('app', 'logins') }}" },
    exitCode: 4,
    file: 'sql/logins.sql',
    line: 1,
    says: ['syntax error', 'double quotes'],
  },
  'a relation that does not exist': {
    files: {
      'config/scoreline.yml': String(smallProject['config/scoreline.yml'])
        .replace('  app:\n    tables', '  app:\n    schema: raw_app\n    tables')
        .replace(', logins: data/logins.csv', ''),
    },
    exitCode: 4,
    file: 'sql/logins.sql',
    line: 2,
    says: ['logins', 'does not exist', '`schema`'],
  },
  'SQL that the warehouse refuses': {
    files: {
      'sql/leads.sql':
        "select lead_id, email, seniority,\n  cast(seniority as integer) as seats\nfrom {{ source('app', 'users') }}",
    },
    exitCode: 4,
    file: 'sql/leads.sql',
    says: ["'director'", 'try_cast'],
  },
  'a CSV file that is missing': {
    files: { 'data/users.csv': null },
    exitCode: 4,
    file: 'sql/leads.sql',
    says: ['data/users.csv', '`files`'],
  },
  'a CSV file that is empty': {
    files: { 'data/users.csv': '' },
    exitCode: 4,
    file: 'sql/leads.sql',
    says: ['empty', 'first line'],
  },
  'a value of a wrong type in row 30,000': {
    files: { 'data/users.csv': `${header}${manyUsers.join('\n')}\n` },
    exitCode: 4,
    file: 'models/lead_score.yml',
    says: ['text', 'try_cast'],
  },
  'a CSV file that is not UTF-8': {
    files: {
      'data/users.csv': Buffer.concat([
        Buffer.from(`${header}1,`),
        Buffer.from([0xe9, 0xff]),
        Buffer.from('@x.example,vp,3\n'),
      ]),
    },
    exitCode: 4,
    file: 'sql/leads.sql',
    says: ['data/users.csv', 'UTF-8'],
  },
};

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.close();
  sandbox = undefined;
});

/** HubSpot outside of the job, so that its request log can be read. */
async function account(): Promise<Record<string, string>> {
  sandbox = await startSandbox();
  return { HUBSPOT_BASE_URL: sandbox.url, HUBSPOT_ACCESS_TOKEN: sandbox.token };
}

async function writesSeen(): Promise<number> {
  const { requests } = (await (await fetch(`${sandbox?.url}/_sandbox/requests?limit=1000`)).json()) as {
    requests: { method: string }[];
  };
  return requests.filter(({ method }) => method !== 'GET').length;
}

describe('data and SQL:', () => {
  test.each(Object.entries(troubles))(
    '%s ends the run with its place and a way out, and HubSpot gets nothing',
    async (_, trouble) => {
      const { files, exitCode, says, ...place } = trouble;
      const env = await account();
      const dir = writeProject({ ...smallProject, ...files });
      const ended = await scoreline(dir, 'run --yes', { env });
      expect(ended.exitCode).toBe(exitCode);
      expect(ended.err).not.toMatch(stackTrace);
      expect(ended.err.length).toBeLessThan(4000);
      for (const words of says) expect(ended.err).toContain(words);

      const { ok, error } = JSON.parse(ended.out);
      expect(ok).toBe(false);
      expect(error.code).toBe(exitCode === 6 ? 'GUARD_TEST_FAILED' : 'WAREHOUSE_REFUSED');
      expect(error.problems).toContainEqual(expect.objectContaining(place));
      expect(await writesSeen()).toBe(0);
    },
  );

  test('`check` finds what the warehouse would refuse, and builds nothing', async () => {
    const { files, file, line } = troubles['a column that the model lacks'] as Trouble;
    const dir = writeProject({ ...smallProject, ...files });
    const { exitCode, out } = await scoreline(dir, 'check');
    expect(exitCode).toBe(4);
    expect(JSON.parse(out).error.problems).toMatchObject([{ file, line, value: 'senority' }]);
  });

  test('columns that are SQL keywords work where they are quoted, and as `at` of a rule as they are', async () => {
    const dir = writeProject({
      ...smallProject,
      'data/logins.csv': 'lead_id,at,order\n1,2026-01-30 09:00:00,web\n3,2026-01-31 09:00:00,ios\n',
      'sql/logins.sql': 'select lead_id, "at", "order" from {{ source(\'app\', \'logins\') }}',
      'models/lead_score.yml': card
        .replaceAll('at: login_at', 'at: at')
        .replace(`"device = 'web'"`, `'"order" = ''web'''`),
    });
    await scoreline(dir, 'build');
    const { exitCode, out } = await scoreline(dir, 'explain lead_score 1');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out).rules[0]).toMatchObject({ id: 'logged_in', events: { count: 1 } });
  });

  test('keys of every kind arrive: 10,000 characters, quotes, slashes, control characters', async () => {
    const keys = ['k'.repeat(10_000), `we"ird'#/?%&`, '漢字 é', 'tab\tand\u001b[31mcolour', "'; drop table leads; --"];
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const dir = writeProject({
      ...smallProject,
      'data/users.csv': `${header}${keys.map((key, n) => `${quoted(key)},p${n}@x.example,vp,${n}`).join('\n')}\n`,
      'data/logins.csv': `lead_id,login_at,device\n${quoted(keys[0] ?? '')},2026-01-30 09:00:00,web\n`,
    });
    const plan = await scoreline(dir, 'plan', { terminal: true });
    expect(plan.exitCode).toBe(0);
    expect(plan.out).toContain('tab and [31mcolour');
    expect(plan.out.split('\n').every((line) => line.length < 250)).toBe(true);
    const run = await scoreline(dir, 'run --yes');
    expect(JSON.parse(run.out).syncs[0]).toMatchObject({ planned: keys.length, created: keys.length, rejected: 0 });
    for (const key of keys) {
      const { exitCode, out } = await scoreline(dir, ['explain', 'lead_score', key]);
      expect(exitCode).toBe(0);
      expect(JSON.parse(out).key).toBe(key);
    }
  });

  test('an empty model stops at its guard, and is planned and sent where that is allowed: nothing to do', async () => {
    const dir = writeProject({
      ...smallProject,
      'sql/leads.sql': `${smallProject['sql/leads.sql']}where lead_id < 0`,
    });
    const stopped = await scoreline(dir, 'run --yes');
    expect(stopped.exitCode).toBe(6);
    expect(JSON.parse(stopped.out).error).toMatchObject({ code: 'GUARD_VIOLATED' });

    const syncFile = 'syncs/leads_to_hubspot.yml';
    writeFiles(dir, { [syncFile]: `${smallProject[syncFile]}guards: { min_rows: 0 }\n` });
    const { exitCode, out } = await scoreline(dir, 'run --yes');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out).syncs[0]).toMatchObject({ planned: 0, unchanged: 0 });
  });

  test('a failed build leaves the live table and names what it kept for a look', async () => {
    const dir = writeProject(smallProject);
    await scoreline(dir, 'build');
    writeFiles(dir, { 'data/users.csv': `${users}1,eve@five.example,,\n` });
    expect((await scoreline(dir, 'build')).exitCode).toBe(6);
    const { exitCode, out } = await scoreline(dir, 'explain lead_score 2');
    expect({ exitCode, key: JSON.parse(out).key }).toEqual({ exitCode: 0, key: '2' });
    writeFiles(dir, { 'data/users.csv': users });
    const mended = await scoreline(dir, 'build');
    expect(mended.exitCode).toBe(0);
    expect(mended.err).toContain('dropped what an earlier build left behind');
  });
});

describe('command lines', () => {
  const cases: readonly (readonly [line: string, says: readonly string[]])[] = [
    ['run nobody', ['No sync matches "nobody"', 'leads_to_hubspot']],
    ['run tag:none path:syncs/none', ['tag:none', 'path:syncs/none']],
    ['build nobody', ['nobody', 'lead_score']],
    ['compile lead_scor', ['lead_scor', 'Did you mean `lead_score`?']],
    ['explain lead_scor 1', ['lead_scor', 'Did you mean `lead_score`?']],
    ['explain leads 1', ['is not a scored one', 'lead_score']],
    ['explain lead_score 99', ['There is no lead whose lead_id is "99"', 'scoreline.lead_score']],
    ['explain lead_score abc', ['There is no lead whose lead_id is "abc"']],
    ['explain lead_score 1 --events -1', ['--events must be a whole number']],
    ['explain lead_score 1 --events 1e9', ['--events must be a whole number']],
    ['plan --target nobody', ['no target `nobody`', 'test']],
    ['plan --as-of yesterday', ['neither a date nor a time', '2026-01-31']],
    ['plan --as-of 2026-02-30', ['neither a date nor a time']],
    ['plan --param half_life', ['is not name=value', '--param half_life=7d']],
    ['plan --param half_lfe=7d', ['unknown parameter `half_lfe`', 'half_life']],
    ['plan --param half_life=soon', ['expected a duration such as 14d']],
    ['plan --param as_of=2026-01-01', ['as_of']],
    ['plan --param half_life=7d --param half_life=8d', ['given twice']],
  ];

  let dir: string;
  beforeAll(async () => {
    dir = writeProject(smallProject);
    await scoreline(dir, 'build');
  });

  test.each(cases)('`%s` ends with exit 2 and leaves nothing behind', async (line, says) => {
    const before = readdirSync(join(dir, '.scoreline'));
    const { exitCode, out, err } = await scoreline(dir, line);
    expect({ exitCode, err }).toMatchObject({ exitCode: 2 });
    for (const words of says) expect(err).toContain(words);
    expect(err).not.toMatch(stackTrace);
    if (!line.startsWith('compile')) expect(JSON.parse(out).error.code).toBe('USAGE_INVALID');
    expect(readdirSync(join(dir, '.scoreline'))).toEqual(before);
  });

  test('`explain` of what is not built yet ends with exit 2 and says how to build it', async () => {
    const { exitCode, err } = await scoreline(writeProject(smallProject), 'explain lead_score 1', { terminal: true });
    expect(exitCode).toBe(2);
    expect(err).toContain('leads is not built in this target yet');
    expect(err).toContain('scoreline build +lead_score');
  });

  test('every --param counts, and a model shows the values it got', async () => {
    const dir = writeProject({
      ...smallProject,
      'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\nparams: { min_seats: { type: integer, default: 0 } }\n',
      'sql/leads.sql': `${smallProject['sql/leads.sql']}where seats >= {{ param('min_seats') }}`,
    });
    const { out } = await scoreline(dir, 'compile leads --param min_seats=7 --param half_life=3d');
    expect(out).toContain('-- $1 integer 7');
    expect((await scoreline(dir, 'compile lead_score --param min_seats=7 --param half_life=3d')).out).toContain(
      '/ 3.0',
    );
  });

  test('an --as-of in the past scores what was known then; one in the future is explained, and neither built nor sent', async () => {
    const scoreOn = async (day: string) =>
      JSON.parse((await scoreline(dir, `explain lead_score 1 --as-of ${day}`)).out).rules[0].points;
    expect(await scoreOn('2026-01-01')).toBe(0);
    expect(await scoreOn('2026-02-01')).toBeGreaterThan(30);
    expect(await scoreOn('2030-01-01')).toBe(0);
    expect((await scoreline(dir, 'run --as-of 2000-01-01 --yes')).exitCode).toBe(0);
    for (const line of ['run --yes', 'plan', 'build']) {
      const { exitCode, err } = await scoreline(dir, `${line} --as-of 2099-12-31`, { terminal: true });
      expect(exitCode).toBe(2);
      expect(err).toContain('--as-of 2099-12-31T00:00:00.000Z is in the future');
    }
  });

  test('a file of the local HubSpot that is damaged is refused with exit 10 and a way out', async () => {
    const dir = writeProject(smallProject);
    expect((await scoreline(dir, 'run --yes')).exitCode).toBe(0);
    writeFileSync(join(dir, '.scoreline/test.hubspot.json'), '{"half');
    const { exitCode, err } = await scoreline(dir, 'run --yes', { terminal: true });
    expect(exitCode).toBe(10);
    expect(err).toContain('STATE_SANDBOX_FILE');
    expect(err).toContain('test.hubspot.json');
    expect(err).not.toMatch(stackTrace);
  });

  test('a DuckDB file that is none is refused with exit 4, and stays as it is', async () => {
    const dir = writeProject({
      ...smallProject,
      '.scoreline/test.duckdb': 'not a database, and long enough to be read'.repeat(20),
    });
    const { exitCode, err } = await scoreline(dir, 'run --yes', { terminal: true });
    expect(exitCode).toBe(4);
    expect(err).toContain('WAREHOUSE_UNREACHABLE');
    expect(err).toContain('test.duckdb');
  });
});
