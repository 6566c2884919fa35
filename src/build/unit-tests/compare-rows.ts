import type { TestRow } from '../../project/model-types.ts';
import type { Column, Row } from '../../warehouse/port.ts';
import { cellText, sameCell } from './compare-cells.ts';

/** How a row that a model yields differs from what its test expects. Values are texts as people read them, null for none. */
export type RowDifference =
  | {
      readonly kind: 'changed';
      readonly row: string;
      readonly path: TestRow['path'];
      readonly cells: readonly CellDifference[];
    }
  | { readonly kind: 'missing'; readonly row: string; readonly path: TestRow['path'] }
  | { readonly kind: 'unexpected'; readonly row: string };

export interface CellDifference {
  readonly column: string;
  readonly expected: string | null;
  readonly actual: string | null;
}

export interface CompareRequest {
  readonly expected: readonly TestRow[];
  readonly actual: readonly Row[];
  /** Those that any expected row names; the others do not matter. */
  readonly columns: readonly Column[];
  /** Columns that identify a row, if each expected row names them all; else empty, and rows are paired by how much they agree. */
  readonly key: readonly string[];
  /** The project's: times without a zone are read in it. */
  readonly timeZone: string;
}

/** Compares rows whatever their order: first those that fit are paired, then those that differ. */
export function compareRows(request: CompareRequest): readonly RowDifference[] {
  const { expected, actual, key } = request;
  const compare = cellComparison(request);
  const left = new Set(actual);
  const open: TestRow[] = [];
  // Those that ask for more choose first, so that none is left with a row that fits a less demanding one too.
  for (const row of [...expected].sort((a, b) => namesIn(b) - namesIn(a))) {
    const twin = [...left].find((other) => compare(row, other).length === 0);
    if (twin === undefined) open.push(row);
    else left.delete(twin);
  }
  const differences: RowDifference[] = [];
  for (const row of expected.filter((each) => open.includes(each))) {
    const name = rowName(row, request);
    const other = closest(row, [...left], request, compare);
    if (other === undefined) differences.push({ kind: 'missing', row: name, path: row.path });
    else {
      left.delete(other);
      differences.push({ kind: 'changed', row: name, path: row.path, cells: compare(row, other) });
    }
  }
  const named = key.length > 0 ? request.columns.filter(({ name }) => key.includes(name)) : request.columns;
  const unexpected = [...left].map((row) =>
    named.map(({ name }) => `${name} ${cellText(row[name] ?? null) ?? 'null'}`).join(', '),
  );
  return [...differences, ...unexpected.sort().map((row) => ({ kind: 'unexpected' as const, row }))];
}

type Compare = (expected: TestRow, actual: Row) => readonly CellDifference[];

function cellComparison({ columns, timeZone }: CompareRequest): Compare {
  return (expected, actual) =>
    columns.flatMap((column) => {
      const wanted = expectedValue(expected, column.name);
      if (wanted === undefined) return [];
      const found = actual[column.name] ?? null;
      if (sameCell(column, wanted, found, timeZone)) return [];
      return [{ column: column.name, expected: cellText(wanted), actual: cellText(found) }];
    });
}

/** The row of the same key; without one, the row that agrees in most columns, and in one at least. */
function closest(row: TestRow, rows: readonly Row[], request: CompareRequest, compare: Compare): Row | undefined {
  const { key } = request;
  if (key.length > 0) {
    return rows.find((other) => compare(row, other).every(({ column }) => !key.includes(column)));
  }
  const ranked = rows
    .map((other) => ({ other, differing: compare(row, other).length }))
    .filter(({ differing }) => differing < namesIn(row))
    .sort((a, b) => a.differing - b.differing);
  return ranked[0]?.other;
}

function rowName(row: TestRow, { key, columns }: CompareRequest): string {
  if (key.length === 0) return `row ${Number(row.path.at(-1)) + 1}`;
  return columns
    .filter(({ name }) => key.includes(name))
    .map(({ name }) => `${name} ${cellText(expectedValue(row, name) ?? null) ?? 'null'}`)
    .join(', ');
}

function namesIn({ values }: TestRow): number {
  return Object.keys(values).length;
}

/** Undefined for a column that the row does not name: it does not matter. */
function expectedValue({ values }: TestRow, column: string) {
  const written = Object.keys(values).find((name) => name.toLowerCase() === column.toLowerCase());
  return written === undefined ? undefined : values[written];
}
