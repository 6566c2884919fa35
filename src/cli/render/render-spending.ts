import type { Spending } from '../../warehouse/metered-warehouse.ts';
import { formatBytes, formatCounted, formatSeconds } from './format.ts';
import type { Painter } from './painter.ts';

/** What the warehouse did for a command, as the last line of its text; nothing where none was asked. */
export function renderSpending(spent: Spending | null, paint: Painter): string {
  if (spent === null) return '';
  const { statements, seconds, bytesBilled } = spent;
  const billed = bytesBilled === null ? '' : `, ${formatBytes(bytesBilled)} billed`;
  const asked = formatCounted(statements, 'statement');
  return paint.dim(`  ${asked} to the warehouse, ${formatSeconds(seconds)} of waiting for it${billed}`);
}

/** By the names of the state's columns. */
export function spendingAsJson({ statements, seconds, bytesBilled }: Spending) {
  return { statements, warehouse_seconds: Number(seconds.toFixed(3)), bytes_billed: bytesBilled };
}
