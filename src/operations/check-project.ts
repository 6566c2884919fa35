import { checkModels } from '../build/check-models.ts';
import { syncExpressions } from '../build/sync-expressions.ts';
import { errorOfProblems, type Problem } from '../errors/scoreline-error.ts';
import { checkDestination } from '../sync/check-destination.ts';
import { checkPortal } from './check-portal.ts';
import { compileTarget } from './compile-target.ts';
import { type Workspace, withHubSpot, withWarehouse } from './workspace.ts';

export interface CheckOutcome {
  readonly models: number;
  readonly syncs: number;
  /** Who was asked beside the files. */
  readonly asked: readonly ('warehouse' | 'hubspot')[];
}

/**
 * The command `check`: the files, the templates, and, unless `offline`, the warehouse (would it run every model?) and
 * HubSpot (do properties and lists fit?). Builds and writes nothing.
 * @throws one error with every problem found; the warehouse and HubSpot are both asked before it is thrown
 */
export async function checkProject(
  workspace: Workspace,
  { offline }: { readonly offline: boolean },
): Promise<CheckOutcome> {
  const { project, target, asOf, params, signal } = workspace;
  const compiled = compileTarget(workspace);
  for (const sync of project.syncs.values()) syncExpressions(compiled, sync);
  const counts = { models: project.models.size, syncs: project.syncs.size };
  if (offline) return { ...counts, asked: [] };

  const problems: Problem[] = [];
  await withWarehouse(workspace, async (warehouse) => {
    const found = await checkModels({ project, target, asOf, params, warehouse, signal });
    problems.push(...found.problems);
  });
  if (project.syncs.size > 0) {
    await withHubSpot(workspace, async (hubspot) => {
      await checkPortal(workspace, hubspot);
      for (const sync of project.syncs.values()) {
        const models = sync.models.flatMap((name) => project.models.get(name) ?? []);
        problems.push(...(await checkDestination({ hubspot, sync, models, signal })));
      }
    });
  }
  if (problems.length > 0) throw errorOfProblems(problems);
  return { ...counts, asked: project.syncs.size > 0 ? ['warehouse', 'hubspot'] : ['warehouse'] };
}
