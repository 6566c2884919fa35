import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { sql } from 'kysely';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { ScorelineError } from '../../../src/errors/scoreline-error.ts';
import type { SnowflakeCredential, SnowflakeSettings } from '../../../src/project/warehouse-types.ts';
import { openWarehouse } from '../../../src/warehouse/open-warehouse.ts';
import type { OpenOptions, Warehouse } from '../../../src/warehouse/port.ts';
import { type Script, type ScriptedSnowflake, startScriptedSnowflake } from '../../support/scripted-snowflake.ts';

let server: ScriptedSnowflake;
let warehouse: Warehouse | undefined;
afterEach(async () => {
  await warehouse?.close();
  warehouse = undefined;
  await server?.close();
});

async function open(
  script: Script = {},
  { settings = {}, ...options }: Partial<OpenOptions> & { settings?: Partial<SnowflakeSettings> } = {},
): Promise<Warehouse> {
  server = await startScriptedSnowflake(script);
  warehouse = await openWarehouse({ ...server.settings, ...settings }, { timeZone: 'Europe/Berlin', ...options });
  return warehouse;
}

async function refusal(work: Promise<unknown>): Promise<ScorelineError> {
  const error: unknown = await work.then(
    () => expect.unreachable('it was accepted'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ScorelineError)) throw error;
  return error;
}

const sent = () => server.statements.map((statement) => statement.sql);
const live = { schema: 'scoreline', name: 'leads' };

describe('a session of Snowflake', () => {
  test('works in the role, virtual warehouse and database of the target', async () => {
    await open();
    expect(server.logins[0]?.query).toMatchObject({
      roleName: 'SCORER',
      warehouse: 'SCORING_WH',
      databaseName: 'ANALYTICS',
    });
    expect(server.logins[0]?.data).toMatchObject({ LOGIN_NAME: 'SCORELINE', PASSWORD: 'top-secret' });
  });

  test('counts days in the time zone of the project, reads names as they are quoted, and ends with the job', async () => {
    await open({}, { settings: { statementTimeoutMs: 90_500 } });
    expect(server.setUp[0]?.sql).toBe(
      "alter session set TIMEZONE = 'Europe/Berlin' DATE_INPUT_FORMAT = 'AUTO' TIMESTAMP_INPUT_FORMAT = 'AUTO' " +
        'QUOTED_IDENTIFIERS_IGNORE_CASE = false AUTOCOMMIT = true ABORT_DETACHED_QUERY = true STATEMENT_TIMEOUT_IN_SECONDS = 91',
    );
  });

  test('has no bound on statements of its own where the target has none', async () => {
    await open();
    expect(server.setUp[0]?.sql).not.toContain('STATEMENT_TIMEOUT');
  });

  test('tags every statement with the run and its purpose, and takes one statement at a time', async () => {
    const opened = await open({}, { runId: 'run-7' });
    await opened.query({ text: 'select 1 as n', binds: [] }, { purpose: 'read one' });
    expect(server.statements[0]?.parameters).toEqual({
      MULTI_STATEMENT_COUNT: 1,
      QUERY_TAG: '{"app":"scoreline","run":"run-7","purpose":"read one"}',
    });
  });

  test('binds numbers as numbers, and what has more digits than those as text', async () => {
    const opened = await open();
    const { dialect } = opened;
    const values = [
      dialect.bind({ kind: 'integer' }, 5),
      dialect.bind({ kind: 'integer' }, 9_007_199_254_740_993n),
      dialect.bind({ kind: 'double' }, Number.NaN),
      dialect.bind({ kind: 'timestamp' }, '2026-01-31T08:30:00.5Z'),
      dialect.bind({ kind: 'text' }, null),
    ];
    await opened.query(dialect.compile(sql`select ${sql.join(values)}`));
    expect(Object.values(server.statements[0]?.bindings ?? {})).toEqual([
      { type: 'FIXED', value: '5' },
      { type: 'TEXT', value: '9007199254740993' },
      { type: 'TEXT', value: 'NaN' },
      { type: 'TEXT', value: '2026-01-31T08:30:00.5+00:00' },
      { type: 'TEXT', value: null },
    ]);
  });
});

describe('statements for Snowflake', () => {
  test('compile a description and run nothing', async () => {
    const opened = await open();
    expect(await opened.describe({ text: 'select 1 as n', binds: [] })).toEqual([
      { name: 'n', type: { kind: 'integer' }, nativeType: 'NUMBER(38,0)' },
    ]);
    expect(server.statements).toMatchObject([{ sql: 'select 1 as n', describeOnly: true }]);
  });

  test('replace the live table in one step that keeps the grants on it', async () => {
    const opened = await open();
    await opened.swap({ ...live, name: 'leads__building' }, live);
    expect(sent()).toEqual([
      'create or replace table "SCORELINE"."LEADS" clone "SCORELINE"."LEADS__BUILDING" copy grants',
      'drop table "SCORELINE"."LEADS__BUILDING"',
    ]);
  });

  test('keep the grants on tables and views that are made again', async () => {
    const opened = await open();
    expect(await opened.createTable(live, { text: 'select 1 as n', binds: [] })).toBe(1);
    await opened.createView({ ...live, name: 'v' }, { text: 'select 1 as n', binds: [] });
    expect(sent()).toEqual([
      'create or replace table "SCORELINE"."LEADS" copy grants as\nselect 1 as n',
      'select count(*) as n from "SCORELINE"."LEADS"',
      'create or replace view "SCORELINE"."V" copy grants as\nselect 1 as n',
    ]);
  });

  test('make changes of rows one transaction, between those that make and drop tables', async () => {
    const opened = await open({}, { schema: 'scoreline' });
    const script = [
      'create temporary table a as select 1 as n',
      'delete from t where n = 1',
      'insert into t select n from a',
      'drop table a',
      'update t set n = 2 where n = 3',
    ];
    await opened.script(script.map((text) => ({ text, binds: [] })));
    expect(sent()).toEqual([
      'use schema "SCORELINE"',
      'create temporary table a as select 1 as n',
      'begin',
      'delete from t where n = 1',
      'insert into t select n from a',
      'commit',
      'drop table a',
      'update t set n = 2 where n = 3',
    ]);
  });

  test('take back what a script changed before a statement that is refused', async () => {
    const opened = await open({
      statement: (text) => (text === 'bad' ? { code: '001003', sqlState: '42000', message: 'syntax error' } : null),
    });
    const script = ['delete from t where n = 1', 'bad'].map((text) => ({ text, binds: [] }));
    await refusal(opened.script(script));
    expect(sent()).toEqual(['begin', 'delete from t where n = 1', 'bad', 'rollback']);
  });

  test('make a schema that is missing, and only then', async () => {
    let isThere = false;
    const opened = await open({
      statement: (text) => {
        if (/^create schema/.test(text)) isThere = true;
        if (isThere || !/^create or replace table/.test(text)) return null;
        return {
          code: '002003',
          sqlState: '02000',
          message: "SQL compilation error:\nSchema 'ANALYTICS.SCORELINE' does not exist or not authorized.",
        };
      },
    });
    await opened.createTable(live, { text: 'select 1 as n', binds: [] });
    expect(sent().map((text) => text.split('\n')[0])).toEqual([
      'create or replace table "SCORELINE"."LEADS" copy grants as',
      'create schema if not exists "SCORELINE"',
      'create or replace table "SCORELINE"."LEADS" copy grants as',
      'select count(*) as n from "SCORELINE"."LEADS"',
    ]);
  });

  test('do not make a schema where another one is missing', async () => {
    const message = "SQL compilation error:\nSchema 'RAW.APP' does not exist or not authorized.";
    const opened = await open({
      statement: (text) => (/^create/.test(text) ? { code: '002003', sqlState: '02000', message } : null),
    });
    const error = await refusal(opened.createTable(live, { text: 'select 1 as n', binds: [] }));
    expect(error.hint).toContain('grant usage on schema RAW.APP to role SCORER;');
    expect(server.statements).toHaveLength(1);
  });

  const mayNotMakeSchemas = (isThere: boolean): Script => ({
    statement: (text) => {
      if (/^create schema/.test(text)) {
        return {
          code: '003001',
          sqlState: '42501',
          message: "SQL access control error:\nInsufficient privileges to operate on database 'ANALYTICS'",
        };
      }
      return /^use schema/.test(text) && !isThere
        ? { code: '002043', sqlState: '02000', message: 'SQL compilation error:\nObject does not exist' }
        : null;
    },
  });

  test('go on where a role may not make schemas and finds this one made', async () => {
    const opened = await open(mayNotMakeSchemas(true));
    const { dialect } = opened;
    await opened.script([dialect.compile(dialect.createSchema('scoreline_state')), { text: 'select 1', binds: [] }]);
    expect(sent()).toEqual([
      'create schema if not exists "SCORELINE_STATE"',
      'use schema "SCORELINE_STATE"',
      'select 1',
    ]);
  });

  test('say which right is missing where a role may not make a schema that is not there', async () => {
    const opened = await open(mayNotMakeSchemas(false));
    const error = await refusal(opened.script([opened.dialect.compile(opened.dialect.createSchema('x'))]));
    expect(error.hint).toBe('Run: grant usage, create schema on database ANALYTICS to role SCORER;');
  });
});

describe('signing in to Snowflake', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const folder = mkdtempSync(join(tmpdir(), 'scoreline-keys-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const plain = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const encrypted = String(
    privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' }),
  );
  const path = join(folder, 'key.p8');
  writeFileSync(path, encrypted);

  const keys: readonly (readonly [string, SnowflakeCredential])[] = [
    ['a private key as text', { kind: 'key_pair', key: plain }],
    ['a key whose line ends are written as \\n', { kind: 'key_pair', key: plain.replaceAll('\n', '\\n') }],
    [
      'a key of the older format',
      { kind: 'key_pair', key: String(privateKey.export({ type: 'pkcs1', format: 'pem' })) },
    ],
    ['an encrypted key', { kind: 'key_pair', key: encrypted, passphrase: 'open sesame' }],
    ['an encrypted key in a file', { kind: 'key_file', path, passphrase: 'open sesame' }],
  ];
  test.for(keys)('works with %s', async ([, credential]) => {
    await open({}, { settings: { credential } });
    const { AUTHENTICATOR, TOKEN } = server.logins[0]?.data ?? {};
    expect(AUTHENTICATOR).toBe('SNOWFLAKE_JWT');
    const [header = '', payload = '', signature = ''] = String(TOKEN).split('.');
    const isSigned = verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
      Buffer.from(signature, 'base64url'),
    );
    expect(isSigned).toBe(true);
  });

  test.for([
    ['oauth', 'OAUTH'],
    ['programmatic_access_token', 'PROGRAMMATIC_ACCESS_TOKEN'],
  ] as const)('works with a token of the kind %s', async ([kind, authenticator]) => {
    await open({}, { settings: { credential: { kind, token: 'a-token' } } });
    expect(server.logins[0]?.data).toMatchObject({ AUTHENTICATOR: authenticator, TOKEN: 'a-token' });
  });

  const wrongKeys: readonly (readonly [string, SnowflakeCredential, RegExp])[] = [
    ['no passphrase', { kind: 'key_pair', key: encrypted }, /encrypted, and there is no passphrase/],
    ['a wrong passphrase', { kind: 'key_pair', key: encrypted, passphrase: 'hush' }, /or the passphrase is wrong/],
    ['a text that is no key', { kind: 'key_pair', key: 'hello' }, /no private key in PEM format/],
    ['a missing file', { kind: 'key_file', path: join(folder, 'none.p8') }, /none\.p8 cannot be read: ENOENT/],
    ['a browser without a person', { kind: 'externalbrowser' }, /needs a person at a terminal/],
  ];
  test.for(wrongKeys)('is refused with %s, before anybody is asked', async ([, credential, message]) => {
    const error = await refusal(open({}, { settings: { credential } }));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', retryable: false });
    expect(error.message).toMatch(message);
    expect(server.logins).toEqual([]);
    expect(inspect(error, { depth: 9 })).not.toContain('hush');
  });

  const refused: readonly (readonly [code: string, words: string, hint: RegExp])[] = [
    ['390100', 'Incorrect username or password was specified.', /Check `username` and the credential/],
    ['390144', 'JWT token is invalid. [9f]', /alter user SCORELINE set rsa_public_key/],
    ['390318', 'OAuth access token expired. [ab]', /get a new one/],
    ['394400', 'Programmatic access token is invalid.', /add programmatic access token/],
    ['390422', 'Incoming request with IP/Token 203.0.113.7 is not allowed to access Snowflake.', /network policy/],
    [
      '390189',
      "Role 'SCORER' specified in the connect string does not exist or not authorized.",
      /grant role SCORER to user SCORELINE;/,
    ],
    [
      '390201',
      'The requested database does not exist or not authorized.',
      /grant usage on database ANALYTICS to role SCORER;/,
    ],
  ];
  test.for(refused)('says what to do about %s (%s)', async ([code, message, hint]) => {
    const error = await refusal(open({ login: { code, message } }));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', exitCode: 4, retryable: false });
    expect(error.message).toContain(message);
    expect(error.hint).toMatch(hint);
    expect(inspect(error, { depth: 9 })).not.toMatch(/top-secret|token"/);
    expect(server.logins).toHaveLength(1);
  });
});

describe('refusals of Snowflake', () => {
  const refused: readonly (readonly [code: string, sqlState: string, words: string, hint: RegExp])[] = [
    [
      '002003',
      '42S02',
      "Object 'RAW.APP.LOGINS' does not exist or not authorized.",
      /grant select on table RAW\.APP\.LOGINS to role SCORER;/,
    ],
    [
      '002003',
      '02000',
      "Schema 'ANALYTICS.X' does not exist or not authorized.",
      /grant usage on schema ANALYTICS\.X to role SCORER;/,
    ],
    [
      '002003',
      '02000',
      "Database 'RAW' does not exist or not authorized.",
      /grant usage on database RAW to role SCORER;/,
    ],
    [
      '090105',
      '22000',
      "Cannot perform SELECT. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.",
      /no database ANALYTICS.*grant usage on database ANALYTICS to role SCORER;/,
    ],
    [
      '003001',
      '42501',
      "Insufficient privileges to operate on schema 'X'",
      /grant usage, create table, create view on schema X to role SCORER;/,
    ],
    [
      '003001',
      '42501',
      "Insufficient privileges to operate on table 'T'",
      /grant ownership on table T to role SCORER copy current grants;/,
    ],
    [
      '000606',
      '57P03',
      'No active warehouse selected in the current session.',
      /auto_resume = true; grant usage, operate on warehouse SCORING_WH to role SCORER;/,
    ],
    [
      '000630',
      '57014',
      'Statement reached its statement or warehouse timeout of 60 second(s) and was canceled.',
      /`statement_timeout`/,
    ],
    ['000904', '42000', "error line 1 at position 7\ninvalid identifier 'LEAD_NO'", /a model that renames it/],
    ['100038', '22018', "Numeric value 'x' is not recognized", /try_cast/],
  ];
  test.for(refused)('have a code and a hint: %s %s %s', async ([code, sqlState, words, hint]) => {
    const opened = await open({ statement: (text) => (text === 'bad' ? { code, sqlState, message: words } : null) });
    const error = await refusal(opened.query({ text: 'bad', binds: [] }, { purpose: 'build leads' }));
    expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', exitCode: 4 });
    expect(error.message).toMatch(/^Cannot build leads: Snowflake says: /);
    expect(error.message).toContain(`(${code}, ${sqlState})`);
    expect(error.hint).toMatch(hint);
    expect(error.cause).toMatchObject({ code, sqlState });
  });

  test('are placed on the line and word of the model’s file', async () => {
    const message = "SQL compilation error: error line 4 at position 2\ninvalid identifier 'NOTHING_HERE'";
    const opened = await open({
      statement: (text) => (/^create/.test(text) ? { code: '000904', sqlState: '42000', message } : null),
    });
    const error = await refusal(
      opened.createTable(
        live,
        { text: 'select\n  n,\n  nothing_here\nfrom x', binds: [] },
        { origin: { file: 'sql/leads.sql', line: 3, text: 'select\n    n,\n    nothing_here\nfrom somewhere' } },
      ),
    );
    expect(error.problems).toMatchObject([{ file: 'sql/leads.sql', line: 5, column: 5, value: 'nothing_here' }]);
    expect(error.message).toContain("invalid identifier 'nothing_here'");
  });

  test('that are over by themselves say so', async () => {
    const message = "Statement '01b' has locked table 'T' in transaction 17 and this lock has not yet been released.";
    const opened = await open({ statement: (text) => (text === 'bad' ? { code: '000625', message } : null) });
    expect(await refusal(opened.query({ text: 'bad', binds: [] }))).toMatchObject({ retryable: true });
  });
});

describe('a connection to Snowflake that breaks', () => {
  /** The driver pauses for a minute before it gives up. */
  async function withoutWaiting<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await new Promise(setImmediate);
      await vi.advanceTimersByTimeAsync(1000);
    }
    return done;
  }

  test.for([
    ['in a statement', 'lost'],
    ['in a stream', 'lost half-way'],
  ] as const)('%s leaves a retryable error with what it was for', async ([, trouble]) => {
    const opened = await open({ statement: (text) => (text === 'select n' ? trouble : null) });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const seen: unknown[] = [];
      const read = async () => {
        for await (const rows of opened.stream({ text: 'select n', binds: [] }, { purpose: 'read leads' }))
          seen.push(...rows);
      };
      const error = await withoutWaiting(refusal(read()));
      expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', exitCode: 4, retryable: true });
      expect(error.message).toContain('Cannot read leads: the connection to Snowflake was lost');
      expect(error.hint).toContain('run again');
      expect(inspect(error, { depth: 9 })).not.toMatch(/session-token|top-secret/);
    } finally {
      vi.useRealTimers();
    }
  });

  test('before anybody signs in names the place', async () => {
    const { settings, close } = await startScriptedSnowflake();
    await close();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const error = await withoutWaiting(refusal(openWarehouse(settings, { timeZone: 'UTC' })));
      expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', exitCode: 4 });
      expect(error.message).toContain(`Snowflake does not answer at ${settings.host}`);
      expect(error.hint).toContain('`account`');
    } finally {
      vi.useRealTimers();
    }
  });
});

test('a statement that nobody waits for any more is cancelled in Snowflake too', async () => {
  const controller = new AbortController();
  const opened = await open({
    statement: (text) => {
      if (text !== 'select n') return null;
      setImmediate(() => controller.abort());
      return 'endless';
    },
  });
  const running = opened.query({ text: 'select n', binds: [] }, { signal: controller.signal, purpose: 'count' });
  expect(await refusal(running)).toMatchObject({ code: 'RUN_INTERRUPTED', message: expect.stringContaining('count') });
  expect(server.cancelled.length).toBeGreaterThan(0);
});
