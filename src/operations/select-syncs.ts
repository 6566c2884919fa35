import { didYouMean } from '../errors/did-you-mean.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Sync } from '../project/sync-types.ts';
import type { Project } from '../project/types.ts';

/**
 * Picks syncs by name, `tag:x` or `path:syncs/…`; none means all.
 * @returns in the order of their names
 * @throws USAGE_INVALID naming every selector that matches nothing
 */
export function selectSyncs({ syncs }: Project, selectors: readonly string[]): readonly Sync[] {
  const all = [...syncs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (selectors.length === 0) return all;
  const unknown = selectors.filter((selector) => !all.some((sync) => matches(sync, selector)));
  if (unknown.length > 0) {
    throw new ScorelineError('USAGE_INVALID', `No sync matches ${unknown.map((each) => `"${each}"`).join(', ')}`, {
      hint: unknown
        .map((each) =>
          didYouMean(
            each,
            all.map((sync) => sync.name),
          ),
        )
        .join(' '),
    });
  }
  return all.filter((sync) => selectors.some((selector) => matches(sync, selector)));
}

/** @throws USAGE_INVALID for what is no sync's name */
export function selectOneSync({ syncs }: Project, name: string): Sync {
  const sync = syncs.get(name);
  if (sync !== undefined) return sync;
  throw new ScorelineError('USAGE_INVALID', `The project has no sync "${name}"`, {
    hint: didYouMean(name, [...syncs.keys()]),
  });
}

function matches(sync: Sync, selector: string): boolean {
  if (selector.startsWith('tag:')) return sync.tags.includes(selector.slice('tag:'.length));
  if (!selector.startsWith('path:')) return sync.name === selector;
  const path = selector.slice('path:'.length).replace(/\/$/, '');
  return sync.file.path === path || sync.file.path.startsWith(`${path}/`);
}
