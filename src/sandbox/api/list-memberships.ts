import type { CrmList } from '../account/crm-list.ts';
import { type ApiRequest, invalidJson, jsonBody, objectBody, objectTypeOf, pageLimit } from './api-request.ts';
import { listOf } from './list-endpoints.ts';
import { Refusal, type Reply, reply, validationError } from './reply.ts';

const maxPage = 250;

/** Rule 25: a bare array of record ids. */
export function addMembers(request: ApiRequest): Reply {
  return change(request, recordIds(jsonBody(request)), []);
}

export function removeMembers(request: ApiRequest): Reply {
  return change(request, [], recordIds(jsonBody(request)));
}

export function addAndRemoveMembers(request: ApiRequest): Reply {
  const body = objectBody(request);
  return change(request, recordIds(body.recordIdsToAdd), recordIds(body.recordIdsToRemove));
}

export function addMembersFromList(request: ApiRequest): Reply {
  change(request, listOf(request, request.params.sourceListId ?? '').inJoinOrder(), []);
  return { status: 204 };
}

export function clearMembers(request: ApiRequest): Reply {
  const list = listOf(request);
  if (list.size >= 100_000) return validationError('Lists of 100,000 members or more cannot be emptied in one call');
  change(request, [], list.inJoinOrder());
  return { status: 204 };
}

export function pageByRecordId(request: ApiRequest): Reply {
  const list = listOf(request);
  return page(request, list, list.inIdOrder());
}

export function pageByJoinOrder(request: ApiRequest): Reply {
  const list = listOf(request);
  return page(request, list, list.inJoinOrder());
}

/** The lists that a record is on. */
export function membershipsOfRecord(request: ApiRequest): Reply {
  const type = objectTypeOf(request, request.params.objectTypeId ?? '');
  const { recordId = '' } = request.params;
  const results: unknown[] = [];
  for (const list of request.account.lists) {
    const joinedAt = list.definition.objectTypeId === type.names.id ? list.joinedAt(recordId) : undefined;
    if (joinedAt === undefined) continue;
    const timestamp = new Date(joinedAt).toISOString();
    const { listId, listVersion } = list.definition;
    results.push({
      listId,
      listVersion,
      firstAddedTimestamp: timestamp,
      lastAddedTimestamp: timestamp,
      isPublicList: true,
    });
  }
  return reply(200, { total: results.length, results });
}

function change(request: ApiRequest, add: readonly string[], remove: readonly string[]): Reply {
  const list = listOf(request);
  const { listId, processingType, objectTypeId } = list.definition;
  if (processingType === 'DYNAMIC') {
    throw new Refusal(
      validationError(`List ${listId} has processing type DYNAMIC: its members cannot be changed by hand`, {
        subCategory: 'ILS.INVALID_LIST_PROCESSING_TYPE',
      }),
    );
  }
  const { records } = objectTypeOf(request, objectTypeId);
  const missing = new Set([...add, ...remove].filter((id) => records.get(id) === undefined));
  const added = [...new Set(add)].filter((id) => !missing.has(id) && !list.has(id));
  const removed = [...new Set(remove)].filter((id) => list.has(id));
  if (added.length + removed.length > 0) {
    request.account.apply({ kind: 'members', listId, add: added, remove: removed, at: request.now });
  }
  return reply(200, {
    // The odd spelling is HubSpot's.
    recordsIdsAdded: added,
    ...(request.settings.switches.listReplySpelledTwice && { recordIdsAdded: added }),
    recordIdsRemoved: removed,
    recordIdsMissing: [...missing],
  });
}

function recordIds(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw invalidJson('Cannot deserialize value: expected an array of record ids');
  const ids = value.map(String);
  const bad = ids.find((id) => !/^\d{1,19}$/.test(id));
  if (bad !== undefined) throw new Refusal(validationError(`${bad} is not a record id`));
  return ids;
}

function page(request: ApiRequest, list: CrmList, ids: readonly string[]): Reply {
  const limit = pageLimit(request, 100, maxPage);
  const from = cursor(request, 'after') ?? 0;
  const before = cursor(request, 'before');
  const start = before === undefined ? from : Math.max(0, before - limit);
  const end = before === undefined ? from + limit : before;
  const results = ids.slice(start, end).map((recordId) => ({
    recordId,
    membershipTimestamp: new Date(list.joinedAt(recordId) ?? 0).toISOString(),
  }));
  return reply(200, {
    total: ids.length,
    results,
    paging: {
      ...(end < ids.length && { next: { after: cursorText(end) } }),
      ...(start > 0 && { prev: { before: cursorText(start) } }),
    },
  });
}

/** Cursors are opaque in HubSpot, so they must not look like record ids here. */
function cursorText(position: number): string {
  return Buffer.from(`position:${position}`).toString('base64url');
}

function cursor(request: ApiRequest, parameter: string): number | undefined {
  const text = request.query.get(parameter);
  if (text === null || text === '') return undefined;
  const position = /^position:(\d+)$/.exec(Buffer.from(text, 'base64url').toString())?.[1];
  if (position === undefined) throw new Refusal(validationError(`Invalid paging cursor ${text}`));
  return Number(position);
}
