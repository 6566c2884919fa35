import { afterAll, describe } from 'vitest';
import { type BigQueryServer, bigQueryServerMissing, startBigQueryServer } from '../support/bigquery-server.ts';
import { describeSameNumbers } from './same-numbers.ts';

describe.skipIf(bigQueryServerMissing !== null)(`BigQuery ${bigQueryServerMissing ?? ''}`, () => {
  const servers: BigQueryServer[] = [];
  afterAll(async () => {
    for (const server of servers) await server.stop();
  });

  // A server for each project: their datasets have the same names.
  describeSameNumbers('BigQuery (local-bigquery)', async (timeZone) => {
    const server = await startBigQueryServer();
    servers.push(server);
    const { project, location, apiEndpoint } = server.settings;
    const warehouse = await server.open(timeZone);
    return {
      warehouse,
      settings: { type: 'bigquery', project, location, api_endpoint: apiEndpoint },
      dispose: () => warehouse.close(),
    };
  });
});
