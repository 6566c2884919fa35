import { sql } from 'kysely';
import { calendarDay } from '../project/instant.ts';
import { isScored } from '../project/scored-model.ts';
import type { AsOf, RelationName } from '../sql/types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import type { Column, Warehouse } from '../warehouse/port.ts';
import type { CompiledProject } from './types.ts';

export interface LiveInstantsRequest {
  readonly compiled: CompiledProject;
  readonly warehouse: Warehouse;
  /** Names of models; those that are not scored are left out. */
  readonly models: Iterable<string>;
  /** What is in the target's schema. */
  readonly there: ReadonlyMap<string, readonly Column[]>;
  readonly signal?: AbortSignal;
}

/** The instants that the tables of scored models were built for: one round trip, none where no such table is there. */
export async function readLiveInstants(request: LiveInstantsRequest): Promise<ReadonlyMap<string, AsOf>> {
  const { compiled, warehouse, there, signal } = request;
  const { dialect, project } = compiled;
  const built = [...request.models].flatMap((name): readonly { name: string; relation: RelationName }[] => {
    const found = compiled.models.get(name);
    const hasInstant = there.get(name)?.some((column) => column.name === 'as_of' && column.type.kind === 'timestamp');
    if (found === undefined || !isScored(found.model) || found.relation.kind !== 'relation' || !hasInstant) return [];
    return [{ name, relation: found.relation.name }];
  });
  if (built.length === 0) return new Map();
  const parts = built.map(
    ({ name, relation }) =>
      sql`select ${sql.lit(name)} as model, max(as_of) as as_of from ${dialect.relation(relation)}`,
  );
  const rows = await warehouse.query(dialect.compile(sql.join(parts, sql` union all `)), {
    signal,
    purpose: 'read how old the scores are',
  });
  return new Map(
    rows.flatMap((row): readonly (readonly [string, AsOf])[] => {
      const instant = textOrNull(row, 'as_of');
      if (instant === null) return [];
      return [[textOf(row, 'model'), { instant, day: calendarDay(instant, project.timezone) }]];
    }),
  );
}
