import { sql } from 'kysely';
import type { Problem } from '../errors/scoreline-error.ts';
import { objectTypeIdOf } from '../hubspot/object-type-id.ts';
import type { HubSpot, List } from '../hubspot/types.ts';
import type { Sync, SyncList } from '../project/sync-types.ts';
import { textOf } from '../state/row-values.ts';
import { type State, stateTable } from '../state/state.ts';

export interface FindListsRequest {
  readonly state: State;
  readonly hubspot: HubSpot;
  readonly sync: Sync;
  readonly portalId: number;
  readonly signal?: AbortSignal;
}

export interface FoundList {
  readonly list: SyncList;
  /** Null where it is yet to be made. */
  readonly listId: string | null;
  /** The key that the list had in the sync's file before it was renamed there. */
  readonly oldKey?: string;
}

/** Finds a sync's lists in HubSpot, by the id that the state remembers, then by name; says which cannot be used. */
export async function findLists(
  request: FindListsRequest,
): Promise<{ readonly found: readonly FoundList[]; readonly problems: readonly Problem[] }> {
  if (request.sync.lists.length === 0) return { found: [], problems: [] };
  const remembered = await readListIds(request);
  const { found, problems } = await lookUpLists({ ...request, remembered });
  const keys = new Set(request.sync.lists.map(({ id }) => id));
  const oldKeys = new Map([...remembered].flatMap(([key, listId]) => (keys.has(key) ? [] : [[listId, key] as const])));
  const withOldKeys = found.map((each): FoundList => {
    const oldKey = each.listId === null || remembered.has(each.list.id) ? undefined : oldKeys.get(each.listId);
    return oldKey === undefined ? each : { ...each, oldKey };
  });
  return { found: withOldKeys, problems };
}

export interface LookUpListsRequest extends Pick<FindListsRequest, 'hubspot' | 'sync' | 'signal'> {
  /** The list's key in the sync's file → its id in HubSpot. */
  readonly remembered: ReadonlyMap<string, string>;
}

/** The same, from ids that are known already. */
export async function lookUpLists({
  hubspot,
  sync,
  signal,
  remembered,
}: LookUpListsRequest): Promise<{ readonly found: readonly FoundList[]; readonly problems: readonly Problem[] }> {
  const lists = await Promise.all(
    sync.lists.map(async (list) => ({
      list,
      there: await hubspot.lists.find(
        { listId: remembered.get(list.id), name: list.name, object: sync.object },
        signal,
      ),
    })),
  );
  return {
    found: lists.map(({ list, there }) => ({ list, listId: there?.listId ?? null })),
    problems: lists.flatMap(({ list, there }) => (there === null ? [] : misfits(sync, list, there))),
  };
}

async function readListIds({ state, sync, portalId, signal }: FindListsRequest): Promise<ReadonlyMap<string, string>> {
  const { dialect } = state.warehouse;
  const rows = await state.warehouse.query(
    dialect.compile(
      sql`select list, list_id from ${stateTable(state, 'lists')} where portal_id = ${portalId} and sync = ${sync.name}`,
    ),
    { signal, purpose: `read the lists of ${sync.name}` },
  );
  return new Map(rows.map((row) => [textOf(row, 'list'), textOf(row, 'list_id')]));
}

function misfits(sync: Sync, list: SyncList, there: List): readonly Problem[] {
  const { line, column } = sync.file.locate(['lists', list.id, 'name']);
  const problem = (message: string): Problem => ({
    code: 'SYNC_INVALID',
    file: sync.file.path,
    line,
    column,
    value: list.name,
    message,
    hint: 'Give the list another name: Scoreline then creates it.',
  });
  if (there.objectTypeId !== objectTypeIdOf(sync.object)) {
    return [
      problem(`HubSpot's list "${there.name}" is of another object type (${there.objectTypeId}) than ${sync.object}`),
    ];
  }
  if (there.processingType === 'DYNAMIC') {
    return [
      problem(`HubSpot fills the list "${there.name}" by its own rules (it is dynamic), so nobody can add members`),
    ];
  }
  return [];
}
