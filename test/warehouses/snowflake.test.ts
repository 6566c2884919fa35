import { afterAll, beforeAll, describe } from 'vitest';
import { describeWarehouse } from '../contract/warehouse-contract.ts';
import { type CloudServer, snowflake } from '../support/cloud-server.ts';

describe.skipIf(snowflake.missing !== null)(`Snowflake ${snowflake.missing ?? ''}`, () => {
  let server: CloudServer;
  beforeAll(async () => {
    server = await snowflake.start();
  });
  afterAll(() => server.stop());

  describeWarehouse(snowflake.name, async () => {
    const warehouse = await server.open();
    return { warehouse, dispose: () => warehouse.close(), schema: server.schema };
  });
});
