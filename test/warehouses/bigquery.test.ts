import { afterAll, beforeAll, describe } from 'vitest';
import { describeWarehouse } from '../contract/warehouse-contract.ts';
import { bigQuery, type CloudServer } from '../support/cloud-server.ts';

describe.skipIf(bigQuery.missing !== null)(`BigQuery ${bigQuery.missing ?? ''}`, () => {
  let server: CloudServer;
  beforeAll(async () => {
    server = await bigQuery.start();
  });
  afterAll(() => server.stop());

  describeWarehouse(
    bigQuery.name,
    async () => {
      const warehouse = await server.open();
      return { warehouse, dispose: () => warehouse.close(), schema: server.schema };
    },
    {
      forgetsDecimalSize: true,
      refusesPunctuation: true,
      ...(bigQuery.isEmulator && { describesByRunning: true, knowsNobody: true }),
    },
  );
});
