import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { SnowflakeSettings } from '../../src/project/warehouse-types.ts';

export interface Refused {
  readonly code: string;
  readonly sqlState?: string;
  readonly message: string;
}

export interface SeenLogin {
  readonly query: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface SeenStatement {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly bindings: Readonly<Record<string, { readonly type: string; readonly value: unknown }>> | undefined;
  readonly describeOnly: boolean;
}

/** What Snowflake answers over HTTP, as its driver reads it: for what an emulator cannot show. */
export interface ScriptedSnowflake {
  readonly settings: SnowflakeSettings;
  readonly logins: readonly SeenLogin[];
  /** Without what sets up a session. */
  readonly statements: readonly SeenStatement[];
  readonly setUp: readonly SeenStatement[];
  /** Requests to end a statement. */
  readonly cancelled: readonly string[];
  close(): Promise<void>;
}

export interface Script {
  readonly login?: Refused;
  /** Null: the statement succeeds, with one row of one column `N`, which is 1. */
  statement?(sql: string): Refused | Trouble | null;
}

/**
 * The connection ends without an answer; or the answer comes when the statement is cancelled; or one row comes, and the
 * connection ends whenever the others are asked for.
 */
export type Trouble = 'lost' | 'endless' | 'lost half-way';

export async function startScriptedSnowflake({ login, statement }: Script = {}): Promise<ScriptedSnowflake> {
  // Of the driver, not ours: it would look for a cloud's metadata server, and send even 127.0.0.1 through a proxy.
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
  process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = '1';
  process.env.NO_PROXY = [process.env.NO_PROXY, '127.0.0.1'].filter(Boolean).join(',');
  const logins: SeenLogin[] = [];
  const statements: SeenStatement[] = [];
  const setUp: SeenStatement[] = [];
  const cancelled: string[] = [];
  const isCancelled = Promise.withResolvers<void>();

  /** @returns null where the connection ends */
  const answerTo = async (url: URL, body: Record<string, unknown>): Promise<unknown> => {
    if (url.pathname.endsWith('/login-request')) {
      logins.push({ query: Object.fromEntries(url.searchParams), data: body.data as SeenLogin['data'] });
      if (login !== undefined) return failure(login);
      return success({ token: 'session-token', masterToken: 'master-token', parameters: [], sessionId: 1 });
    }
    if (url.pathname.endsWith('/query-request')) {
      const seen: SeenStatement = {
        sql: String(body.sqlText),
        parameters: body.parameters as SeenStatement['parameters'],
        bindings: body.bindings as SeenStatement['bindings'],
        describeOnly: body.describeOnly === true,
      };
      if (/^alter session/.test(seen.sql)) setUp.push(seen);
      else statements.push(seen);
      const refused = statement?.(seen.sql) ?? null;
      switch (refused) {
        case null:
          return success(oneRow);
        case 'lost':
          return null;
        case 'lost half-way':
          return success({ ...oneRow, total: 2, returned: 2, chunks: [{ ...aChunk, url: `${url.origin}/chunk` }] });
        case 'endless':
          await isCancelled.promise;
          return failure({ code: '000604', sqlState: '57014', message: 'SQL execution canceled' });
        default:
          return failure(refused);
      }
    }
    if (url.pathname === '/chunk') return null;
    if (url.pathname.endsWith('/abort-request')) {
      cancelled.push(String(body.requestId ?? url.pathname));
      isCancelled.resolve();
    }
    return success(null);
  };

  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const answer = await answerTo(new URL(request.url ?? '/', `http://${request.headers.host}`), body);
    if (answer === null) {
      request.socket.destroy();
      return;
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    settings: {
      type: 'snowflake',
      account: 'acme-analytics',
      username: 'SCORELINE',
      credential: { kind: 'password', password: 'top-secret' },
      role: 'SCORER',
      warehouse: 'SCORING_WH',
      database: 'ANALYTICS',
      host: `http://127.0.0.1:${port}`,
    },
    logins,
    statements,
    setUp,
    cancelled,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const bytes = Buffer.concat(parts);
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

const aChunk = { rowCount: 1, uncompressedSize: 100, compressedSize: 100 };

const oneRow = {
  rowtype: [{ name: 'N', type: 'fixed', precision: 38, scale: 0, nullable: true }],
  rowset: [['1']],
  total: 1,
  returned: 1,
  queryId: '01b0c0de-0000-0000-0000-000000000001',
  parameters: [],
  statementTypeId: 0x1000,
  queryResultFormat: 'json',
};

function success(data: unknown) {
  return { data, code: null, message: null, success: true };
}

function failure({ code, sqlState, message }: Refused) {
  return { data: { errorCode: code, sqlState, queryId: oneRow.queryId }, code, message, success: false };
}
