import { bigQueryGrants } from './bigquery/grants.ts';
import type { GrantRequest, Grants } from './grant-types.ts';
import { postgresGrants } from './postgres/grants.ts';
import { snowflakeGrants } from './snowflake/grants.ts';

/**
 * The least that somebody who administers the warehouse has to allow, as statements in its own words. Asks nobody. Null
 * where a warehouse knows no rights (DuckDB).
 * @throws USAGE_INVALID where the role has no custom and is not given
 */
export function grantsFor(request: GrantRequest): Grants | null {
  const { settings } = request;
  switch (settings.type) {
    case 'duckdb':
      return null;
    case 'postgres':
      return postgresGrants({ ...request, settings });
    case 'bigquery':
      return bigQueryGrants({ ...request, settings });
    case 'snowflake':
      return snowflakeGrants({ ...request, settings });
    default:
      throw new TypeError(`No such warehouse: ${JSON.stringify(settings satisfies never)}`);
  }
}
