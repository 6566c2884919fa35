import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { PostgresSettings } from '../../src/project/warehouse-types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { postgresServerUrl } from './postgres-server.ts';

export interface TempPostgres {
  readonly warehouse: Warehouse;
  readonly settings: PostgresSettings;
  dispose(): Promise<void>;
}

/** A PostgreSQL database of its own, on the server of the test run. */
export async function openTempPostgres(timeZone = 'UTC'): Promise<TempPostgres> {
  const { settings, drop } = await makeDatabase();
  const warehouse = await openWarehouse(settings, { timeZone });
  const dispose = async () => {
    await warehouse.close();
    await drop();
  };
  return { warehouse, settings, dispose };
}

/** An empty database. */
export async function makeDatabase(): Promise<{ readonly settings: PostgresSettings; drop(): Promise<void> }> {
  const server = await postgresServerUrl();
  const name = `scoreline_${randomBytes(6).toString('hex')}`;
  await administer(server, `create database ${name} encoding 'UTF8' template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    settings: { type: 'postgres', url: url.toString() },
    drop: () => administer(server, `drop database if exists ${name} with (force)`),
  };
}

/** Runs one statement as whoever the server's URL names. */
export async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
