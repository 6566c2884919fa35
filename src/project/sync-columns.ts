import type { Sync } from './sync-types.ts';

/** Where a column that a sync names comes from. */
export interface ColumnSource {
  /** Null for a column of the entity's relation beside several models. */
  readonly model: string | null;
  /** Its name there. */
  readonly column: string;
}

/** How a sync writes a column of one of its models. */
export function nameInSync({ models }: Pick<Sync, 'models'>, model: string, column: string): string {
  return models.length === 1 ? column : `${model}.${column}`;
}

/** A sync of one model takes all columns from it; one of several writes theirs as `model.column`. */
export function sourceOfColumn({ models }: Pick<Sync, 'models'>, column: string): ColumnSource {
  const [only, ...others] = models;
  if (only !== undefined && others.length === 0) return { model: only, column };
  const dot = column.indexOf('.');
  const model = column.slice(0, Math.max(0, dot));
  return models.includes(model) ? { model, column: column.slice(dot + 1) } : { model: null, column };
}
