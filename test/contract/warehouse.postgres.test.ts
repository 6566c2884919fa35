import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { makeRole, openTempPostgres } from '../support/temp-postgres.ts';
import { contractSchemas, describeWarehouse } from './warehouse-contract.ts';

/** As a role that owns its schemas and may make no others, and beside it one that may. */
describeWarehouse('PostgreSQL', async () => {
  const { warehouse, adminUrl, dispose } = await openTempPostgres('UTC', { schemas: contractSchemas });
  const maker = await makeRole(adminUrl, { schemas: [], mayMakeSchemas: true });
  const schemaMaker = await openWarehouse(maker, { timeZone: 'UTC' });
  return {
    warehouse,
    schemaMaker,
    dispose: async () => {
      await schemaMaker.close();
      await dispose();
    },
  };
});
