import type { SnowflakeSettings } from '../../project/warehouse-types.ts';
import { snowflakeName } from '../../sql/dialects/snowflake-names.ts';
import type { GrantRequest, Grants } from '../grant-types.ts';

/**
 * The role owns its two schemas; `copy current grants` keeps what others may read in them.
 * Source: https://docs.snowflake.com/en/user-guide/security-access-control-privileges
 */
export function snowflakeGrants({ settings, role: wanted, schemas, tables }: GrantRequest<SnowflakeSettings>): Grants {
  const role = wanted ?? settings.role ?? 'SCORELINE';
  const database = settings.database;
  const to = `to role ${quoted(role)};`;
  const databases = [...new Set([database, ...tables.map((table) => table.database ?? database)])];
  const sources = [...new Set(tables.map((table) => quoted(table.database ?? database, table.schema)))];
  return {
    role,
    statements: [
      '-- By SECURITYADMIN or another role with MANAGE GRANTS:',
      `create role if not exists ${quoted(role)};`,
      `grant role ${quoted(role)} to user ${quoted(settings.username)};`,
      `grant usage on warehouse ${quoted(settings.warehouse)} ${to}`,
      ...databases.map((each) => `grant usage on database ${quoted(each)} ${to}`),
      ...schemas.flatMap((schema) => [
        `create schema if not exists ${quoted(database, schema)};`,
        `grant ownership on schema ${quoted(database, schema)} ${to.replace(';', ' copy current grants;')}`,
      ]),
      ...sources.map((schema) => `grant usage on schema ${schema} ${to}`),
      // Tables and views are one kind to SELECT from, but not to GRANT.
      ...tables.map(
        (table) =>
          `grant select on table ${quoted(table.database ?? database, table.schema, table.name)} ${to} -- or: on view`,
      ),
      '-- Only for `build --as-of`, `diff` and `backfill`, which make schemas of their own:',
      `-- grant create schema on database ${quoted(database)} ${to}`,
    ],
  };
}

function quoted(...parts: readonly string[]): string {
  return parts.map((part) => `"${snowflakeName(part).replaceAll('"', '""')}"`).join('.');
}
