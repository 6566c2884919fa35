import { html } from 'hono/html';
import { count, type Html } from './layout.ts';

export const rowsPerPage = 50;

export interface PageOfRows<T> {
  readonly rows: readonly T[];
  /** Position of the first row, from 0. */
  readonly offset: number;
  readonly total: number;
}

/** @returns the number that the query parameter `offset` holds; 0 for anything else */
export function offsetOf(query: Readonly<Record<string, string>>): number {
  const offset = Number(query.offset ?? 0);
  return Number.isInteger(offset) && offset > 0 ? offset : 0;
}

/** @param link makes the address of the page that begins at an offset */
export function pager({ rows, offset, total }: PageOfRows<unknown>, link: (offset: number) => string): Html {
  if (total <= rowsPerPage && offset === 0) return html``;
  const last = offset + rows.length;
  return html`<div class="pager">
<span class="grow">${rows.length === 0 ? 'Nothing here' : `${count(offset + 1)}–${count(last)} of ${count(total)}`}</span>
${offset > 0 ? html`<a href="${link(Math.max(0, offset - rowsPerPage))}" rel="prev">← Previous</a>` : ''}
${last < total ? html`<a href="${link(last)}" rel="next">Next →</a>` : ''}
</div>`;
}

/** @returns a path with those parameters that say something */
export function linkTo(path: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined && value !== '' && value !== 0) query.set(name, String(value));
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
