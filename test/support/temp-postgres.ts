import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { PostgresSettings } from '../../src/project/warehouse-types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { postgresGrants } from '../../src/warehouse/postgres/grants.ts';
import { postgresServer } from './postgres-server.ts';

export interface TempPostgres {
  /** Connected as the role of `settings`. */
  readonly warehouse: Warehouse;
  /** Of a role that has what `scoreline grants` prints, and nothing else. */
  readonly settings: PostgresSettings;
  /** Of an administrator, for what goes on around Scoreline: other people's roles and tables, connections that break. */
  readonly adminUrl: string;
  dispose(): Promise<void>;
}

export interface RoleRights {
  /** Which it owns, as those of the target: `main` stands for where models are, since tests make their tables there. */
  readonly schemas?: readonly string[];
  /** Gives it the right that is printed as a comment too. */
  readonly mayMakeSchemas?: boolean;
}

const usualSchemas = ['main', 'scoreline', 'scoreline_state'];

/** A PostgreSQL database of its own, on the server of the test run, with the least rights to work in it. */
export async function openTempPostgres(timeZone = 'UTC', rights: RoleRights = {}): Promise<TempPostgres> {
  const { adminUrl, drop } = await makeDatabase();
  const settings = await makeRole(adminUrl, rights);
  const warehouse = await openWarehouse(settings, { timeZone });
  const dispose = async () => {
    await warehouse.close();
    await drop();
  };
  return { warehouse, settings, adminUrl, dispose };
}

/** An empty database, in which nobody but an administrator may do anything. */
export async function makeDatabase(): Promise<{ readonly adminUrl: string; drop(): Promise<void> }> {
  const { url: server, isOwn } = await postgresServer();
  const name = `scoreline_${randomBytes(6).toString('hex')}`;
  await administer(server, `create database ${name} encoding 'UTF8' template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const adminUrl = url.toString();
  await administer(
    adminUrl,
    `revoke all on database ${name} from public; revoke all on schema public from public; ${duckDbWords(name)}`,
  );
  return {
    adminUrl,
    // A server of the run goes with all that is in it, and dropping waits for a checkpoint.
    drop: async () => {
      if (isOwn) return;
      const roles = `select rolname from pg_roles where starts_with(rolname, '${roleOf(name, '')}')`;
      await administer(server, `drop database if exists ${name} with (force)`);
      await administer(
        server,
        `do $$ declare r name; begin for r in ${roles} loop execute format('drop role %I', r); end loop; end $$`,
      );
    },
  };
}

/** A role without any right in the database, which `drop` of the database takes with it. @returns settings to connect as it */
export async function makeBareRole(adminUrl: string): Promise<PostgresSettings> {
  const url = new URL(adminUrl);
  const role = roleOf(url.pathname.slice(1), randomBytes(3).toString('hex'));
  // A server of somebody else may want a password.
  await administer(adminUrl, `create role ${role} login${url.password === '' ? '' : ` password '${role}'`}`);
  url.username = role;
  if (url.password !== '') url.password = role;
  return { type: 'postgres', url: url.toString() };
}

/** A new role with what `grants` prints for schemas that it owns. */
export async function makeRole(
  adminUrl: string,
  { schemas = usualSchemas, mayMakeSchemas = false }: RoleRights = {},
): Promise<PostgresSettings> {
  const settings = await makeBareRole(adminUrl);
  const { statements } = postgresGrants({ settings, role: null, schemas, tables: [] });
  const given = mayMakeSchemas ? statements.map((each) => each.replace(/^-- grant /, 'grant ')) : statements;
  await administer(adminUrl, given.join('\n'));
  return settings;
}

function roleOf(database: string, suffix: string): string {
  return `${database}_role_${suffix}`;
}

/** What tests write that only DuckDB has: the schema that is meant where none is named, and a function. */
function duckDbWords(database: string): string {
  return `create schema main; grant usage on schema main to public; alter database ${database} set search_path = main, public;
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
