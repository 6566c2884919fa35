import {
  BIGINT,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBDecimalValue,
  type DuckDBInstance,
  DuckDBTimestampTZValue,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import type { BareClient, Fact } from './bare-client.ts';
import { inBatches } from './bare-client.ts';

const types = [BIGINT, VARCHAR, DECIMAL(18, 2), TIMESTAMPTZ, BOOLEAN, DOUBLE];
/** The most that a chunk of DuckDB's holds. */
const chunkRows = 2048;

/** `@duckdb/node-api` alone, on a connection of its own: rows as they are computed, and in by the appender, in chunks. */
export async function openBareDuckDb(instance: DuckDBInstance): Promise<BareClient> {
  const connection = await instance.connect();
  return {
    async roundTrip() {
      await connection.runAndReadAll('select 1 as n');
    },
    async read() {
      let sum = 0;
      const result = await connection.stream('select * from bench.facts');
      for await (const rows of result.yieldRowObjectJs()) {
        for (const row of rows) sum += Number(row.id);
      }
      return sum;
    },
    async write(facts: Iterable<Fact>) {
      const appender = await connection.createAppender('written', 'bench');
      for (const batch of inBatches(facts, chunkRows)) {
        const chunk = DuckDBDataChunk.create(types, batch.length);
        chunk.setColumns([
          batch.map(({ id }) => BigInt(id)),
          batch.map(({ email }) => email),
          batch.map(({ cents }) => new DuckDBDecimalValue(BigInt(cents), 18, 2)),
          batch.map(({ at }) => new DuckDBTimestampTZValue(BigInt(at.getTime()) * 1000n)),
          batch.map(({ isCustomer }) => isCustomer),
          batch.map(({ share }) => share),
        ]);
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
    },
    async close() {
      connection.closeSync();
    },
  };
}
