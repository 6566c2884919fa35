import type { SyncProperty } from '../project/sync-types.ts';
import type { RowChange } from './plan-types.ts';

/** Stands for a value that is personal data. */
export const hiddenValue = '(hidden)';

/** Names of the properties whose column is personal data. With several models a column is written `model.column`. */
export function personalProperties(
  properties: readonly SyncProperty[],
  personalColumns: ReadonlySet<string>,
): ReadonlySet<string> {
  const isPersonal = (column: string) => personalColumns.has(column.slice(column.lastIndexOf('.') + 1));
  return new Set(properties.filter(({ column }) => isPersonal(column)).map(({ name }) => name));
}

/** Replaces values of properties whose column is personal data; that there is a value, and that it changes, stays visible. */
export function hidePersonal(
  sample: readonly RowChange[],
  properties: readonly SyncProperty[],
  personalColumns: ReadonlySet<string>,
): readonly RowChange[] {
  const hidden = personalProperties(properties, personalColumns);
  const hide = (value: string | null) => (value === null ? null : hiddenValue);
  return sample.map((change) => ({
    ...change,
    values: change.values.map(({ property, from, to }) =>
      hidden.has(property) ? { property, from: hide(from), to: hide(to) } : { property, from, to },
    ),
  }));
}
