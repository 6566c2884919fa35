import { sql } from 'kysely';
import type { Model } from '../project/model-types.ts';
import { countOf, textOf, textOrNull } from '../state/row-values.ts';
import type { Warehouse } from '../warehouse/port.ts';

/** What stands in the warehouse of one model. */
export interface BuiltModel {
  readonly model: string;
  readonly kind: Model['kind'];
  /** Null where it is not built. */
  readonly rows: number | null;
  /** ISO: the instant that its scores are computed for; null where it has none. */
  readonly asOf: string | null;
}

export interface BuiltModelsRequest {
  readonly warehouse: Warehouse;
  readonly schema: string;
  readonly models: ReadonlyMap<string, Model>;
  readonly signal?: AbortSignal;
}

/** Looks which models are built and how old their scores are: two round trips. Inline models are never built and left out. */
export async function readBuiltModels({
  warehouse,
  schema,
  models,
  signal,
}: BuiltModelsRequest): Promise<readonly BuiltModel[]> {
  const { dialect } = warehouse;
  const there = await warehouse.relations(schema, { signal, purpose: 'look for the models that are built' });
  const wanted = [...models.values()].filter((model) => model.kind !== 'sql' || model.materialize !== 'inline');
  const parts = wanted.flatMap(({ name }) => {
    const columns = there.get(name);
    if (columns === undefined) return [];
    const hasInstant = columns.some((column) => column.name === 'as_of' && column.type.kind === 'timestamp');
    const asOf = hasInstant ? sql`max(as_of)` : dialect.bind({ kind: 'timestamp' }, null);
    return [
      sql`select ${sql.lit(name)} as model, count(*) as n, ${asOf} as as_of from ${dialect.relation({ schema, name })}`,
    ];
  });
  const rows =
    parts.length === 0
      ? []
      : await warehouse.query(dialect.compile(sql.join(parts, sql` union all `)), {
          signal,
          purpose: 'count the rows of the models',
        });
  const built = new Map(rows.map((row) => [textOf(row, 'model'), row]));
  return wanted
    .map(({ name, kind }) => {
      const row = built.get(name);
      if (row === undefined) return { model: name, kind, rows: null, asOf: null };
      return { model: name, kind, rows: countOf(row, 'n'), asOf: textOrNull(row, 'as_of') };
    })
    .sort((a, b) => (a.model < b.model ? -1 : 1));
}
