import { type Freshness, measureFreshness } from '../build/measure-freshness.ts';
import type { CompiledProject } from '../build/types.ts';
import { type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import type { Project } from '../project/types.ts';
import type { Warehouse } from '../warehouse/port.ts';
import type { Workspace } from './workspace.ts';

/**
 * Looks how fresh the sources of models are before these are built: warns of what is older than `warn_after`.
 * @throws GUARD_STALE_SOURCE with every table that is older than `error_after`
 */
export async function requireFresh(
  { project, report, signal }: Workspace,
  warehouse: Warehouse,
  { compiled, models }: { readonly compiled: CompiledProject; readonly models: ReadonlySet<string> },
): Promise<void> {
  const measured = await measureFreshness({ compiled, warehouse, models, signal });
  for (const { state, source, table, message, ageSeconds } of measured) {
    if (state !== 'warn') continue;
    const figures = { source, table, ...(ageSeconds !== null && { age_seconds: ageSeconds }) };
    report({ level: 'warn', event: 'source_stale', message, figures });
  }
  const stale = measured.filter(({ state }) => state === 'error');
  const [first] = stale;
  if (first === undefined) return;
  const what = stale.length === 1 ? first.message : `${stale.length} sources are too old`;
  throw new ScorelineError('GUARD_STALE_SOURCE', `${what}; nothing was built or written`, {
    problems: stale.map((each) => staleProblem(project, each)),
  });
}

function staleProblem({ file }: Project, { source, table, message }: Freshness): Problem {
  return {
    code: 'GUARD_STALE_SOURCE',
    file: file.path,
    ...file.locate(['sources', source, 'tables', table]),
    value: `${source}.${table}`,
    message,
  };
}
