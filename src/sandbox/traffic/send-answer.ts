import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';

/**
 * Writes an answer to Node's own response: Hono's would add a content type where HubSpot sends none, and cannot break
 * a connection.
 */
export function sendAnswer(answer: Answer, outgoing: ServerResponse): void {
  if (answer.kind === 'drop') {
    outgoing.destroy();
    return;
  }
  const { status, headers, body, cut } = answer;
  if (body === null) {
    outgoing.writeHead(status, status === 204 ? headers : { ...headers, 'Content-Length': 0 });
    outgoing.end();
    return;
  }
  const bytes = Buffer.from(body);
  outgoing.writeHead(status, { ...headers, 'Content-Length': bytes.length });
  if (cut) outgoing.write(bytes.subarray(0, bytes.length >>> 1), () => outgoing.destroy());
  else outgoing.end(bytes);
}
