import { sql } from 'kysely';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeAgreement } from '../contract/dialect-agreement.ts';
import { type BigQueryServer, bigQueryServerMissing, startBigQueryServer } from '../support/bigquery-server.ts';

describe.skipIf(bigQueryServerMissing !== null)(`BigQuery ${bigQueryServerMissing ?? ''}`, () => {
  let server: BigQueryServer;
  beforeAll(async () => {
    server = await startBigQueryServer();
  });
  afterAll(() => server.stop());

  describeAgreement(
    'BigQuery (local-bigquery)',
    async (timeZone) => {
      const warehouse = await server.open(timeZone);
      return { warehouse, dispose: () => warehouse.close() };
    },
    {
      localTime: (wallTime) => sql`datetime ${sql.lit(wallTime)}`,
      // It has no other zone than UTC, whatever a job asks for.
      timeZone: 'UTC',
      plainNames: true,
    },
  );
});
