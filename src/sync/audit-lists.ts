import { sql } from 'kysely';
import { textOf } from '../state/row-values.ts';
import { stateTable } from '../state/state.ts';
import type { Row } from '../warehouse/port.ts';
import type { AuditRequest } from './audit-request.ts';
import type { ListAudit } from './audit-types.ts';
import type { RestoredMember } from './plan-writer.ts';

/** Compares the members of a sync's lists with those that Scoreline put there. The ids of one list's own members are held in memory. */
export async function auditLists(request: AuditRequest): Promise<readonly ListAudit[]> {
  const audits: ListAudit[] = [];
  for (const list of await readLists(request)) audits.push(await auditList(request, list));
  return audits;
}

interface KnownList {
  readonly list: string;
  readonly listId: string;
  readonly name: string;
}

async function readLists({ state, portalId, sync, signal }: AuditRequest): Promise<readonly KnownList[]> {
  const { warehouse } = state;
  const keys = new Set(sync.lists.map((list) => list.id));
  const rows = await warehouse.query(
    warehouse.dialect.compile(
      sql`select list, list_id, name from ${stateTable(state, 'lists')} where portal_id = ${portalId} and sync = ${sync.name} order by list`,
    ),
    { signal, purpose: `read the lists of ${sync.name}` },
  );
  const known = rows.map((row) => ({
    list: textOf(row, 'list'),
    listId: textOf(row, 'list_id'),
    name: textOf(row, 'name'),
  }));
  // One whose key has changed in the sync's file stands under the old key until a run uses it.
  const used = new Set(known.map(({ list }) => list));
  const unused = new Set(sync.lists.flatMap(({ id, name }) => (used.has(id) ? [] : [name])));
  const declared = new Set(known.flatMap(({ list, listId }) => (keys.has(list) ? [listId] : [])));
  return known.filter(({ list, listId, name }) => keys.has(list) || (unused.has(name) && !declared.has(listId)));
}

async function auditList(request: AuditRequest, { list, listId, name }: KnownList): Promise<ListAudit> {
  const { state, hubspot, portalId, sync, excluded, signal, onMembers } = request;
  const { warehouse } = state;
  const rows = await warehouse.query(
    warehouse.dialect.compile(
      sql`select m.record_id, m.model_key, m.own, ${excluded === undefined ? sql`false` : sql`x.model_key is not null`} as is_excluded
from ${stateTable(state, 'memberships')} m
${excluded === undefined ? sql`` : sql`left join (${excluded}) x on x.model_key = m.model_key`}
where m.portal_id = ${portalId} and m.sync = ${sync.name} and m.list = ${list} and m.list_id = ${listId} and m.added_at is not null`,
    ),
    { signal, purpose: `read the members of ${list}` },
  );
  const absent = new Map<string, Row>(rows.map((row) => [textOf(row, 'record_id'), row]));
  const there = await hubspot.lists.find({ listId, name, object: sync.object }, signal);
  const found = there?.listId === listId ? listId : null;
  let addedByOthers = 0;
  if (found !== null) {
    for await (const page of hubspot.lists.readMembers(found, signal)) {
      for (const recordId of page) if (!absent.delete(recordId)) addedByOthers += 1;
    }
  }
  const gone = [...absent.values()].filter((row) => row.own === true && row.is_excluded !== true);
  await onMembers?.(
    { list, name: there?.name ?? name, listId: there?.listId ?? null },
    gone.map(
      (row): RestoredMember => ({
        list,
        operation: 'add',
        modelKey: textOf(row, 'model_key'),
        recordId: textOf(row, 'record_id'),
      }),
    ),
  );
  const members = rows.filter((row) => row.own === true).length;
  return { list, name, listId: found, members, removedByOthers: gone.length, addedByOthers };
}
