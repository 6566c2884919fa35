import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { PostgresSettings } from '../../src/project/warehouse-types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { postgresServer } from './postgres-server.ts';

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
  const { url: server, isOwn } = await postgresServer();
  const name = `scoreline_${randomBytes(6).toString('hex')}`;
  await administer(server, `create database ${name} encoding 'UTF8' template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  await administer(url.toString(), duckDbWords(name));
  return {
    settings: { type: 'postgres', url: url.toString() },
    // A server of the run goes with all that is in it, and dropping waits for a checkpoint.
    drop: async () => {
      if (!isOwn) await administer(server, `drop database if exists ${name} with (force)`);
    },
  };
}

/** What tests write that only DuckDB has: the schema that is meant where none is named, and a function. */
function duckDbWords(database: string): string {
  return `create schema main; alter database ${database} set search_path = main, public;
create function main.range(first bigint, behind bigint) returns setof bigint language sql as 'select generate_series(first, behind - 1)';
create function main.range(behind bigint) returns setof bigint language sql as 'select generate_series(0, behind - 1)';
create domain main.double as double precision`;
}

/** Runs statements as whoever the URL names. */
export async function administer(url: string, statements: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statements);
  } finally {
    await client.end();
  }
}
