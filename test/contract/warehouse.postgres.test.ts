import { openTempPostgres } from '../support/temp-postgres.ts';
import { describeWarehouse } from './warehouse-contract.ts';

describeWarehouse('PostgreSQL', openTempPostgres);
