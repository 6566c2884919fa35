import type { SyncProperty } from '../../project/sync-types.ts';
import type { RowChange } from '../../sync/plan-types.ts';
import { oneLine } from './format.ts';
import type { Painter } from './painter.ts';
import { renderTable } from './render-table.ts';

/** A sync's properties in their order, as far as showing them needs it. */
export type PropertyColumns = readonly Pick<SyncProperty, 'name' | 'column' | 'type'>[];

/** More do not fit side by side. */
const maxColumns = 6;
const maxKey = 36;
/** Longer texts are shown as they will be, and not as they were too; they share what is left of the line. */
const maxShort = 24;
const lineWidth = 110;
/** Equal in all rows, so that they say nothing of a single one. */
const sameInAllRows: readonly string[] = ['as_of', 'model_version'];

/** One line a row and one column a property: what it is now, and what it would be. */
export function renderSample(sample: readonly RowChange[], known: PropertyColumns, paint: Painter): string {
  if (sample.length === 0) return '';
  const properties = propertiesOf(sample, known);
  const shown = properties.slice(0, maxColumns);
  const types = new Map(known.map(({ name, type }) => [name, type]));
  const keys = sample.map(({ key }) => oneLine(key, maxKey));
  const values = sample.map((change) =>
    shown.map((name) => {
      const value = change.values.find(({ property }) => property === name);
      return value === undefined ? '' : describeValue(value, types.get(name));
    }),
  );
  const room = lineWidth - '  ~  '.length - Math.max(...keys.map((key) => key.length));
  const cells = cutLong(values, shown, room);
  const rows = sample.map(({ operation }, row) => [
    operation === 'create' ? paint.good('+') : paint.warn('~'),
    keys[row],
    ...(cells[row] ?? []),
  ]);
  const hidden = properties.length - shown.length;
  return [
    `  ${paint.strong('Largest changes')}`,
    renderTable(['', 'key', ...shown], rows),
    ...(hidden > 0 ? [paint.dim(`  and ${hidden} more properties`)] : []),
  ].join('\n');
}

/** Those that change in any of the rows, in the sync's order. */
function propertiesOf(sample: readonly RowChange[], known: PropertyColumns): readonly string[] {
  const dull = known.filter(({ column }) => sameInAllRows.includes(column)).map(({ name }) => name);
  const changed = new Set(sample.flatMap(({ values }) => values.map(({ property }) => property)));
  const inOrder = known.map(({ name }) => name).filter((name) => changed.has(name));
  return [...new Set([...inOrder, ...changed])].filter((name) => !dull.includes(name));
}

/** Columns with long texts share the room that the others leave. */
function cutLong(
  rows: readonly (readonly string[])[],
  head: readonly string[],
  room: number,
): readonly (readonly string[])[] {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const isLong = widths.map((width) => width > 2 * maxShort + ' → '.length);
  const taken = widths.reduce((sum, width, column) => (isLong[column] ? sum : sum + width + 2), 0);
  const share = Math.max(maxShort, Math.floor((room - taken) / isLong.filter(Boolean).length));
  return rows.map((row) => row.map((text, column) => (isLong[column] ? oneLine(text, share) : text)));
}

function describeValue({ from, to }: RowChange['values'][number], type: SyncProperty['type'] | undefined): string {
  const text = (held: string | null) => (held === null ? '(empty)' : oneLine(readable(held, type)));
  const after = text(to);
  return from === null || after.length > maxShort ? after : `${oneLine(text(from), maxShort)} → ${after}`;
}

/** HubSpot takes times as milliseconds since 1970. */
function readable(text: string, type: SyncProperty['type'] | undefined): string {
  return type === 'datetime' && /^-?\d+$/.test(text) ? new Date(Number(text)).toISOString() : text;
}
