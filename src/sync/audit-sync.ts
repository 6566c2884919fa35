import { sql } from 'kysely';
import type { PropertyType } from '../project/sync-types.ts';
import { countOf } from '../state/row-values.ts';
import { stateTable } from '../state/state.ts';
import { auditLists } from './audit-lists.ts';
import type { AuditRequest } from './audit-request.ts';
import { auditRows } from './audit-rows.ts';
import type { Audit } from './audit-types.ts';
import type { Plan } from './plan-types.ts';
import { PlanWriter, type PlanWriterRequest, type WrittenList } from './plan-writer.ts';

export type AuditSyncRequest = Omit<AuditRequest, 'types' | 'onDrift' | 'onMembers' | 'portalId'>;

/**
 * Reads back from HubSpot what a sync's snapshot and memberships say, and compares. Writes nothing at all.
 * @throws DESTINATION_*, WAREHOUSE_*, RUN_INTERRUPTED
 */
export async function auditSync(request: AuditSyncRequest): Promise<Audit> {
  const { portalId } = await request.hubspot.account(request.signal);
  return audit({ ...request, portalId, types: await readTypes(request) });
}

export interface MendRequest extends PlanWriterRequest, Pick<AuditRequest, 'excluded' | 'onProgress'> {}

/**
 * The same, and freezes a plan that puts everything back as it was left: values, and members that others removed. Members
 * that others added stay. A merged record's values go to the record that it went into; a deleted record is met as in any
 * run, and not made again; a property that HubSpot has lost is made again by the next run.
 * @returns a null plan where there is nothing to put back
 */
export async function planMending(
  request: MendRequest,
): Promise<{ readonly audit: Audit; readonly plan: Plan | null }> {
  const writer = new PlanWriter(request);
  const lists: WrittenList[] = [];
  let rows = 0;
  try {
    await writer.begin();
    const found = await audit({
      ...request,
      portalId: request.account.portalId,
      types: await readTypes(request),
      onDrift: (restored) => {
        rows += restored.length;
        return writer.add(restored);
      },
      onMembers: async (list, members) => {
        if (members.length > 0 || list.listId === null) lists.push(list);
        await writer.addMembers(members);
      },
    });
    if (rows + lists.length === 0) return { audit: found, plan: null };
    return { audit: found, plan: await writer.finish(found.asExpected, lists) };
  } finally {
    await writer.cancel();
  }
}

async function audit(request: AuditRequest): Promise<Audit> {
  const { sync, portalId } = request;
  const { audited, drift, examples } = await auditRows(request);
  const rows = { audited, drift, examples };
  const lists = await auditLists(request);
  const drifted = Object.values(drift).reduce((sum, count) => sum + count, 0);
  return {
    sync: sync.name,
    object: sync.object,
    portalId,
    ...rows,
    asExpected: audited - drifted,
    notAudited: await countNotAudited(request),
    lists,
  };
}

async function readTypes({ hubspot, sync, signal }: AuditSyncRequest): Promise<ReadonlyMap<string, PropertyType>> {
  const names = sync.properties.map(({ name }) => name);
  const there = new Set((await hubspot.schema.readProperties(sync.object, names, signal)).map(({ name }) => name));
  return new Map(sync.properties.flatMap(({ name, type }) => (there.has(name) ? [[name, type] as const] : [])));
}

async function countNotAudited({
  state,
  portalId,
  sync,
  excluded,
  signal,
}: AuditRequest): Promise<Audit['notAudited']> {
  const { warehouse } = state;
  const isExcluded = excluded === undefined ? sql`0` : sql`case when x.model_key is null then 0 else 1 end`;
  const [row = {}] = await warehouse.query(
    warehouse.dialect.compile(sql`select
  coalesce(sum(case when is_excluded = 1 and record_id is not null then 1 else 0 end), 0) as excluded,
  coalesce(sum(case when is_excluded = 0 and record_id is not null and values_hash is null then 1 else 0 end), 0) as in_doubt,
  coalesce(sum(case when record_id is null then 1 else 0 end), 0) as vanished
from (
  select s.record_id, s.values_hash, ${isExcluded} as is_excluded from ${stateTable(state, 'snapshot')} s
  ${excluded === undefined ? sql`` : sql`left join (${excluded}) x on x.model_key = s.model_key`}
  where s.portal_id = ${portalId} and s.sync = ${sync.name}
) known`),
    { signal, purpose: `count the rows of ${sync.name} that cannot be audited` },
  );
  return {
    excluded: countOf(row, 'excluded'),
    inDoubt: countOf(row, 'in_doubt'),
    vanished: countOf(row, 'vanished'),
  };
}
