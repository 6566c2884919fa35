import type { RejectionReason } from '../../operations/rejection-reasons.ts';
import { hasOperations, type Plan, type SyncResult } from '../../sync/plan-types.ts';
import { formatCount, formatCounted, formatSeconds, oneLine } from './format.ts';
import type { Painter } from './painter.ts';
import { renderTable } from './render-table.ts';

export interface RunView {
  readonly plans: readonly Plan[];
  readonly results: readonly SyncResult[];
  /** As many as are worth showing. */
  readonly rejections: readonly RejectionReason[];
}

/** What a run did: one line a sync, one line a list, the rows that were refused, and the calls it took. */
export function renderRun({ plans, results, rejections }: RunView, paint: Painter): string {
  if (plans.length === 0) return 'The project has no syncs: nothing was sent.';
  const parts = [
    renderSyncs(results),
    renderSentBefore(results, paint),
    renderLists(plans, results),
    renderRejections(results, rejections, paint),
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

/** The table is of whole plans: an apply that goes on says what it did not do itself. */
function renderSentBefore(results: readonly SyncResult[], paint: Painter): string {
  const before = results.filter((each) => each.sent_before > 0);
  return before
    .map((each) => {
      const rows = `${formatCount(each.sent_before)} of ${formatCounted(each.planned, 'planned row')}`;
      return paint.dim(`  ${each.sync}: ${rows} had been sent by an earlier run of this plan`);
    })
    .join('\n');
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

/** One line a reason, with some of the rows that it struck. */
function renderRejections(
  results: readonly SyncResult[],
  rejections: readonly RejectionReason[],
  paint: Painter,
): string {
  if (rejections.length === 0) return '';
  const shown = rejections.reduce((sum, { rows }) => sum + rows, 0);
  const more = results.reduce((sum, sync) => sum + sync.rejected, 0) - shown;
  const rows = rejections.map(({ sync, rows, category, message, keys }) => {
    const examples = keys.map((key) => oneLine(key, 24)).join(', ');
    return [sync, rows, oneLine(message ?? category ?? '', 120), rows > keys.length ? `${examples} …` : examples];
  });
  return [
    `  ${paint.bad('Rejected')}`,
    renderTable(['sync', 'rows', 'why', 'keys'], rows),
    ...(more > 0 ? [paint.dim(`  and ${formatCounted(more, 'row')} for other reasons`)] : []),
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
