import type { Freshness } from '../../build/measure-freshness.ts';
import { renderTable } from './render-table.ts';

const words = { fresh: 'fresh', warn: 'stale: a run warns', error: 'stale: a run stops' } as const;

/** The sources with a limit, one line each; nothing where none has one. */
export function renderFreshness(freshness: readonly Freshness[]): readonly string[] {
  if (freshness.length === 0) return [];
  const rows = freshness.map(({ source, table, newestAt, state }) => [
    `${source}.${table}`,
    newestAt ?? 'never',
    words[state],
  ]);
  return [renderTable(['source', 'last loaded', ''], rows)];
}
