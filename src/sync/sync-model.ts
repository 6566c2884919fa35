import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { Column } from '../warehouse/port.ts';

/** The model of a sync as planning reads it: one row per key. */
export interface SyncModel {
  /** A whole SELECT: the model's columns and, of a scored model, those of its entity's relation. */
  readonly select: Fragment;
  readonly columns: readonly Column[];
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** Columns of `select` beside the model's own, where the sync has such expressions: predicates. */
  readonly excludedColumn?: string;
  readonly firstColumn?: string;
  /** The column of `select` with the row's tier; absent: `tier`, if there is one. */
  readonly tierColumn?: string;
  /** Of a scored model: a SELECT of `trail_key` (the key as text) and `tier_cause`, what brought the row its tier. */
  readonly tierCauses?: Fragment;
}

/** 1 for rows that the sync excludes, else 0. */
export function isExcluded(model: SyncModel, alias: string): Fragment {
  return model.excludedColumn === undefined
    ? sql`0`
    : sql`case when ${sql.id(alias, model.excludedColumn)} then 1 else 0 end`;
}

/** A SELECT of the keys of all rows of the model, with `is_excluded` (0 or 1). */
export function presentRows(dialect: Dialect, model: SyncModel): Fragment {
  return sql`select ${keyText(dialect, model.key, 'm')} as model_key, ${isExcluded(model, 'm')} as is_excluded
from (${model.select}) m`;
}

/** The column of that name; warehouses differ in the case that they report. */
export function findColumn(model: Pick<SyncModel, 'columns'>, name: string): Column | undefined {
  return (
    model.columns.find((column) => column.name === name) ??
    model.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  );
}

/** The model's key as one text; several columns become a JSON object, so that no two keys look alike. */
export function keyText(dialect: Dialect, columns: readonly string[], alias: string): Fragment {
  const texts = columns.map(
    (name) => [name, sql`cast(${sql.id(alias, name)} as ${dialect.type({ kind: 'text' })})`] as const,
  );
  const [only, ...others] = texts;
  return only !== undefined && others.length === 0 ? only[1] : dialect.jsonObject(texts);
}
