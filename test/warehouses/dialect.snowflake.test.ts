import { sql } from 'kysely';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeAgreement } from '../contract/dialect-agreement.ts';
import { type CloudServer, snowflake } from '../support/cloud-server.ts';

describe.skipIf(snowflake.missing !== null)(`Snowflake ${snowflake.missing ?? ''}`, () => {
  let server: CloudServer;
  beforeAll(async () => {
    server = await snowflake.start();
  });
  afterAll(() => server.stop());

  describeAgreement(
    snowflake.name,
    async (timeZone) => {
      const warehouse = await server.open(timeZone);
      return { warehouse, dispose: () => warehouse.close() };
    },
    { localTime: (wallTime) => sql`cast(${sql.lit(wallTime)} as timestamp)`, statements: 10 },
  );
});
