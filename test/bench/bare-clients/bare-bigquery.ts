import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BigQuery } from '@google-cloud/bigquery';
import { PassThroughClient } from 'google-auth-library';
import type { BigQuerySettings } from '../../../src/project/warehouse-types.ts';
import type { BareClient, Fact } from './bare-client.ts';

/** `@google-cloud/bigquery` alone, against an emulator: rows as a stream, and in by a load job of lines of JSON. */
export function openBareBigQuery({ project, apiEndpoint }: BigQuerySettings): BareClient {
  const client = new BigQuery({ projectId: project, apiEndpoint, authClient: new PassThroughClient() });
  return {
    async roundTrip() {
      await client.query('select 1 as n');
    },
    async read() {
      let sum = 0;
      for await (const row of client.createQueryStream('select * from bench.facts')) sum += Number(row.id);
      return sum;
    },
    async write(facts: Iterable<Fact>) {
      const into = client
        .dataset('bench')
        .table('written')
        .createWriteStream({ sourceFormat: 'NEWLINE_DELIMITED_JSON', writeDisposition: 'WRITE_APPEND' });
      // Of the load job, which is begun when the last line has arrived.
      const completed = once(into, 'complete');
      await Promise.all([pipeline(Readable.from(linesOf(facts)), into), completed]);
    },
    async close() {},
  };
}

function* linesOf(facts: Iterable<Fact>): Generator<string> {
  for (const { id, email, cents, at, isCustomer, share } of facts) {
    yield `${JSON.stringify({ id, email, amount: cents / 100, seen_at: at, is_customer: isCustomer, share })}\n`;
  }
}
