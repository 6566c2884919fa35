import { afterAll, beforeAll, describe } from 'vitest';
import { describeWarehouse } from '../contract/warehouse-contract.ts';
import { type BigQueryServer, bigQueryServerMissing, startBigQueryServer } from '../support/bigquery-server.ts';

describe.skipIf(bigQueryServerMissing !== null)(`BigQuery ${bigQueryServerMissing ?? ''}`, () => {
  let server: BigQueryServer;
  beforeAll(async () => {
    server = await startBigQueryServer();
  });
  afterAll(() => server.stop());

  describeWarehouse(
    'BigQuery (local-bigquery)',
    async () => {
      const warehouse = await server.open();
      return { warehouse, dispose: () => warehouse.close() };
    },
    { forgetsDecimalSize: true, refusesPunctuation: true, describesByRunning: true, knowsNobody: true },
  );
});
