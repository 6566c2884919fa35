import pg from 'pg';
import type { BareClient, Fact } from './bare-client.ts';
import { inBatches } from './bare-client.ts';

/**
 * `pg` alone: rows through a cursor of the server's, and in by arrays that the server unfolds, all in one transaction. (Its
 * documentation also shows COPY, which needs another package.)
 */
export async function openBarePostgres(url: string): Promise<BareClient> {
  const client = new pg.Client(url);
  await client.connect();
  return {
    async roundTrip() {
      await client.query('select 1 as n');
    },
    async read() {
      let sum = 0;
      await client.query('begin');
      await client.query('declare facts no scroll cursor for select * from bench.facts');
      for (;;) {
        const { rows } = await client.query('fetch 2000 from facts');
        for (const row of rows) sum += Number(row.id);
        if (rows.length < 2000) break;
      }
      await client.query('commit');
      return sum;
    },
    async write(facts: Iterable<Fact>) {
      await client.query('begin');
      for (const batch of inBatches(facts, 10_000)) {
        await client.query({
          name: 'write',
          text: `insert into bench.written (id, email, amount, seen_at, is_customer, share) select * from
unnest($1::bigint[], $2::text[], $3::numeric[], $4::timestamptz[], $5::boolean[], $6::float8[])`,
          values: [
            batch.map(({ id }) => id),
            batch.map(({ email }) => email),
            batch.map(({ cents }) => cents / 100),
            batch.map(({ at }) => at),
            batch.map(({ isCustomer }) => isCustomer),
            batch.map(({ share }) => share),
          ],
        });
      }
      await client.query('commit');
    },
    close: () => client.end(),
  };
}
