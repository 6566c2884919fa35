import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BigQuerySettings } from '../../src/project/warehouse-types.ts';

export interface RecordedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly text: string;
}

export interface FakeAnswer {
  readonly status?: number;
  readonly json: object;
}

/** The connection ends without an answer. */
export const noAnswer = Symbol('no answer');

export type Responder = (request: RecordedRequest, count: number) => FakeAnswer | typeof noAnswer | undefined;

/** A server that writes down what it is asked and answers as a test says: for what an emulator does not show. */
export class FakeBigQuery {
  readonly requests: RecordedRequest[] = [];
  readonly #server: Server;
  readonly url: string;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** @param respond undefined: what a job that is done at once says, without rows */
  static async start(respond: Responder = () => undefined): Promise<FakeBigQuery> {
    const server = createServer((incoming, outgoing) => {
      void readRequest(incoming).then((request) => {
        fake.requests.push(request);
        const answer = respond(request, fake.requests.length) ?? defaultAnswer(request);
        if (answer === noAnswer) {
          incoming.socket.destroy();
          return;
        }
        outgoing.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
        outgoing.end(JSON.stringify(answer.json));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fake = new FakeBigQuery(server);
    return fake;
  }

  settings(more: Partial<BigQuerySettings> = {}): BigQuerySettings {
    return { type: 'bigquery', project: 'acme', location: 'EU', apiEndpoint: this.url, ...more };
  }

  /** Bodies of the jobs asked for, in order. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was sent
  jobs(): readonly any[] {
    return this.requests
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/jobs'))
      .map(({ text, path }) => JSON.parse(path.startsWith('/upload') ? partOf(text) : text));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The first part of an upload: what the job is to do. */
function partOf(multipart: string): string {
  return /\r\n\r\n(\{.*?\})\r\n--/s.exec(multipart)?.[1] ?? 'null';
}

function defaultAnswer({ method, path, text }: RecordedRequest): FakeAnswer {
  if (method === 'POST' && path.endsWith('/jobs') && !path.startsWith('/upload')) {
    return { json: { ...JSON.parse(text), status: { state: 'DONE' } } };
  }
  if (method === 'POST') return { json: { status: { state: 'DONE' } } };
  if (path.includes('/queries/')) {
    return { json: { jobComplete: true, schema: { fields: [{ name: 'n', type: 'INTEGER' }] }, totalRows: '0' } };
  }
  return { json: { status: { state: 'DONE' } } };
}

async function readRequest(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? '/', 'http://fake');
  return {
    method: incoming.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    authorization: incoming.headers.authorization,
    text: Buffer.concat(chunks).toString(),
  };
}
