import { getBorderCharacters, table } from 'table';

export type Cell = string | number | bigint | boolean | null | undefined;

/**
 * A table of text: a head, a rule, one line a row; numbers to the right.
 * @param rows texts without control characters, colours aside (see `oneLine`)
 * @param indent spaces before each line
 */
export function renderTable(head: readonly string[], rows: readonly (readonly Cell[])[], indent = 2): string {
  const cells = rows.map((row) => row.map(showCell));
  const columns = head.map((_, index) => ({
    alignment: isNumeric(rows, index) ? ('right' as const) : ('left' as const),
    paddingLeft: index === 0 ? 0 : 1,
    paddingRight: 1,
  }));
  const text = table([[...head], ...cells], {
    columns,
    border: { ...getBorderCharacters('void'), joinBody: '─' },
    drawHorizontalLine: (index) => index === 1,
    drawVerticalLine: () => false,
  });
  const margin = ' '.repeat(indent);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (margin + line).trimEnd())
    .join('\n');
}

/** Whole numbers with thousands separators; null and undefined as nothing. */
export function showCell(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'bigint')
    return value.toLocaleString('en-US', { maximumFractionDigits: 6 });
  return String(value);
}

function isNumeric(rows: readonly (readonly Cell[])[], index: number): boolean {
  const values = rows.map((row) => row[index]).filter((value) => value !== null && value !== undefined && value !== '');
  return values.length > 0 && values.every((value) => typeof value === 'number' || typeof value === 'bigint');
}
