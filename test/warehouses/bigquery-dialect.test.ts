import { sql } from 'kysely';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeAgreement } from '../contract/dialect-agreement.ts';
import { bigQuery, type CloudServer } from '../support/cloud-server.ts';

describe.skipIf(bigQuery.missing !== null)(`BigQuery ${bigQuery.missing ?? ''}`, () => {
  let server: CloudServer;
  beforeAll(async () => {
    server = await bigQuery.start();
  });
  afterAll(() => server.stop());

  describeAgreement(
    bigQuery.name,
    async (timeZone) => {
      const warehouse = await server.open(timeZone);
      return { warehouse, dispose: () => warehouse.close() };
    },
    {
      localTime: (wallTime) => sql`datetime ${sql.lit(wallTime)}`,
      // The emulator has no other zone than UTC, whatever a job asks for.
      ...(bigQuery.isEmulator && { timeZone: 'UTC' }),
      plainNames: true,
      statements: 10,
    },
  );
});
