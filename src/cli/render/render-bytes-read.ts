import type { BytesRead, ModelBytes } from '../../build/bytes-read.ts';
import { formatBytes, formatCounted } from './format.ts';
import { renderTable } from './render-table.ts';
import { snakeKeys } from './snake-keys.ts';

/** Of a check: one line a model, and what the numbers leave out; nothing where the warehouse counts no bytes. */
export function renderBytesToRead(read: BytesRead | null): readonly string[] {
  if (read === null) return [];
  const { models, total, maxBytesRead } = read;
  const isPartial = models.some(({ without }) => without.length > 0);
  const rows = models.map(({ model, materialize, bytes, without }) => [
    model,
    materialize,
    formatBytes(bytes),
    ...(isPartial ? [without.join(', ')] : []),
  ]);
  const limit =
    maxBytesRead === null ? '' : ` A statement may read ${formatBytes(maxBytesRead)} (\`max_bytes_billed\`).`;
  const partial = isPartial
    ? '\nWhat is read of other models comes on top, and is not known before they are built: `plan` builds them, and says what that read.'
    : '';
  return [
    renderTable(['model', 'as', 'would read', ...(isPartial ? ['and of models'] : [])], rows),
    `${formatBytes(total)} of the sources in all.${limit}${partial}`,
  ];
}

const maxNamed = 3;

/** Of a plan, in a sentence; nothing where the warehouse counts no bytes. */
export function bytesReadInWords(read: BytesRead | null): readonly string[] {
  if (read === null) return [];
  const { models, total, maxBytesRead } = read;
  const named = models.slice(0, maxNamed).map(({ model, bytes }) => `${model} ${formatBytes(bytes)}`);
  const more = models.length > maxNamed ? ', …' : '';
  const limit = maxBytesRead === null ? '' : `; a statement may read ${formatBytes(maxBytesRead)}`;
  const tables = formatCounted(models.length, 'table');
  return [
    `Building ${tables} read ${formatBytes(total)} (${named.join(', ')}${more})${limit}. A run builds them anew.`,
  ];
}

/** Models that the warehouse would refuse. A table is made from all of its SELECT, while others may read a part of a view. */
export function bytesWarnings(read: BytesRead | null): readonly string[] {
  const most = read?.maxBytesRead ?? null;
  if (read === null || most === null) return [];
  const what = ({ materialize }: ModelBytes) =>
    materialize === 'table' ? 'building it would be refused' : 'a model that reads all of it would be refused';
  return read.models
    .filter(({ bytes }) => bytes > most)
    .map(
      (each) =>
        `${each.model} would read ${formatBytes(each.bytes)}, above the max_bytes_billed of ${formatBytes(most)}: ${what(each)}`,
    );
}

export function bytesReadAsJson(read: BytesRead | null) {
  if (read === null) return null;
  const { models, total, maxBytesRead } = read;
  return { models: models.map(snakeKeys), total, max_bytes_billed: maxBytesRead };
}
