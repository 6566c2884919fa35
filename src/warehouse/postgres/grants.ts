import type { PostgresSettings } from '../../project/warehouse-types.ts';
import type { GrantRequest, Grants } from '../grant-types.ts';

/**
 * The role owns its two schemas, which are made for it, so that it needs no right to make any. Temporary tables are a right
 * of everybody unless somebody took it away.
 * Source: https://www.postgresql.org/docs/current/ddl-priv.html
 */
export function postgresGrants({ settings, role: wanted, schemas, tables }: GrantRequest<PostgresSettings>): Grants {
  const url = new URL(settings.url);
  const role = wanted ?? (decodeURIComponent(url.username) || 'scoreline');
  const database = decodeURIComponent(url.pathname.slice(1)) || role;
  const sources = [...new Set(tables.map(({ schema }) => schema))];
  return {
    role,
    statements: [
      `-- By a superuser, in database ${database}. If the role is not there yet: create role ${quoted(role)} login;`,
      `grant connect, temporary on database ${quoted(database)} to ${quoted(role)};`,
      ...schemas.flatMap((schema) => [
        `create schema if not exists ${quoted(schema)};`,
        `alter schema ${quoted(schema)} owner to ${quoted(role)};`,
      ]),
      ...sources.map((schema) => `grant usage on schema ${quoted(schema)} to ${quoted(role)};`),
      ...tables.map(({ schema, name }) => `grant select on ${quoted(schema)}.${quoted(name)} to ${quoted(role)};`),
      '-- Only for `build --as-of`, `diff` and `backfill`, which make schemas of their own:',
      `-- grant create on database ${quoted(database)} to ${quoted(role)};`,
    ],
  };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
