import { sql } from 'kysely';
import { textOf, textOrNull } from '../state/row-values.ts';
import { stateTable } from '../state/state.ts';
import type { AuditRequest } from './audit-request.ts';
import { clearingProperties } from './clearing-properties.ts';

/**
 * Since when runs have emptied these properties: a row that was accepted before may have values of others there that no run
 * has looked at. The first instant where all plans that are kept did so; of one that no plan has done so yet, nothing.
 */
export async function readClearing(
  request: Pick<AuditRequest, 'state' | 'portalId' | 'sync' | 'signal'>,
): Promise<ReadonlyMap<string, string>> {
  const { state, portalId, sync, signal } = request;
  const names = clearingProperties(sync);
  if (names.length === 0) return new Map();
  const { warehouse } = state;
  const plans = await warehouse.query(
    warehouse.dialect.compile(sql`select created_at, properties, clearing_properties from ${stateTable(state, 'plans')}
where portal_id = ${portalId} and sync = ${sync.name} and applied_at is not null and null_rows is not null
order by created_at desc`),
    { signal, purpose: `read since when runs of ${sync.name} empty properties` },
  );
  const since = new Map<string, string>();
  for (const name of names) {
    // Older versions did not write them down.
    const clears = plans.map((plan) =>
      (textOrNull(plan, 'clearing_properties') ?? textOrNull(plan, 'properties') ?? name).split(',').includes(name),
    );
    const others = clears.indexOf(false);
    const first = others === -1 ? undefined : plans[others - 1];
    if (others === -1) since.set(name, '');
    else if (first !== undefined) since.set(name, textOf(first, 'created_at'));
  }
  return since;
}
