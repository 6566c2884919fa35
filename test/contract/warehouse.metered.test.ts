import { meteredWarehouse } from '../../src/warehouse/metered-warehouse.ts';
import { openTempDuckDb } from '../support/temp-duckdb.ts';
import { describeWarehouse } from './warehouse-contract.ts';

describeWarehouse('a metered warehouse', async () => {
  const { warehouse, dispose } = await openTempDuckDb();
  return { warehouse: meteredWarehouse(warehouse), dispose };
});
