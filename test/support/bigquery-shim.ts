import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Shim {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Stands in front of the emulator, which aborts every transaction that has a MERGE in it: BigQuery takes them
 * (https://cloud.google.com/bigquery/docs/transactions). Such a script reaches it without its transaction.
 */
export async function startBigQueryShim(port: number): Promise<Shim> {
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const forward = ask({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forward.on('error', () => outgoing.destroy());
    incoming.on('error', () => forward.destroy());
    outgoing.on('close', () => {
      if (!outgoing.writableEnded) forward.destroy();
    });
    if (method !== 'POST' || url?.startsWith('/upload') === true) {
      incoming.pipe(forward);
      return;
    }
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.from(withoutTransaction(Buffer.concat(chunks).toString()));
      forward.setHeader('content-length', body.length);
      forward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Of a body in JSON, in which line ends are `\n`. */
function withoutTransaction(body: string): string {
  if (!/\\nmerge into /.test(body)) return body;
  return body.replace('\\nbegin transaction;', '').replace('\\ncommit transaction;', '');
}
