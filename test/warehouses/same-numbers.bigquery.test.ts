import { afterAll, beforeAll, describe } from 'vitest';
import { bigQuery, type CloudServer } from '../support/cloud-server.ts';
import { describeSameNumbers } from './same-numbers.ts';

describe.skipIf(bigQuery.missing !== null)(`BigQuery ${bigQuery.missing ?? ''}`, () => {
  let server: CloudServer;
  let projects = 0;
  beforeAll(async () => {
    server = await bigQuery.start();
  });
  afterAll(() => server.stop());

  describeSameNumbers(bigQuery.name, async (timeZone) => {
    projects += 1;
    const suffix = projects;
    const warehouse = await server.open(timeZone);
    return {
      warehouse,
      settings: server.target,
      env: process.env,
      schema: (name) => server.schema(`${name}_${suffix}`),
      dispose: () => warehouse.close(),
    };
  });
});
