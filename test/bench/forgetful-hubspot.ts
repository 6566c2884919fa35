import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * A HubSpot that keeps no records: every address that it is asked for has one, and every write is accepted. So as many rows
 * as one likes can be sent, and the memory of this process stays small. For figures alone: whether answers are
 * understood is shown on the sandbox.
 */

const portal = { portalId: 4711, accountType: 'STANDARD', timeZone: 'UTC', utcOffset: '+00:00' };
const properties = new Map<string, object>();

interface Input {
  readonly id: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly objectWriteTraceId?: string;
}

const server = createServer((request, response) => {
  answer(request).then(
    (body) => {
      response.writeHead(body === null ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? { status: 'error', category: 'OBJECT_NOT_FOUND' }));
    },
    (error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(String(error));
    },
  );
});

/** @returns null for a property that it does not have */
async function answer(request: IncomingMessage): Promise<object | null> {
  const path = request.url ?? '';
  if (path.startsWith('/account-info/')) return portal;
  if (path.includes('/limits/')) return { hasMore: false, results: [] };
  if (request.method === 'GET' && path.includes('/groups')) return { results: [] };
  if (request.method === 'GET' && lastPart(path) === 'contacts') return { results: [...properties.values()] };
  if (request.method === 'GET') return properties.get(lastPart(path)) ?? null;
  const body = await bodyOf(request);
  if (path.includes('/batch/read')) return { status: 'COMPLETE', results: body.inputs.map(({ id }) => recordOf(id)) };
  if (path.includes('/batch/')) return { status: 'COMPLETE', results: body.inputs.map(written) };
  const made = { options: [], ...body, archived: false };
  if ('type' in body && 'name' in body) properties.set(String(body.name), made);
  return made;
}

function lastPart(path: string): string {
  return path.split('?')[0]?.split('/').at(-1) ?? '';
}

/** `p12@people.example` is the record 1000012; one may ask by the id, too. */
function recordOf(email: string) {
  if (/^\d+$/.test(email)) return { ...times, id: email, properties: {} };
  const number = Number(/\d+/.exec(email)?.[0] ?? 0);
  return { ...times, id: String(1_000_000 + number), properties: { email } };
}

function written({ id, properties: values, objectWriteTraceId }: Input) {
  return { ...times, id, properties: values, objectWriteTraceId };
}

const times = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', archived: false };

async function bodyOf(request: IncomingMessage): Promise<{ readonly inputs: readonly Input[] }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}

server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
server.close();
server.closeAllConnections();
