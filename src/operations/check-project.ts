import { type BytesRead, bytesOfCheck } from '../build/bytes-read.ts';
import { checkModels } from '../build/check-models.ts';
import { type Freshness, measureFreshness } from '../build/measure-freshness.ts';
import { type HindsightPart, hindsight } from '../build/point-in-time.ts';
import { syncExpressions } from '../build/sync-expressions.ts';
import { errorOfProblems, type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import { checkDestination } from '../sync/check-destination.ts';
import { checkPortal } from './check-portal.ts';
import { compileTarget } from './compile-target.ts';
import { type Workspace, withHubSpot, withWarehouse } from './workspace.ts';

export interface CheckOutcome {
  readonly models: number;
  readonly syncs: number;
  /** Who was asked beside the files. */
  readonly asked: readonly ('warehouse' | 'hubspot')[];
  /** What a build for the past (`--as-of`, `backfill`) cannot know as it was then. */
  readonly hindsight: readonly HindsightPart[];
  /** Of the source tables that have a limit and are read by a model; none where the warehouse was not asked. */
  readonly freshness: readonly Freshness[];
  /** What the models would read of the sources; null where the warehouse was not asked, or does not count it. */
  readonly bytesRead: BytesRead | null;
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
  const counts = {
    models: project.models.size,
    syncs: project.syncs.size,
    hindsight: hindsight(compiled, project.models.keys()),
  };
  if (offline) return { ...counts, asked: [], freshness: [], bytesRead: null };

  const problems: Problem[] = [];
  let freshness: readonly Freshness[] = [];
  let bytesRead: BytesRead | null = null;
  await withWarehouse(workspace, async (warehouse) => {
    const found = await checkModels({ project, target, asOf, params, warehouse, signal });
    problems.push(...found.problems);
    bytesRead = bytesOfCheck(compiled, found.bytesRead, warehouse.capabilities);
    // A source that is missing has been told of by then.
    if (found.problems.length > 0) return;
    const models = new Set(compiled.models.keys());
    freshness = await measureFreshness({ compiled, warehouse, models, signal }).catch((error: unknown) => {
      if (!(error instanceof ScorelineError) || error.problems.length === 0) throw error;
      problems.push(...error.problems);
      return [];
    });
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
  return { ...counts, freshness, bytesRead, asked: project.syncs.size > 0 ? ['warehouse', 'hubspot'] : ['warehouse'] };
}
