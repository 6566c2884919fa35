import { sourceTables } from '../build/template-scope.ts';
import type { Grants } from '../warehouse/grant-types.ts';
import { grantsFor } from '../warehouse/grants.ts';
import type { Workspace } from './workspace.ts';

/**
 * The command `grants`: what somebody has to allow in the target's warehouse. Asks nobody.
 * @param role as typed; null for the one that the target works as
 * @returns null where the warehouse knows no rights
 * @throws USAGE_INVALID where the target does not say as whom it works
 */
export function listGrants({ project, target }: Workspace, role: string | null): Grants | null {
  const schemas = [target.schema, `${target.schema}_state`];
  return grantsFor({ settings: target.warehouse, role, schemas, tables: sourceTables(project, target) });
}
