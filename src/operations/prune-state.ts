import { ScorelineError } from '../errors/scoreline-error.ts';
import { prune } from '../state/prune.ts';
import type { State } from '../state/state.ts';
import type { Workspace } from './workspace.ts';

/** Removes what the project's `retention` does not keep. */
export async function pruneState({ project, now, report, signal }: Workspace, state: State): Promise<void> {
  const pruned = await prune(state, project.retention, now().toISOString(), signal).catch((error: unknown) => {
    // The run has done its work; what is too old goes with the next one.
    if (!(error instanceof ScorelineError)) throw error;
    report({ level: 'warn', event: 'state_not_pruned', message: `the state was not pruned: ${error.message}` });
    return {};
  });
  const rows = Object.values(pruned).reduce((sum, count) => sum + count, 0);
  if (rows === 0) return;
  report({
    level: 'info',
    event: 'state_pruned',
    message: `removed ${rows.toLocaleString('en-US')} rows from the state that are older than \`retention\` keeps`,
    figures: pruned,
  });
}
