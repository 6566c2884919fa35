import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { ScorelineError } from '../../../src/errors/scoreline-error.ts';
import type { BigQuerySettings } from '../../../src/project/warehouse-types.ts';
import { openBigQuery } from '../../../src/warehouse/bigquery/warehouse.ts';
import { FakeBigQuery, noAnswer, type Responder } from '../../support/fake-bigquery.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

async function open(respond?: Responder, more: Partial<BigQuerySettings> = {}) {
  const fake = await FakeBigQuery.start(respond);
  opened.push({ close: () => fake.stop() });
  const pauses: number[] = [];
  const pause = async (ms: number, signal?: AbortSignal) => {
    pauses.push(ms);
    signal?.throwIfAborted();
  };
  const warehouse = await openBigQuery(fake.settings(more), { timeZone: 'Europe/Berlin' }, { pause });
  opened.push(warehouse);
  return { fake, warehouse, pauses };
}

const one = { text: 'select 1 as n', binds: [] };

async function refusal(work: Promise<unknown>): Promise<ScorelineError> {
  const error: unknown = await work.then(
    () => expect.unreachable('it was accepted'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ScorelineError)) throw error;
  return error;
}

function failure(status: number, reason: string, message: string) {
  return { status, json: { error: { code: status, message, errors: [{ reason, message, domain: 'global' }] } } };
}

const isInsert = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === 'POST' && path.endsWith('/jobs');

describe('a job of BigQuery', () => {
  test('has a place, labels, limits, the zone of the project and typed binds', async () => {
    const { fake, warehouse } = await open(undefined, { maxBytesBilled: 200_000_000_000n, statementTimeoutMs: 60_000 });
    const { dialect } = warehouse;
    const statement = dialect.compile(
      sql`select ${dialect.bind({ kind: 'date' }, '2026-01-31')}, ${dialect.bind({ kind: 'boolean' }, true)}, ${dialect.bind({ kind: 'text' }, null)}`,
    );
    await warehouse.query(statement, { purpose: 'Build lead_score (Größe)' });
    const [job] = fake.jobs();
    expect(job.jobReference).toEqual({
      projectId: 'acme',
      location: 'EU',
      jobId: expect.stringMatching(/^scoreline_[\w-]{36}$/),
    });
    expect(job.configuration).toMatchObject({
      labels: { app: 'scoreline', purpose: 'build-lead_score-gr-e' },
      jobTimeoutMs: '60000',
      query: {
        useLegacySql: false,
        maximumBytesBilled: '200000000000',
        connectionProperties: [{ key: 'time_zone', value: 'Europe/Berlin' }],
        parameterMode: 'NAMED',
        queryParameters: [
          { name: 'p1', parameterType: { type: 'DATE' }, parameterValue: { value: '2026-01-31' } },
          { name: 'p2', parameterType: { type: 'BOOL' }, parameterValue: { value: 'true' } },
          { name: 'p3', parameterType: { type: 'STRING' }, parameterValue: {} },
        ],
      },
    });
    expect(fake.requests.at(-1)?.query.get('location')).toBe('EU');
    expect(fake.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test('a table is the destination of its query, and is swapped in by a copy', async () => {
    const { fake, warehouse } = await open();
    await warehouse.createTable({ schema: 's', name: 't__staged' }, one);
    await warehouse.swap({ schema: 's', name: 't__staged' }, { schema: 's', name: 't' });
    const [build, copy] = fake.jobs();
    expect(build.configuration.query).toMatchObject({
      destinationTable: { projectId: 'acme', datasetId: 's', tableId: 't__staged' },
      writeDisposition: 'WRITE_TRUNCATE',
    });
    expect(copy.configuration.copy).toMatchObject({
      sourceTable: { tableId: 't__staged' },
      destinationTable: { tableId: 't' },
      writeDisposition: 'WRITE_TRUNCATE',
    });
    expect(fake.requests.at(-1)).toMatchObject({
      method: 'DELETE',
      path: '/bigquery/v2/projects/acme/datasets/s/tables/t__staged',
    });
  });

  test('a description is a dry run', async () => {
    const { fake, warehouse } = await open();
    await warehouse.describe(one);
    expect(fake.jobs()[0].configuration.dryRun).toBe(true);
  });

  test('a description tells what the SELECT would read, and a table what it was made from, without asking more', async () => {
    const { fake, warehouse } = await open(
      (request) => {
        if (request.path.includes('/queries/')) {
          return { json: { jobComplete: true, totalRows: '7', totalBytesProcessed: '12345' } };
        }
        if (!isInsert(request) || !request.text.includes('dryRun')) return undefined;
        return { json: { statistics: { totalBytesProcessed: '98765432109', query: { schema: { fields: [] } } } } };
      },
      { maxBytesBilled: 200_000_000_000n },
    );
    const read: number[] = [];
    const onBytesRead = (bytes: number) => read.push(bytes);
    await warehouse.describe(one, { onBytesRead });
    expect(fake.requests).toHaveLength(1);
    // One above the limit has to tell by how much.
    expect(fake.jobs()[0].configuration.query.maximumBytesBilled).toBeUndefined();
    expect(await warehouse.createTable({ schema: 's', name: 't' }, one, { onBytesRead })).toBe(7);
    expect(fake.requests).toHaveLength(3);
    expect(read).toEqual([98_765_432_109, 12_345]);
    expect(warehouse.capabilities.maxBytesRead).toBe(200_000_000_000);
    expect((await open()).warehouse.capabilities.maxBytesRead).toBeNull();
  });

  test('changes of several statements are one script in one transaction, each bind its own', async () => {
    const { fake, warehouse } = await open(({ path }) =>
      path.includes('/queries/')
        ? {
            json: {
              jobComplete: true,
              schema: { fields: [{ name: 'touched', type: 'INTEGER', mode: 'REPEATED' }] },
              rows: [{ f: [{ v: [{ v: '3' }, { v: '0' }, { v: '0' }] }] }],
            },
          }
        : undefined,
    );
    const { dialect } = warehouse;
    const text = (value: string) => dialect.bind({ kind: 'text' }, value);
    const touched = await warehouse.script([
      dialect.compile(sql`delete from ${sql.id('s', 't')} where a = ${text('x')}`),
      dialect.compile(sql`create temporary table ${sql.id('tmp')} as select ${text('y')} as a, '@p1' as b`),
      dialect.compile(sql`drop table ${sql.id('tmp')}`),
    ]);
    expect(touched).toEqual([3, 0, 0]);
    const { query, queryParameters } = fake.jobs()[0].configuration.query;
    expect(query).toMatch(/^declare .*;\nbegin transaction;\ndelete from `s`\.`t` where a = cast\(@p1 as string\);/);
    expect(query).toContain("select cast(@p2 as string) as a, '@p1' as b;");
    expect(query).toContain('drop table `tmp`;');
    expect(query).toMatch(/;\ncommit transaction;\nselect scoreline_touched as touched$/);
    expect(queryParameters.map(({ name }: { name: string }) => name)).toEqual(['p1', 'p2']);
  });

  test('what makes lasting tables stands in no transaction, and datasets are looked for first', async () => {
    const { fake, warehouse } = await open(({ path }) =>
      path.includes('/queries/') ? { json: { jobComplete: true, numDmlAffectedRows: '0' } } : undefined,
    );
    const { dialect } = warehouse;
    await warehouse.script([
      dialect.compile(dialect.createSchema('s')),
      dialect.compile(sql`create table if not exists ${sql.id('s', 't')} (a string)`),
    ]);
    expect(fake.requests[0]).toMatchObject({ method: 'GET', path: '/bigquery/v2/projects/acme/datasets/s' });
    expect(fake.jobs().map((job) => job.configuration.query.query)).toEqual([
      'create table if not exists `s`.`t` (a string)',
    ]);
  });

  test('rows go in by a load job that names its columns', async () => {
    const { fake, warehouse } = await open();
    const columns = [
      { name: 'n', type: { kind: 'integer' } },
      { name: 'at', type: { kind: 'timestamp' } },
    ] as const;
    const count = await warehouse.append({ schema: 's', name: 't' }, columns, [[7n, '2026-01-31T08:30:00Z']], {
      purpose: 'write the ledger',
    });
    expect(count).toBe(1);
    const [job] = fake.jobs();
    expect(job.jobReference.jobId).toMatch(/^scoreline_/);
    expect(job.configuration).toMatchObject({
      labels: { app: 'scoreline', purpose: 'write-the-ledger' },
      load: {
        destinationTable: { projectId: 'acme', datasetId: 's', tableId: 't' },
        schema: {
          fields: [
            { name: 'n', type: 'INT64' },
            { name: 'at', type: 'TIMESTAMP' },
          ],
        },
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        writeDisposition: 'WRITE_APPEND',
        createDisposition: 'CREATE_NEVER',
      },
    });
    expect(fake.requests[0]?.text).toContain('{"n":"7","at":"2026-01-31T08:30:00Z"}\n');
  });
});

describe('what was billed', () => {
  const isJob = ({ method, path }: { readonly method: string; readonly path: string }) =>
    method === 'GET' && path.includes('/jobs/');
  const billed = (bytes: string) => ({
    json: { status: { state: 'DONE' }, statistics: { query: { totalBytesBilled: bytes } } },
  });
  const touched = {
    json: {
      jobComplete: true,
      schema: { fields: [{ name: 'touched', type: 'INTEGER', mode: 'REPEATED' }] },
      rows: [{ f: [{ v: [{ v: '1' }, { v: '1' }] }] }],
    },
  };

  test('is asked of every query job once, a script being one; loads, copies and dry runs cost nothing', async () => {
    const { fake, warehouse } = await open((request) => {
      if (isJob(request)) return billed('10485760');
      if (request.path.includes('/queries/') && fake.jobs().length === 3) return touched;
      return undefined;
    });
    const change = { text: 'delete from t where n = 1', binds: [] };
    await warehouse.describe(one);
    await warehouse.query(one);
    await warehouse.script([change, change]);
    await warehouse.createTable({ schema: 's', name: 't__staged' }, one);
    await warehouse.swap({ schema: 's', name: 't__staged' }, { schema: 's', name: 't' });
    await warehouse.append({ schema: 's', name: 't' }, [{ name: 'n', type: { kind: 'integer' } }], [[1]]);
    expect(fake.requests.filter(isJob)).toEqual([]);
    expect(await warehouse.bytesBilled()).toBe(3 * 10_485_760);
    const queries = fake.jobs().filter(({ configuration }) => configuration.query && !configuration.dryRun);
    const asked = () => fake.requests.filter(isJob).map(({ path }) => path.split('/').at(-1));
    expect(asked().sort()).toEqual(queries.map(({ jobReference }) => jobReference.jobId).sort());

    await warehouse.query(one);
    expect(await warehouse.bytesBilled()).toBe(4 * 10_485_760);
    expect(asked()).toHaveLength(4);
  });

  test('counts a job that was begun and refused, and not one that never began', async () => {
    const { warehouse } = await open((request) => {
      if (isInsert(request) && request.text.includes('never')) return failure(400, 'invalidQuery', 'no such table');
      if (request.path.includes('/queries/')) return failure(400, 'invalidQuery', 'division by zero');
      if (!isJob(request)) return undefined;
      const errorResult = { reason: 'invalidQuery', message: 'division by zero' };
      return {
        json: { status: { state: 'DONE', errorResult }, statistics: { query: { totalBytesBilled: '10485760' } } },
      };
    });
    await refusal(warehouse.query({ text: 'select never', binds: [] }));
    expect(await warehouse.bytesBilled()).toBe(0);
    await refusal(warehouse.query({ text: 'select 1 / 0', binds: [] }));
    expect(await warehouse.bytesBilled()).toBe(10_485_760);
  });

  test('is not known where a job cannot be asked, and is as soon as it can', async () => {
    let isAway = true;
    const { warehouse } = await open((request) => {
      if (!isJob(request)) return undefined;
      return isAway ? failure(403, 'accessDenied', 'no') : billed('10485760');
    });
    for (let count = 0; count < 25; count += 1) await warehouse.query(one);
    expect(await warehouse.bytesBilled()).toBeNull();
    isAway = false;
    expect(await warehouse.bytesBilled()).toBe(25 * 10_485_760);
  });
});

describe('trouble that passes', () => {
  test('is asked again with the same job, which may be there by then', async () => {
    let inserts = 0;
    const { fake, warehouse, pauses } = await open((request) => {
      if (!isInsert(request)) return undefined;
      inserts += 1;
      if (inserts === 1) return failure(503, 'backendError', 'try again');
      if (inserts === 2) return noAnswer;
      return failure(409, 'duplicate', 'Already Exists: Job');
    });
    expect(await warehouse.query(one)).toEqual([]);
    expect(new Set(fake.jobs().map((job) => job.jobReference.jobId)).size).toBe(1);
    expect(inserts).toBe(3);
    expect(pauses).toHaveLength(2);
  });

  test('of a job that failed gets another job, a few times', async () => {
    const lost = {
      reason: 'invalidQuery',
      message: 'Could not serialize access to table s.t due to concurrent update',
    };
    const { fake, warehouse, pauses } = await open((request) =>
      isInsert(request)
        ? { json: { ...JSON.parse(request.text), status: { state: 'DONE', errorResult: lost, errors: [lost] } } }
        : undefined,
    );
    const error = await refusal(warehouse.script([{ text: 'update s.t set a = 1 where true', binds: [] }]));
    expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', retryable: true });
    expect(new Set(fake.jobs().map((job) => job.jobReference.jobId)).size).toBe(5);
    expect(pauses).toHaveLength(4);
  });

  test('an upload without an answer is looked for by its id', async () => {
    const { fake, warehouse } = await open(({ path }) => (path.startsWith('/upload') ? noAnswer : undefined));
    const columns = [{ name: 'n', type: { kind: 'integer' } }] as const;
    expect(await warehouse.append({ schema: 's', name: 't' }, columns, [[1], [2]])).toBe(2);
    const { jobId } = fake.jobs()[0].jobReference;
    expect(fake.requests.at(-1)?.path).toBe(`/bigquery/v2/projects/acme/jobs/${jobId}`);
  });
});

describe('who works', () => {
  test('is asked of BigQuery, and told with where and by what right', async () => {
    const answer: Responder = ({ path }) => {
      if (!path.includes('/queries/')) return undefined;
      const schema = { fields: [{ name: 'who', type: 'STRING' }] };
      return { json: { jobComplete: true, schema, rows: [{ f: [{ v: 'me@acme.example' }] }] } };
    };
    const { warehouse } = await open(answer);
    expect(await warehouse.whoAmI()).toEqual({
      server: 'BigQuery, project acme in EU',
      user: 'me@acme.example',
      credential: 'none, since `api_endpoint` is not encrypted',
    });
  });
});

describe('a result', () => {
  test('is read page by page, as it is wanted', async () => {
    let pages = 0;
    const { warehouse } = await open(({ path }) => {
      if (!path.includes('/queries/')) return undefined;
      pages += 1;
      const schema = { fields: [{ name: 'n', type: 'INTEGER' }] };
      return {
        json: { jobComplete: true, schema, rows: [{ f: [{ v: String(pages) }] }], pageToken: `after ${pages}` },
      };
    });
    const seen: unknown[] = [];
    for await (const rows of warehouse.stream(one)) {
      seen.push(...rows);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(pages).toBe(3);
  });

  const threePages = (isLost: (asked: number) => boolean): { respond: Responder; asked(): number } => {
    let asked = 0;
    const schema = { fields: [{ name: 'n', type: 'INTEGER' }] };
    return {
      asked: () => asked,
      respond: ({ path, query }) => {
        if (!path.includes('/queries/')) return undefined;
        asked += 1;
        if (isLost(asked)) return noAnswer;
        const page = Number(query.get('pageToken') ?? '1');
        const pageToken = page < 3 ? String(page + 1) : undefined;
        return { json: { jobComplete: true, schema, rows: [{ f: [{ v: String(page) }] }], pageToken } };
      },
    };
  };

  test('whose page is lost on the way asks for that page again, and gives every row once', async () => {
    const { respond } = threePages((asked) => asked === 2 || asked === 3);
    const { warehouse, pauses } = await open(respond);
    const seen: unknown[] = [];
    for await (const rows of warehouse.stream(one)) seen.push(...rows);
    expect(seen).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(pauses).toHaveLength(2);
  });

  test('whose pages do not come any more ends with a retryable error', async () => {
    const { respond, asked } = threePages((count) => count > 1);
    const { warehouse } = await open(respond);
    const seen: unknown[] = [];
    const read = async () => {
      for await (const rows of warehouse.stream(one, { purpose: 'read leads' })) seen.push(...rows);
    };
    const error = await refusal(read());
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', exitCode: 4, retryable: true });
    expect(error.message).toMatch(
      /^Cannot read leads: BigQuery does not answer at http:\/\/127\.0\.0\.1:\d+: socket hang up$/,
    );
    expect(seen).toEqual([{ n: 1 }]);
    expect(asked()).toBe(6);
  });

  test('that nobody waits for any more is cancelled in BigQuery too', async () => {
    const controller = new AbortController();
    const { fake, warehouse } = await open((request) => {
      if (isInsert(request)) return { json: { ...JSON.parse(request.text), status: { state: 'RUNNING' } } };
      if (!request.path.includes('/queries/')) return undefined;
      controller.abort();
      return { json: { jobComplete: false } };
    });
    const error = await refusal(warehouse.query(one, { signal: controller.signal, purpose: 'count' }));
    expect(error.code).toBe('RUN_INTERRUPTED');
    const { jobId } = fake.jobs()[0].jobReference;
    expect(fake.requests.at(-1)).toMatchObject({
      method: 'POST',
      path: `/bigquery/v2/projects/acme/jobs/${jobId}/cancel`,
    });
  });
});

describe('a refusal', () => {
  async function refused(status: number, reason: string, message: string, text = 'select 1'): Promise<ScorelineError> {
    const { warehouse } = await open((request) => (isInsert(request) ? failure(status, reason, message) : undefined));
    const origin = { file: 'sql/leads.sql', line: 3, text };
    return refusal(warehouse.query({ text, binds: [] }, { origin, purpose: 'build leads' }));
  }

  test.for([
    [
      403,
      'accessDenied',
      'Access Denied: Table acme-1:raw.logins: Permission bigquery.tables.getData denied on table acme-1:raw.logins (or it may not exist).',
      'GRANT `roles/bigquery.dataViewer` ON SCHEMA `acme-1`.`raw`',
    ],
    [
      403,
      'accessDenied',
      'Access Denied: Project acme: User does not have bigquery.jobs.create permission in project acme.',
      'roles/bigquery.jobUser',
    ],
    [404, 'notFound', 'Not found: Dataset acme:raw was not found in location US', '`location` of the target'],
    [
      400,
      'bytesBilledLimitExceeded',
      'Query exceeded limit for bytes billed: 1000000. 10485760 or higher required.',
      '`max_bytes_billed`',
    ],
    [403, 'quotaExceeded', 'Quota exceeded: Your project exceeded quota for imports per project.', 'quota'],
  ] as const)('of %d %s says what to do: %s', async ([status, reason, message, hint]) => {
    const error = await refused(status, reason, message);
    expect(error).toMatchObject({ code: 'WAREHOUSE_REFUSED', exitCode: 4, retryable: false });
    expect(error.message).toContain(reason);
    expect(error.problems[0]?.hint).toContain(hint);
  });

  test('stands at the line and column of the file', async () => {
    const text = 'select\n  n,\n  nothing_here\nfrom s.t';
    const error = await refused(400, 'invalidQuery', 'Unrecognized name: nothing_here at [3:3]', text);
    expect(error.problems).toMatchObject([{ file: 'sql/leads.sql', line: 5, column: 3, value: 'nothing_here' }]);
    expect(error.problems[0]?.message).toBe('Unrecognized name: nothing_here (invalidQuery)');
  });

  test('of nobody at the other end is no refusal', async () => {
    const { fake, warehouse, pauses } = await open();
    await fake.stop();
    const error = await refusal(warehouse.query(one));
    expect(error).toMatchObject({ code: 'WAREHOUSE_UNREACHABLE', exitCode: 4 });
    expect(error.message).toMatch(/^BigQuery does not answer at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    expect(pauses).toEqual([]);
  });
});
