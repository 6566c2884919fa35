import type { Rejected } from '../../operations/list-rejected.ts';
import { formatCount, formatCounted } from './format.ts';
import type { Painter } from './painter.ts';
import { showInstant } from './render-status.ts';
import { renderTable } from './render-table.ts';

/** Why rows are refused: the reasons with their numbers, then the rows themselves. */
export function renderRejected({ total, counts, rows, released }: Rejected, retry: boolean, paint: Painter): string {
  if (total === 0) return 'No row is rejected.';
  const reasons = renderTable(
    ['sync', 'category', 'property', 'rows'],
    counts.map(({ sync, category, property, rows: count }) => [sync, category, property, count]),
  );
  const examples = rows.map((row) => {
    const again = row.nextAttemptAt === null ? 'at the next run' : `after ${showInstant(row.nextAttemptAt)}`;
    const record = row.recordId === null ? '' : `, record ${row.recordId}`;
    const found = row.correlationId === null ? '' : `, HubSpot's request ${row.correlationId}`;
    const facts = `${row.sync}${record}, tried ${row.attempts === 1 ? 'once' : `${row.attempts} times`}, again ${again}${found}`;
    return `  ${paint.strong(row.modelKey)}  ${row.message}\n    ${paint.dim(facts)}`;
  });
  const more = total > rows.length ? [paint.dim(`  … and ${formatCount(total - rows.length)} more (--limit)`)] : [];
  const retried = retry
    ? [`The pauses of ${formatCounted(released, 'row')} are ended: the next run tries all ${formatCount(total)} again.`]
    : [];
  return [
    paint.strong(`${formatCounted(total, 'row')} rejected`),
    reasons,
    [...examples, ...more].join('\n'),
    ...retried,
  ].join('\n\n');
}
