import type { SyncProperty } from '../../project/types.ts';
import type { RowChange } from '../../sync/plan-types.ts';
import { oneLine } from './format.ts';
import type { Painter } from './painter.ts';
import { renderTable } from './render-table.ts';

/** A sync's properties in their order, as far as showing them needs it. */
export type PropertyColumns = readonly Pick<SyncProperty, 'name' | 'column' | 'type'>[];

/** More do not fit side by side. */
const maxColumns = 6;
/** Longer texts are shown as they will be, and not as they were too. */
const maxTextWithBefore = 24;
/** Equal in all rows, so that they say nothing of a single one. */
const sameInAllRows: readonly string[] = ['as_of', 'model_version'];

/** One line a row and one column a property: what it is now, and what it would be. */
export function renderSample(sample: readonly RowChange[], known: PropertyColumns, paint: Painter): string {
  if (sample.length === 0) return '';
  const isDull = new Set(known.filter(({ column }) => sameInAllRows.includes(column)).map(({ name }) => name));
  const met = new Set(sample.flatMap(({ values }) => values.map(({ property }) => property)));
  const inOrder = [...known.map(({ name }) => name).filter((name) => met.has(name)), ...met];
  const properties = [...new Set(inOrder)].filter((name) => !isDull.has(name));
  const shown = properties.slice(0, maxColumns);
  const types = new Map(known.map(({ name, type }) => [name, type]));
  const width = shown.length <= 3 ? 60 : Math.floor(120 / shown.length);

  const rows = sample.map(({ key, operation, values }) => [
    operation === 'create' ? paint.good('+') : paint.warn('~'),
    oneLine(key, 40),
    ...shown.map((name) => {
      const value = values.find(({ property }) => property === name);
      if (value === undefined) return '';
      const text = (held: string | null) =>
        held === null ? '(empty)' : oneLine(readable(held, types.get(name)), width);
      const [from, to] = [text(value.from), text(value.to)];
      return value.from === null || to.length > maxTextWithBefore ? to : `${from} → ${to}`;
    }),
  ]);
  const hidden = properties.length - shown.length;
  return [
    `  ${paint.strong('Largest changes')}`,
    renderTable(['', 'key', ...shown], rows),
    ...(hidden > 0 ? [paint.dim(`  and ${hidden} more properties`)] : []),
  ].join('\n');
}

/** HubSpot takes times as milliseconds since 1970. */
function readable(text: string, type: SyncProperty['type'] | undefined): string {
  return type === 'datetime' && /^-?\d+$/.test(text) ? new Date(Number(text)).toISOString() : text;
}
