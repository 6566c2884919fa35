import { afterAll, beforeAll, describe } from 'vitest';
import { type CloudServer, snowflake } from '../support/cloud-server.ts';
import { describeSameNumbers } from './same-numbers.ts';

describe.skipIf(snowflake.missing !== null)(`Snowflake ${snowflake.missing ?? ''}`, () => {
  let server: CloudServer;
  let projects = 0;
  beforeAll(async () => {
    server = await snowflake.start();
  });
  afterAll(() => server.stop());

  describeSameNumbers(snowflake.name, async (timeZone) => {
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
