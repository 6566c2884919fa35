import driver, { type Binds, type RowStatement } from 'snowflake-sdk';
import type { BareClient, Fact } from './bare-client.ts';
import { inBatches } from './bare-client.ts';

/** `snowflake-sdk` alone, against an emulator: rows as a stream, and in by array binds in one transaction. */
export async function openBareSnowflake(accessUrl: string, database: string): Promise<BareClient> {
  driver.configure({ logLevel: 'OFF', additionalLogToConsole: false });
  const connection = driver.createConnection({
    ...{ account: 'fake', username: 'scoreline', password: 'secret', accessUrl, database },
    // Beyond it, the driver writes binds to files in a stage, which the emulator has no use for.
    arrayBindingThreshold: 2 ** 31,
  });
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  const execute = (sqlText: string, binds?: Binds, streamResult = false) =>
    new Promise<RowStatement>((resolve, reject) => {
      const complete = (error: unknown, statement: RowStatement) => (error ? reject(error) : resolve(statement));
      connection.execute({ sqlText, binds, streamResult, complete });
    });
  return {
    async roundTrip() {
      await execute('select 1 as n');
    },
    async read() {
      let sum = 0;
      const result = await execute('select * from bench.facts', undefined, true);
      for await (const row of result.streamRows()) sum += Number(row.ID);
      return sum;
    },
    async write(facts: Iterable<Fact>) {
      await execute('begin');
      for (const batch of inBatches(facts, 8000)) {
        await execute(
          'insert into bench.written (id, email, amount, seen_at, is_customer, share) values (?, ?, ?, ?, ?, ?)',
          batch.map(({ id, email, cents, at, isCustomer, share }) => [
            ...[id, email, cents / 100, at.toISOString(), isCustomer, share],
          ]),
        );
      }
      await execute('commit');
    },
    close: () => new Promise((resolve) => connection.destroy(() => resolve())),
  };
}
