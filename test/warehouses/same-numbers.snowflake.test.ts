import { afterAll, beforeAll, describe } from 'vitest';
import { type SnowflakeServer, snowflakeServerMissing, startSnowflakeServer } from '../support/snowflake-server.ts';
import { describeSameNumbers } from './same-numbers.ts';

describe.skipIf(snowflakeServerMissing !== null)(`Snowflake ${snowflakeServerMissing ?? ''}`, () => {
  let server: SnowflakeServer;
  let databases = 0;
  beforeAll(async () => {
    server = await startSnowflakeServer();
  });
  afterAll(() => server.stop());

  describeSameNumbers('Snowflake (fakesnow)', async (timeZone) => {
    databases += 1;
    const database = `numbers_${databases}`;
    const warehouse = await server.open(database, timeZone);
    const settings = {
      type: 'snowflake',
      account: 'fake',
      username: 'scoreline',
      password: 'secret',
      warehouse: 'SCORELINE_WH',
      database,
      host: server.url,
    };
    return { warehouse, settings, dispose: () => warehouse.close() };
  });
});
