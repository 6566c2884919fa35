import { openTempDuckDb } from '../support/temp-duckdb.ts';
import { describeWarehouse } from './warehouse-contract.ts';

describeWarehouse('DuckDB', openTempDuckDb);
