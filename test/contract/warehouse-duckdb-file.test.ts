import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { duckDbDialect } from '../../src/sql/dialects/duckdb.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scoreline-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (path: string, more: { readonly memoryLimit?: string; readonly threads?: number } = {}) =>
  openWarehouse({ type: 'duckdb', path, memoryLimit: '256MB', ...more }, { timeZone: 'UTC' });
const compile = (text: string) => duckDbDialect.compile(sql.raw(text));
const value = async (warehouse: Warehouse, expression: string) =>
  (await warehouse.query(compile(`select ${expression} as v`)))[0]?.v;
const failure = async (work: Promise<unknown>): Promise<ScorelineError> => {
  const error: unknown = await work.then(
    () => expect.unreachable('it worked'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ScorelineError)) throw error;
  return error;
};

describe('a DuckDB file', () => {
  test('is made together with its folders', async () => {
    const path = join(folder, 'deep', 'er', 'x.duckdb');
    const warehouse = await open(path);
    await warehouse.close();
    expect((await stat(path)).size).toBeGreaterThan(0);
  });

  test('keeps what was written for the next one who opens it', async () => {
    const path = join(folder, 'x.duckdb');
    const first = await open(path);
    await first.createTable({ schema: 's', name: 't' }, compile('select 42 as n'));
    await first.close();
    const second = await open(path);
    expect(await value(second, '(select n from s.t)')).toBe(42);
    await second.close();
  });

  test('says what to rename where a schema is called like it', async () => {
    const warehouse = await open(join(folder, 'sales.duckdb'));
    const error = await failure(warehouse.createTable({ schema: 'sales', name: 't' }, compile('select 1 as n')));
    expect(error.hint).toContain('rename the file');
    await warehouse.close();
  });

  test('is opened once per process, by whatever path, and stays open until the last user has gone', async () => {
    const path = join(folder, 'x.duckdb');
    await symlink(folder, `${folder}-link`);
    const [first, second] = await Promise.all([open(path), open(join(`${folder}-link`, 'x.duckdb'))]);
    await first.createTable({ schema: 's', name: 't' }, compile('select 1 as n'));
    expect(await value(second, '(select n from s.t)')).toBe(1);
    await first.close();
    expect(await value(second, '(select n from s.t)')).toBe(1);
    await second.close();
    await rm(`${folder}-link`);
  });

  test('counts three quarters of the memory limit of the target, and gets its threads', async () => {
    const warehouse = await open(join(folder, 'x.duckdb'), { memoryLimit: '300MiB', threads: 1 });
    expect(await value(warehouse, "current_setting('memory_limit')")).toBe('225.0 MiB');
    expect(await value(warehouse, "current_setting('threads')")).toBe(1);
    await warehouse.close();
  });

  test('in use by another process is refused with that process and exit code 8, and free once it is dead', async () => {
    const path = join(folder, 'x.duckdb');
    const holder = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { DuckDBInstance } from '@duckdb/node-api';
         const instance = await DuckDBInstance.create(${JSON.stringify(path)});
         process.stdout.write('ready');
         process.stdin.resume();`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'], cwd: process.cwd() },
    );
    await new Promise((ready) => holder.stdout.once('data', ready));
    const error = await failure(open(path));
    expect(error).toMatchObject({ code: 'RUN_BUSY', exitCode: 8, retryable: true });
    expect(error.message).toContain(`process ${holder.pid}`);
    expect(error.message).toContain(path);
    expect(error.details).toEqual({ path, processId: holder.pid });
    holder.kill('SIGKILL');
    await new Promise((dead) => holder.once('exit', dead));
    await (await open(path)).close();
  });

  test('that is none is refused and left as it is', async () => {
    const path = join(folder, 'x.duckdb');
    await writeFile(path, 'name,score\n'.repeat(2000));
    const error = await failure(open(path));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', exitCode: 4, retryable: false });
    expect(error.message).toContain('no DuckDB database');
    expect(await readFile(path, 'utf8')).toContain('name,score');
    await mkdir(join(folder, 'a-folder'));
    expect((await failure(open(join(folder, 'a-folder')))).message).toContain('no DuckDB database');
  });

  test('that is damaged is refused', async () => {
    const path = join(folder, 'x.duckdb');
    await (await open(path)).close();
    const bytes = await readFile(path);
    bytes.fill(7, 4096, 12_288);
    await writeFile(path, bytes);
    const error = await failure(open(path));
    expect(error.code).toBe('WAREHOUSE_UNREACHABLE');
    expect(error.message).toContain('is damaged');
  });

  test('of a newer DuckDB is refused, naming its storage version', async () => {
    const path = join(folder, 'x.duckdb');
    await (await open(path)).close();
    const bytes = await readFile(path);
    bytes.writeBigUInt64LE(999n, 12);
    bytes.writeBigUInt64LE(checksumOf(bytes.subarray(8, 4096)), 0);
    await writeFile(path, bytes);
    const error = await failure(open(path));
    expect(error.code).toBe('WAREHOUSE_UNREACHABLE');
    expect(error.message).toContain('storage version 999');
    expect(error.hint).toContain('newer DuckDB');
  });

  test('in a folder that may not be written to is refused with the reason', async () => {
    const readOnly = await readOnlyFolder();
    for (const path of [join(readOnly, 'x.duckdb'), join(readOnly, 'new', 'x.duckdb')]) {
      const error = await failure(open(path));
      expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', retryable: false });
      expect(error.message).toContain(path);
      expect(error.hint).toContain('right to');
    }
    await writeFile(join(folder, 'a-file'), '');
    const error = await failure(open(join(folder, 'a-file', 'x.duckdb')));
    expect(error.message).toContain('cannot be made');
  });

  test('with a memory limit that means nothing is refused', async () => {
    const error = await failure(open(join(folder, 'x.duckdb'), { memoryLimit: 'lots' }));
    expect(error.message).toContain('memory_limit');
  });

  test('closes under a statement that runs and a stream that is open', async () => {
    const warehouse = await open(join(folder, 'x.duckdb'));
    // Two connections that are there already, so that the statement below runs when the warehouse is closed.
    await Promise.all([value(warehouse, '1'), value(warehouse, '2')]);
    const stream = warehouse.stream(compile('select x as n from range(1000000) as r(x)'))[Symbol.asyncIterator]();
    await stream.next();
    const running = failure(warehouse.query(compile('select count(*) as n from range(100000000000) as r(x)')));
    setImmediate(() => warehouse.close());
    expect((await running).code).toBe('RUN_INTERRUPTED');
    await warehouse.close();
    await stream.return?.();
    await (await open(join(folder, 'x.duckdb'))).close();
  });
});

describe('what DuckDB refuses', () => {
  let warehouse: Warehouse;

  beforeEach(async () => {
    warehouse = await open(join(folder, 'x.duckdb'), { memoryLimit: '100MB', threads: 1 });
  });
  afterEach(() => warehouse.close());

  test('stands on its line of the SQL file', async () => {
    const text = 'select\n    1 as a,\n    nothing as b\nfrom (select 2 as c)';
    const origin = { file: 'sql/x.sql', line: 1, text };
    const refusals = await Promise.all([
      failure(warehouse.query(compile(text), { origin })),
      failure(warehouse.describe(compile(text), { origin })),
      failure(warehouse.createTable({ schema: 's', name: 't' }, compile(text), { origin })),
      failure(warehouse.createView({ schema: 's', name: 'v' }, compile(text), { origin })),
    ]);
    for (const error of refusals) {
      expect(error.problems).toMatchObject([{ file: 'sql/x.sql', line: 3, column: 5, value: 'nothing' }]);
      expect(error.message).not.toContain('LINE');
    }
  });

  test('names the file that is missing', async () => {
    const error = await failure(warehouse.query(compile(`select * from read_csv('${folder}/nope.csv')`)));
    expect(error.message).toContain('nope.csv');
    expect(error.hint).toContain('`files`');
  });

  test('never quotes a row of a CSV file', async () => {
    const file = join(folder, 'people.csv');
    const rows = Array.from({ length: 30_000 }, (_, n) => `p${n}@example.com,${n}`);
    await writeFile(file, ['email,age', ...rows, 'secret@example.com,old'].join('\n'));
    const error = await failure(warehouse.query(compile(`select max(age) as v from read_csv('${file}')`)));
    expect(error.message).toContain('Line: 30002');
    expect(error.message).toContain('people.csv');
    expect(error.message).not.toContain('secret@example.com');
  });

  test.each([
    ['an empty file', '', 'select lead_id as v', 'empty'],
    ['lines of different length', 'lead_id,seats\n1,2,3,4\n5\n', 'select lead_id as v', 'one single column'],
    ['one value that is no number', `seats\n${'1\n'.repeat(30_000)}many\n`, 'select 1 + seats as v', 'try_cast'],
    ['a column without values', 'seats\n', 'select 1 + seats as v', 'try_cast'],
    ['bytes that are no UTF-8', Buffer.from([0x61, 0x0a, 0xe9, 0xff, 0x0a]), 'select a as v', 'UTF-8'],
  ])('says what helps against a CSV file with %s', async (_, content, select, hint) => {
    const file = join(folder, 'people.csv');
    await writeFile(file, content);
    const read = `read_csv('${file}', header = true, union_by_name = true, sample_size = -1)`;
    const origin = { file: 'sql/x.sql', line: 1, text: `${select} from {{ source('app', 'people') }}` };
    const error = await failure(warehouse.query(compile(`${select} from ${read}`), { origin }));
    expect(error.hint).toContain(hint);
    expect(error.message.length).toBeLessThan(500);
    expect(error.message).not.toMatch(/Possible|Candidate functions|sample_size/);
    expect(String(error.problems[0]?.value)).not.toContain('read_csv');
  });

  test('does not take a column that a CSV file lacks for a header that is not split', async () => {
    const file = join(folder, 'people.csv');
    await writeFile(file, 'person_id,opened_at\nann,2026-01-01\n');
    const error = await failure(warehouse.query(compile(`select * from read_csv('${file}') where "lead_id" = 1`)));
    expect(error.message).toContain('Referenced column "lead_id" not found');
    expect(error.hint).not.toContain('single column');
  });

  test('quotes a long value in part', async () => {
    const error = await failure(warehouse.query(compile("select cast(repeat('k', 100000) as integer) as v")));
    expect(error.message.length).toBeLessThan(800);
    expect(error.message).toContain('Could not convert');
    expect(error.message).toContain('INT32');
  });

  test('stands at its column though the line goes on differently in the file', async () => {
    const text = "select\n  1 as a,\n  order, b as order from {{ source('app', 'people') }}";
    const sent = text.replace(/{{.*}}/, '(select 2 as b)');
    const error = await failure(warehouse.query(compile(sent), { origin: { file: 'sql/x.sql', line: 1, text } }));
    expect(error.problems).toMatchObject([{ line: 3, column: 8, hint: expect.stringContaining('double quotes') }]);
  });

  test('says what helps against too little memory', async () => {
    const hungry = "select length(string_agg(repeat(x::varchar, 100), ',')) as v from range(10000000) as r(x)";
    const error = await failure(warehouse.query(compile(hungry)));
    expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', retryable: false });
    expect(error.hint).toContain('memory_limit');
    expect(await value(warehouse, '1')).toBe(1);
  });

  test('says what helps against a full disk', async () => {
    await warehouse.query(compile("set max_temp_directory_size = '1MB'"));
    const sorted = 'create table s as select repeat(x::varchar, 20) as v from range(3000000) as r(x) order by v desc';
    const error = await failure(warehouse.query(compile(sorted)));
    expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', retryable: true });
    expect(error.hint).toContain('Free space');
  });

  test('says what helps against values that do not convert', async () => {
    const error = await failure(warehouse.query(compile("select cast('abc' as integer) as v")));
    expect(error.message).toContain("'abc'");
    expect(error.hint).toContain('try_cast');
  });

  test('may be tried again where two writers met', async () => {
    await warehouse.createTable({ schema: 's', name: 't' }, compile('select x as n from range(100000) as r(x)'));
    const update = compile('update s.t set n = n + 1');
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => warehouse.script([update, update])));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    for (const error of refused) expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', retryable: true });
    const accepted = results.length - refused.length;
    expect(accepted).toBeGreaterThan(0);
    expect(await value(warehouse, '(select min(n) from s.t)')).toBe(2 * accepted);
  });
});

/** DuckDB's checksum of a header, so that a file can be given another version. */
function checksumOf(bytes: Buffer): bigint {
  const mask = 0xffff_ffff_ffff_ffffn;
  let sum = 5381n;
  for (let at = 0; at < bytes.length; at += 8) sum ^= (bytes.readBigUInt64LE(at) * 0xbf58476d1ce4e5b9n) & mask;
  return sum;
}

/** root may write anywhere but in the kernel's own folders. */
async function readOnlyFolder(): Promise<string> {
  if (process.getuid?.() === 0) return '/sys/kernel';
  const path = join(folder, 'read-only');
  await mkdir(path);
  await chmod(path, 0o555);
  return path;
}
