import type { Plan } from '../sync/plan-types.ts';
import { readSyncedBefore } from '../sync/synced-before.ts';
import type { RunScope } from './with-run.ts';

/**
 * Says of a first sync that a sync which the project has no more wrote the same properties: what the state knows stands
 * under a sync's name, so that one which was renamed starts anew.
 */
export async function warnOfOldNames({ workspace, state }: RunScope, plans: readonly Plan[]): Promise<void> {
  const { project, report, signal } = workspace;
  const first = plans.filter(({ firstSync }) => firstSync);
  if (first.length === 0) return;
  const left = (await readSyncedBefore(state, signal)).filter(({ sync }) => !project.syncs.has(sync));
  for (const { sync, object, portal } of first) {
    const written = new Set((project.syncs.get(sync)?.properties ?? []).map(({ name }) => name));
    for (const old of left.filter((each) => each.portalId === portal.portalId && each.object === object)) {
      const same = old.properties.filter((property) => written.has(property));
      if (same.length === 0) continue;
      report({
        level: 'warn',
        event: 'sync_renamed',
        sync,
        message: `${sync} is new, and ${old.sync}, which is not in the project any more, wrote ${same.join(', ')} to this account: if it was renamed, its old name keeps what is known of its rows; under the new one, values that differ count as those of others (\`adopt: true\` takes them)`,
        figures: { old_name: old.sync },
      });
    }
  }
}
