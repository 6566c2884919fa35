import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { textOf } from '../state/row-values.ts';
import { stateTable } from '../state/state.ts';
import { inBatches } from './in-flight.ts';
import type { PlanWriter, RestoredMember, WrittenList } from './plan-writer.ts';
import type { Rollback, RollbackRequest } from './rollback-types.ts';
import { mapRows } from './write-rows.ts';

const membersPerBatch = 5000;

export interface RolledBackMembers extends Pick<Rollback, 'members' | 'createdLists'> {
  /** Lists that the plan changes. */
  readonly lists: readonly WrittenList[];
}

/** Takes out who the run added, or may have added unheard, and puts back who it removed, unless a later run has changed the very same member. */
export async function rollBackMembers(request: RollbackRequest, writer: PlanWriter): Promise<RolledBackMembers> {
  const { state, sync, signal, rolledBackRunId } = request;
  const { warehouse } = state;
  const { lists, createdLists } = await readLists(request);
  const members = { toAdd: 0, toRemove: 0, kept: 0 };
  const used = new Set<string>();
  const rows = warehouse.stream(warehouse.dialect.compile(lastChanges(request)), {
    signal,
    purpose: `read the members that run ${rolledBackRunId} changed in lists of ${sync.name}`,
  });
  const changes = mapRows(rows, (row) => ({
    list: textOf(row, 'last_run') === rolledBackRunId ? lists.get(textOf(row, 'list_id')) : undefined,
    operation: textOf(row, 'operation') === 'add' ? ('remove' as const) : ('add' as const),
    modelKey: textOf(row, 'model_key'),
    recordId: textOf(row, 'record_id'),
  }));
  for await (const batch of inBatches(changes, membersPerBatch)) {
    const reversed = batch.flatMap(({ list, ...member }): RestoredMember[] =>
      list === undefined ? [] : [{ list: list.list, ...member }],
    );
    for (const { list, operation } of reversed) {
      used.add(list);
      members[operation === 'add' ? 'toAdd' : 'toRemove'] += 1;
    }
    members.kept += batch.length - reversed.length;
    await writer.addMembers(reversed);
  }
  return { members, createdLists, lists: [...lists.values()].filter(({ list }) => used.has(list)) };
}

/**
 * One row per member that the run added or removed, or may have, where it died before the answer: what it did, and the run
 * that changed the same member last. A list is told by its id: its key in the sync's file may have changed.
 */
function lastChanges({ state, portalId, sync, rolledBackRunId }: RollbackRequest): Fragment {
  const changes = (ofRun: Fragment) => sql`
  select list_id, record_id, model_key, operation, run_id, row_number() over (
    partition by list_id, record_id order by attempted_at desc, sequence desc
  ) as recency
  from (
    select l.*, u.list_id, row_number() over (
      partition by u.list_id, l.record_id, l.run_id order by l.attempted_at desc, l.sequence desc
    ) as recency_in_run
    from ${stateTable(state, 'ledger')} l
    join (
      select distinct plan_id, list, record_id as list_id from ${stateTable(state, 'ledger')} where operation = 'list'
    ) u on u.plan_id = l.plan_id and u.list = l.list
    where l.portal_id = ${portalId} and l.sync = ${sync.name} and l.operation in ('add', 'remove') and ${ofRun}
  ) heard
  where recency_in_run = 1 and outcome in ('added', 'removed', 'attempted')`;
  return sql`select w.list_id, w.record_id, w.model_key, w.operation, n.run_id as last_run
from (${changes(sql`l.run_id = ${rolledBackRunId}`)}) w
join (${changes(sql`true`)}) n on n.list_id = w.list_id and n.record_id = w.record_id and n.recency = 1
where w.recency = 1`;
}

/** The sync's lists that are still there, and those that the run made. */
async function readLists({ state, hubspot, portalId, sync, rolledBackRunId, signal }: RollbackRequest) {
  const { warehouse } = state;
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`select n.list, n.list_id, n.name, l.list_id is not null as made
from ${stateTable(state, 'lists')} n
left join (
  select distinct record_id as list_id from ${stateTable(state, 'ledger')}
  where run_id = ${rolledBackRunId} and portal_id = ${portalId} and sync = ${sync.name}
    and operation = 'list' and outcome = 'created'
) l on l.list_id = n.list_id
where n.portal_id = ${portalId} and n.sync = ${sync.name} order by n.list`),
    { signal, purpose: `read the lists of ${sync.name}` },
  );
  const known = rows.map((row) => ({
    list: textOf(row, 'list'),
    listId: textOf(row, 'list_id'),
    name: textOf(row, 'name'),
    isMade: row.made === true,
  }));
  const lists = new Map<string, WrittenList>();
  for (const { list, listId, name } of known) {
    const there = await hubspot.lists.find({ listId, name, object: sync.object }, signal);
    if (there?.listId === listId) lists.set(listId, { list, listId, name });
  }
  return {
    lists,
    createdLists: known.filter(({ isMade }) => isMade).map(({ list, listId }) => ({ list, listId })),
  };
}
