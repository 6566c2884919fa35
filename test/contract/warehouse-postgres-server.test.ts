import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { postgresDialect } from '../../src/sql/dialects/postgres.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { Connector } from '../../src/warehouse/postgres/connection.ts';
import { administer, makeBareRole, openTempPostgres, type TempPostgres } from '../support/temp-postgres.ts';

let temp: TempPostgres;
let warehouse: Warehouse;
/** Another session of the server, of an administrator, as whoever works there besides. */
let another: pg.Client;
/** A role without any right. */
let readerUrl: string;
let reader: string;

const compile = (text: string) => postgresDialect.compile(sql.raw(text));
const at = (name: string) => ({ schema: 'work', name });
const make = (name: string, select: string) => warehouse.createTable(at(name), compile(select));
const value = async (expression: string) => (await warehouse.query(compile(`select ${expression} as v`)))[0]?.v;
const failure = async (work: Promise<unknown>): Promise<ScorelineError> => {
  const error: unknown = await work.then(
    () => expect.unreachable('it worked'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ScorelineError)) throw error;
  return error;
};
/** The address with other parts. */
const urlWith = (change: (url: URL) => void) => {
  const url = new URL(temp.settings.url);
  change(url);
  return url.toString();
};

/** The server of the tests trusts everybody, so this one asks for a password and takes none. */
async function refusingPasswords(): Promise<{ readonly port: number; close(): void }> {
  const message = (type: string, body: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), length, body]);
  };
  const inClearText = message('R', Buffer.from([0, 0, 0, 3]));
  const refused = 'SFATAL\0C28P01\0Mpassword authentication failed for user "scorer"\0\0';
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.once('data', () => socket.end(message('E', Buffer.from(refused))));
      socket.write(inClearText);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, close: () => server.close() };
}

beforeAll(async () => {
  temp = await openTempPostgres('Europe/Berlin', { schemas: ['work'] });
  warehouse = temp.warehouse;
  await make('one', 'select 1 as n');
  another = new pg.Client(temp.adminUrl);
  await another.connect();
  readerUrl = (await makeBareRole(temp.adminUrl)).url;
  reader = new URL(readerUrl).username;
});

afterAll(async () => {
  await another.end();
  await temp.dispose();
});

describe('a swap on PostgreSQL', () => {
  test('keeps grants, indexes and views of others, also where columns come and go', async () => {
    await make('scores', 'select 1 as n, 2 as gone');
    await another.query(`grant select on work.scores to ${reader}`);
    await another.query('create index scores_n on work.scores (n)');
    await another.query('create view work.others as select n from work.scores');
    await make('scores__staged', "select 'new' as fresh, 5 as n");
    await warehouse.swap(at('scores__staged'), at('scores'));
    const { rows } = await another.query('select * from work.others');
    expect(rows).toEqual([{ n: 5 }]);
    expect([...((await warehouse.relations('work')).get('scores') ?? [])].map(({ name }) => name)).toEqual([
      'n',
      'fresh',
    ]);
    expect(await value(`has_table_privilege('${reader}', 'work.scores', 'select')`)).toBe(true);
    expect(await value("(select count(*) from pg_indexes where indexname = 'scores_n')")).toBe(1);
  });

  test('refuses to take away a column that a view of somebody else reads, and leaves all as it was', async () => {
    await make('read_by_others', 'select 1 as n, 2 as needed');
    await another.query('create view work.needs_it as select needed from work.read_by_others');
    for (const select of ['select 3 as n', "select 3 as n, 'text' as needed"]) {
      await make('read_by_others__staged', select);
      const error = await failure(warehouse.swap(at('read_by_others__staged'), at('read_by_others')));
      expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', retryable: false });
      expect(error.hint).toContain('view');
      expect((await another.query('select needed from work.needs_it')).rows).toEqual([{ needed: 2 }]);
    }
  });

  test('gives a table the grants of the view whose place it takes, and a view those of the view before', async () => {
    await warehouse.createView(at('changing'), compile('select 1 as n'));
    await another.query(`grant select on work.changing to ${reader}, public`);
    await warehouse.createView(at('changing'), compile("select 'other' as columns"));
    expect(await value(`has_table_privilege('${reader}', 'work.changing', 'select')`)).toBe(true);
    await make('changing__staged', 'select 2 as n');
    await warehouse.swap(at('changing__staged'), at('changing'));
    expect(await value(`has_table_privilege('${reader}', 'work.changing', 'select')`)).toBe(true);
  });

  test('waits for nobody who reads, and nobody waits for it', async () => {
    await make('busy', 'select 1 as n');
    await make('busy__staged', 'select 2 as n');
    await another.query('begin isolation level repeatable read');
    await another.query('select * from work.busy');
    await warehouse.swap(at('busy__staged'), at('busy'));
    expect((await another.query('select n from work.busy')).rows).toEqual([{ n: 1 }]);
    await another.query('commit');
    expect((await another.query('select n from work.busy')).rows).toEqual([{ n: 2 }]);
  });
});

describe('values of PostgreSQL', () => {
  test.for([
    ["date 'infinity'", 'infinity'],
    ["timestamptz '-infinity'", '-infinity'],
    ["timestamp '2026-07-01 10:00:00.000001'", '2026-07-01T08:00:00.000001Z'],
    ["timestamptz '1880-01-01 00:00:00+00:53:28'", '1879-12-31T23:06:32.000Z'],
    ["timestamptz '0044-03-15 12:00:00+00 BC'", '0044-03-15 12:53:28+00:53:28 BC'],
    ["numeric '123456789012345678901234567890.123456789012'", '123456789012345678901234567890.123456789012'],
    ["numeric 'NaN'", Number.NaN],
    ['array[1, null, 3]::bigint[]', [1, null, 3]],
    [`array['a"b', 'c,d', 'NULL', null, '\\']`, ['a"b', 'c,d', 'NULL', null, '\\']],
    [
      'array[[1.50, 2], [3, 4]]::numeric(5, 2)[]',
      [
        ['1.50', '2.00'],
        ['3.00', '4.00'],
      ],
    ],
    ["array[timestamptz '2026-01-01 00:00:00+00']", ['2026-01-01T00:00:00.000Z']],
    ["'2 days'::interval", '2 days'],
    ['\'{"a": 1}\'::jsonb', '{"a": 1}'],
    ["'\\x00ff'::bytea", '\\x00ff'],
  ] as const)('%s is %j', async ([expression, expected]) => {
    expect(await value(expression)).toEqual(expected);
  });

  test('have types by what they are made of', async () => {
    await another.query("create type work.plan as enum ('free', 'paid')");
    await another.query('create domain work.money_amount as numeric(12, 2)');
    const columns = await warehouse.describe(
      compile(`select 'free'::work.plan as plan, 1::work.money_amount as amount, 1.0 / 3 as open, 1::smallint as small,
  gen_random_uuid() as id, '{}'::jsonb as json, array[1] as list, now()::timestamp as wall, '1 day'::interval as span`),
    );
    expect(columns.map(({ name, type, nativeType }) => [name, type.kind, nativeType])).toEqual([
      ['plan', 'text', 'work.plan'],
      ['amount', 'decimal', 'numeric(12,2)'],
      ['open', 'decimal', 'numeric'],
      ['small', 'integer', 'smallint'],
      ['id', 'text', 'uuid'],
      ['json', 'text', 'jsonb'],
      ['list', 'other', 'integer[]'],
      ['wall', 'timestamp', 'timestamp without time zone'],
      ['span', 'other', 'interval'],
    ]);
    expect(columns[1]?.type).toEqual({ kind: 'decimal', precision: 12, scale: 2 });
  });
});

describe('PostgreSQL refuses:', () => {
  const origin = { file: 'sql/leads.sql', line: 3, text: 'select\n    n,\n    nothing_here\nfrom work.one' };

  test('a column that is not there, at its place in the file', async () => {
    const error = await failure(
      warehouse.createTable(at('x'), compile(origin.text), { origin, purpose: 'build 🦆 leads' }),
    );
    expect(error.problems).toMatchObject([{ file: 'sql/leads.sql', line: 5, column: 5, value: 'nothing_here' }]);
    expect(error.message).toContain('42703');
  });

  test('a schema and a table that are not there, with where to correct them', async () => {
    expect((await failure(warehouse.query(compile('select * from nowhere.users')))).hint).toContain('sources');
    const missing = await failure(
      warehouse.createTable({ schema: 'work', name: 'x' }, compile('select * from work.nobody')),
    );
    expect(missing.hint).toContain('`ref`');
  });

  test('what the role may not read, with the grant that it lacks', async () => {
    const connect = () => openWarehouse({ type: 'postgres', url: readerUrl }, { timeZone: 'UTC' });
    const database = new URL(readerUrl).pathname.slice(1);
    const grant = `grant connect on database "${database}" to "${reader}";`;
    expect((await failure(connect())).hint).toContain(grant);
    await another.query(grant);
    const limited = await connect();
    const refused = async (text: string) => (await failure(limited.query(compile(text)))).hint;
    expect(await refused('select * from "work"."one"')).toContain(`grant usage on schema "work" to "${reader}"`);
    await another.query(`grant usage on schema work to ${reader}`);
    expect(await refused('select * from "work"."one"')).toContain(`grant select on "work"."one" to "${reader}"`);
    const temporary = await failure(limited.script([compile('create temporary table t as select 1 as n')]));
    expect(temporary.hint).toContain(`grant temporary on database "${database}" to "${reader}"`);
    const schema = await failure(limited.createTable({ schema: 'fresh', name: 't' }, compile('select 1 as n')));
    expect(schema.hint).toContain(`create schema … authorization "${reader}"`);
    await limited.close();
  });

  test('a name that it would cut', async () => {
    const long = `points__${'x'.repeat(60)}`;
    const error = await failure(warehouse.createTable(at('long_name'), compile(`select 1 as ${long}`)));
    expect(error.hint).toContain('63 bytes');
    expect((await warehouse.relations('work')).has('long_name')).toBe(false);
  });

  test('a statement that takes longer than the target allows', async () => {
    const hasty = await openWarehouse({ ...temp.settings, statementTimeoutMs: 50 }, { timeZone: 'UTC' });
    expect((await failure(hasty.query(compile('select pg_sleep(30)')))).hint).toContain('`statement_timeout`');
    await hasty.close();
  });

  test('more columns than a table may have', async () => {
    const columns = Array.from({ length: 1700 }, (_, n) => `1 as c${n}`).join(', ');
    const error = await failure(make('wide', `select ${columns}`));
    expect(error.hint).toContain('1,600 columns');
  });
});

describe('a PostgreSQL that cannot be reached says so without the password:', () => {
  test.for([
    [
      'a wrong database',
      (url: URL): void => void Object.assign(url, { pathname: '/nobody_has_this' }),
      'name of the database',
    ],
    [
      'a wrong role',
      (url: URL): void => void Object.assign(url, { username: 'nobody_is_called_so' }),
      'Correct the user',
    ],
    ['a wrong port', (url: URL): void => void Object.assign(url, { port: '1' }), 'Nothing listens there'],
    ['a wrong host', (url: URL): void => void Object.assign(url, { hostname: 'no-such-host.invalid' }), 'no such host'],
    ['TLS that it lacks', (url: URL): void => url.searchParams.set('sslmode', 'require'), 'no TLS'],
    ['a TLS mode that nobody knows', (url: URL): void => url.searchParams.set('sslmode', 'often'), 'postgres://'],
  ] as const)('%s', async ([, change, hint]) => {
    const url = urlWith((each) => {
      each.password = 'hunter2';
      change(each);
    });
    const error = await failure(openWarehouse({ type: 'postgres', url }, { timeZone: 'UTC' }));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', exitCode: 4 });
    expect(error.hint).toContain(hint);
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('hunter2');
  });

  test('a wrong password', async () => {
    const server = await refusingPasswords();
    onTestFinished(() => server.close());
    const url = `postgres://scorer:hunter2@127.0.0.1:${server.port}/app?sslmode=disable`;
    const error = await failure(openWarehouse({ type: 'postgres', url }, { timeZone: 'UTC' }));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', exitCode: 4, retryable: false });
    expect(error.message).toContain('password authentication failed for user "scorer"');
    expect(error.hint).toContain('PGPASSWORD');
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  test('an address of something else', async () => {
    const error = await failure(openWarehouse({ type: 'postgres', url: 'mysql://x:hunter2@y/z' }, { timeZone: 'UTC' }));
    expect(error.hint).toContain('postgres://');
    expect(error.message).not.toContain('hunter2');
  });

  test('a time zone that it does not know', async () => {
    const connector = new Connector(temp.settings, 'Mars/Olympus');
    await expect(connector.connect()).rejects.toMatchObject({ hint: expect.stringContaining('`timezone`') });
  });
});

describe('a connection that breaks', () => {
  const endOthers = `select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and application_name = 'scoreline' and pid <> pg_backend_pid()`;
  /** Once one of them is at it: a session may still be opening. */
  const endSleepers = () =>
    expect
      .poll(async () => {
        const { rowCount } = await another.query(`${endOthers} and query like '%pg_sleep(30)%' and state = 'active'`);
        return rowCount;
      })
      .toBeGreaterThan(0);

  test('in a statement leaves a retryable error, and the next statement gets a new one', async () => {
    const running = failure(warehouse.query(compile('select pg_sleep(30)'), { purpose: 'sleep' }));
    await endSleepers();
    const error = await running;
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', retryable: true });
    expect(error.message).toContain('sleep');
    expect(await value('1')).toBe(1);
  });

  test('in a stream leaves a retryable error, and in a script nothing', async () => {
    const read = async () => {
      for await (const rows of warehouse.stream(compile('select n from generate_series(1, 10000) as g(n)'))) {
        expect(rows.length).toBeGreaterThan(0);
        await another.query(endOthers);
      }
    };
    expect(await failure(read())).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', retryable: true });
    const script = failure(
      warehouse.script([compile('insert into work.one values (2)'), compile('select pg_sleep(30)')]),
    );
    await endSleepers();
    await script;
    expect(await value('(select count(*) from work.one)')).toBe(1);
  });

  test('while nobody used it is not noticed by anybody', async () => {
    await value('1');
    await another.query(endOthers);
    await expect.poll(() => another.query(endOthers).then(({ rowCount }) => rowCount)).toBe(0);
    expect(await value('1')).toBe(1);
  });
});

test('tells the server what statements are for, and cancels them there when they are left', async () => {
  const controller = new AbortController();
  const running = failure(
    warehouse.query(compile('select pg_sleep(30)'), { purpose: 'dream */ of sheep', signal: controller.signal }),
  );
  const dreaming = () =>
    another
      .query("select 1 from pg_stat_activity where query like '/* scoreline: dream  of sheep */%' and state = 'active'")
      .then(({ rows }) => rows.length);
  await expect.poll(dreaming).toBe(1);
  controller.abort();
  expect((await running).code).toBe('RUN_INTERRUPTED');
  expect(await dreaming()).toBe(0);
});

test('does work again that another transaction got in the way of', async () => {
  await make('contended', 'select 1 as n');
  await administer(temp.settings.url, 'create table work.others_work (n int)');
  const script = [compile('update work.contended set n = n + 1'), compile('update work.others_work set n = 1')];
  await another.query('insert into work.others_work values (0)');
  await another.query('begin');
  await another.query('update work.others_work set n = 2');
  const running = warehouse.script(script);
  // Each now waits for the other; PostgreSQL ends one of them after a second.
  const theirs = another.query('update work.contended set n = n + 10').then(
    () => another.query('commit'),
    () => another.query('rollback'),
  );
  expect(await running).toEqual([1, 1]);
  await theirs;
});
