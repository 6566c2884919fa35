import type { RejectedRow } from '../../operations/rejected-rows.ts';
import { hasOperations, type Plan, type SyncResult } from '../../sync/plan-types.ts';
import { formatCount, formatCounted, formatSeconds, oneLine } from './format.ts';
import type { Painter } from './painter.ts';
import { renderTable } from './render-table.ts';

export interface RunView {
  readonly plans: readonly Plan[];
  readonly results: readonly SyncResult[];
  /** Examples. */
  readonly rejected: readonly RejectedRow[];
}

/** What a run did: one line a sync, one line a list, the rows that were refused, and the calls it took. */
export function renderRun({ plans, results, rejected }: RunView, paint: Painter): string {
  if (plans.length === 0) return 'The project has no syncs: nothing was sent.';
  const parts = [
    renderSyncs(results),
    renderLists(plans, results),
    renderRejected(results, rejected, paint),
    renderTotal(plans, results, paint),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderSyncs(results: readonly SyncResult[]): string {
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
  return renderTable(head, rows);
}

/** By the names that people see in HubSpot. */
function renderLists(plans: readonly Plan[], results: readonly SyncResult[]): string {
  const rows = results.flatMap(({ sync, lists }) => {
    const planned = plans.find((plan) => plan.sync === sync)?.lists ?? [];
    return lists.map(({ list, added, removed, missing, rejected, deferred }) => {
      const name = planned.find((each) => each.list === list)?.name ?? list;
      return [oneLine(name), added, removed, missing, rejected, deferred];
    });
  });
  if (rows.length === 0) return '';
  return renderTable(['list', 'added', 'removed', 'without a record', 'rejected', 'deferred'], rows);
}

function renderRejected(results: readonly SyncResult[], rejected: readonly RejectedRow[], paint: Painter): string {
  if (rejected.length === 0) return '';
  const more = results.reduce((sum, sync) => sum + sync.rejected, 0) - rejected.length;
  const rows = rejected.map(({ sync, key, category, message }) => [
    sync,
    oneLine(key, 40),
    oneLine(message ?? category ?? '', 200),
  ]);
  return [
    `  ${paint.bad('Rejected')}`,
    renderTable(['sync', 'key', 'why'], rows),
    ...(more > 0 ? [paint.dim(`  and ${formatCounted(more, 'more row', 'more rows')}`)] : []),
  ].join('\n');
}

function renderTotal(plans: readonly Plan[], results: readonly SyncResult[], paint: Painter): string {
  const sum = (pick: (sync: SyncResult) => number) => results.reduce((total, sync) => total + pick(sync), 0);
  const retries = sum((sync) => sync.retries);
  const isIdle = !plans.some(hasOperations);
  const calls = formatCounted(
    sum((sync) => sync.api_calls),
    'call',
  );
  const time = formatSeconds(sum((sync) => sync.seconds));
  const repeated = retries > 0 ? `, ${formatCount(retries)} of them repeated` : '';
  const cost = paint.dim(`  ${calls} to HubSpot in ${time}${isIdle ? ', to look' : ''}${repeated}`);
  return isIdle ? `  Nothing to send: HubSpot holds what the models say.\n${cost}` : cost;
}
