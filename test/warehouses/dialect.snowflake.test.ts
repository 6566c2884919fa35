import { sql } from 'kysely';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeAgreement } from '../contract/dialect-agreement.ts';
import { type SnowflakeServer, snowflakeServerMissing, startSnowflakeServer } from '../support/snowflake-server.ts';

describe.skipIf(snowflakeServerMissing !== null)(`Snowflake ${snowflakeServerMissing ?? ''}`, () => {
  let server: SnowflakeServer;
  beforeAll(async () => {
    server = await startSnowflakeServer();
  });
  afterAll(() => server.stop());

  describeAgreement(
    'Snowflake (fakesnow)',
    async (timeZone) => {
      const warehouse = await server.open('agreement', timeZone);
      return { warehouse, dispose: () => warehouse.close() };
    },
    { localTime: (wallTime) => sql`cast(${sql.lit(wallTime)} as timestamp)` },
  );
});
