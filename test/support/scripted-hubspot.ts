import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export type ScriptedReply =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly json: unknown }
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly text: string }
  /** The connection is cut, before any answer or in the middle of it. */
  | { readonly drop: 'before' | 'midway' }
  /** Nothing ever comes. */
  | { readonly silence: true };

export interface ScriptedHubSpot {
  readonly url: string;
  /** In the order of arrival. */
  readonly requests: readonly ScriptedRequest[];
  close(): Promise<void>;
}

/** A server that answers as a test says: for answers that no HubSpot, real or local, gives on request. */
export async function scriptedHubSpot(
  answer: (request: ScriptedRequest, count: number) => ScriptedReply | Promise<ScriptedReply>,
): Promise<ScriptedHubSpot> {
  const requests: ScriptedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const request = await readRequest(incoming);
    requests.push(request);
    send(response, await answer(request, requests.length));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readRequest(incoming: IncomingMessage): Promise<ScriptedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

function send(response: ServerResponse, reply: ScriptedReply): void {
  if ('silence' in reply) return;
  if ('drop' in reply) {
    if (reply.drop === 'before') {
      response.socket?.destroy();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"status":"COMPLETE","results":[', () => response.socket?.destroy());
    return;
  }
  const { status = 200, headers } = reply;
  if ('json' in reply) {
    response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...headers });
    response.end(JSON.stringify(reply.json));
  } else {
    response.writeHead(status, headers);
    response.end(reply.text);
  }
}
