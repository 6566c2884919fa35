import type { WarehouseSettings } from '../../src/project/warehouse-types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { emulatedProject, hasBigQueryEmulator, startBigQueryEmulator } from './bigquery-emulator.ts';
import { OwnSchemas, settingsOf } from './own-schemas.ts';
import { hasSnowflakeEmulator, startSnowflakeEmulator } from './snowflake-emulator.ts';
import { bigQueryAccount, snowflakeAccount, type WarehouseTarget } from './test-accounts.ts';

/** A warehouse that others may use at the same time: all tests work in schemas of their own. */
export interface CloudServer {
  readonly settings: WarehouseSettings;
  /** What stands under `warehouse` of a target; it may name variables of this process. */
  readonly target: WarehouseTarget;
  /** The name of a schema for this file's tests alone; the same for the same word. `stop` drops it, and that of its state. */
  schema(name: string): string;
  open(timeZone?: string): Promise<Warehouse>;
  stop(): Promise<void>;
}

/** A service, or the emulator in its place. */
export interface Cloud {
  /** With what it is: for the names of suites. */
  readonly name: string;
  /** Which is less than the real service in some points. */
  readonly isEmulator: boolean;
  /** Why tests are skipped; null where they are not, and `start` must then succeed. */
  readonly missing: string | null;
  /** Starts the emulator, or takes the account that the environment names. */
  start(): Promise<CloudServer>;
}

const toInstall = 'no account is named in the environment, and no emulator is installed (`npm run emulators`)';

const googleProject = bigQueryAccount(process.env);

export const bigQuery: Cloud = {
  name: googleProject === null ? 'BigQuery (local-bigquery)' : `BigQuery (project ${googleProject.project})`,
  isEmulator: googleProject === null,
  missing: googleProject === null && !hasBigQueryEmulator ? toInstall : null,
  async start() {
    if (googleProject !== null) return serverOf(googleProject);
    const { url, stop } = await startBigQueryEmulator();
    return serverOf({ type: 'bigquery', project: emulatedProject, location: 'EU', api_endpoint: url }, stop);
  },
};

const account = snowflakeAccount(process.env);

export const snowflake: Cloud = {
  name: account === null ? 'Snowflake (fakesnow)' : `Snowflake (account ${account.account})`,
  isEmulator: account === null,
  missing: account === null && !hasSnowflakeEmulator ? toInstall : null,
  async start() {
    if (account !== null) return serverOf(account);
    const { url, stop } = await startSnowflakeEmulator();
    const signIn = { account: 'fake', username: 'scoreline', password: 'secret', role: 'SCORELINE' };
    return serverOf({ type: 'snowflake', ...signIn, warehouse: 'SCORELINE_WH', database: 'tests', host: url }, stop);
  },
};

/** @param stopEmulator what was made in an emulator goes with it */
function serverOf(target: WarehouseTarget, stopEmulator?: () => Promise<void>): CloudServer {
  const settings = settingsOf(target);
  const schemas = new OwnSchemas();
  const open = (timeZone = 'UTC') => openWarehouse(settings, { timeZone });
  const dropSchemas = async () => {
    const warehouse = await open();
    await schemas.drop(warehouse).finally(() => warehouse.close());
  };
  return { settings, target, schema: (name) => schemas.of(name), open, stop: stopEmulator ?? dropSchemas };
}
