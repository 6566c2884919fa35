import { afterAll, beforeAll, describe } from 'vitest';
import { describeWarehouse } from '../contract/warehouse-contract.ts';
import { type SnowflakeServer, snowflakeServerMissing, startSnowflakeServer } from '../support/snowflake-server.ts';

describe.skipIf(snowflakeServerMissing !== null)(`Snowflake${snowflakeServerMissing ?? ''}`, () => {
  let server: SnowflakeServer;
  let databases = 0;
  beforeAll(async () => {
    server = await startSnowflakeServer();
  });
  afterAll(() => server.stop());

  describeWarehouse('Snowflake (fakesnow)', async () => {
    databases += 1;
    const warehouse = await server.open(`contract_${databases}`);
    return { warehouse, dispose: () => warehouse.close() };
  });
});
