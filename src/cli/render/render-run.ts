import type { SyncResult } from '../../sync/plan-types.ts';
import { formatCount, formatSeconds } from './format.ts';
import type { Painter } from './painter.ts';
import { renderTable } from './render-table.ts';

/** What a run did: one line a sync, one line a list, and the calls it took. */
export function renderRun(results: readonly SyncResult[], paint: Painter): string {
  if (results.length === 0) return 'The project has no syncs: nothing was sent.';
  const head = [
    'sync',
    'planned',
    'created',
    'updated',
    'unchanged',
    'suppressed',
    'unmatched',
    'rejected',
    'deferred',
  ];
  const rows = results.map((sync) => [
    sync.sync,
    sync.planned,
    sync.created,
    sync.updated,
    sync.unchanged,
    sync.suppressed,
    sync.unmatched,
    sync.rejected,
    sync.deferred,
  ]);
  const lists = results.flatMap((sync) =>
    sync.lists.map((list) => [list.list, list.added, list.removed, list.missing, list.rejected, list.deferred]),
  );
  const sum = (pick: (sync: SyncResult) => number) => results.reduce((total, sync) => total + pick(sync), 0);
  const retries = sum((sync) => sync.retries);
  const calls = `${formatCount(sum((sync) => sync.api_calls))} calls to HubSpot in ${formatSeconds(sum((sync) => sync.seconds))}`;
  const parts = [
    renderTable(head, rows),
    ...(lists.length > 0
      ? [renderTable(['list', 'added', 'removed', 'without a record', 'rejected', 'deferred'], lists)]
      : []),
    paint.dim(`  ${calls}${retries > 0 ? `, ${formatCount(retries)} of them repeated` : ''}`),
  ];
  return parts.join('\n\n');
}
