import type { Rejected } from '../../operations/list-rejected.ts';
import { formatCount, formatCounted } from './format.ts';
import type { Painter } from './painter.ts';
import { showInstant } from './render-status.ts';
import { renderTable } from './render-table.ts';

/** Why rows are refused, and which ones have lost their record. */
export function renderRejected(rejected: Rejected, retry: boolean, paint: Painter): string {
  const parts = [renderRefused(rejected, retry, paint), renderVanished(rejected, paint)];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The reasons with their numbers, then the rows themselves. */
function renderRefused({ total, counts, rows, released }: Rejected, retry: boolean, paint: Painter): string {
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
  const retried = retry
    ? [`The pauses of ${formatCounted(released, 'row')} are ended: the next run tries all ${formatCount(total)} again.`]
    : [];
  return [
    paint.strong(`${formatCounted(total, 'row')} rejected`),
    reasons,
    [...examples, ...moreThan(rows, total, paint)].join('\n'),
    ...retried,
  ].join('\n\n');
}

function renderVanished({ vanished: { total, rows } }: Rejected, paint: Painter): string {
  if (total === 0) return '';
  const examples = rows.map(
    ({ sync, object, modelKey, vanishedAt }) =>
      `  ${paint.strong(modelKey)}  ${paint.dim(`${sync}, ${object}, gone since ${showInstant(vanishedAt)}`)}`,
  );
  const records = total === 1 ? 'the record of 1 row is' : `the records of ${formatCount(total)} rows are`;
  return [
    paint.strong(`In HubSpot, ${records} gone`),
    [...examples, ...moreThan(rows, total, paint)].join('\n'),
    '  Each run looks them up again; a deleted record is made anew only where the sync says `recreate: true`.',
  ].join('\n');
}

function moreThan(rows: readonly unknown[], total: number, paint: Painter): readonly string[] {
  return total > rows.length ? [paint.dim(`  … and ${formatCount(total - rows.length)} more (--limit)`)] : [];
}
