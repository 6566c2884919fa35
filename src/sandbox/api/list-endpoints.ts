import type { CrmList, ListDefinition } from '../account/crm-list.ts';
import { type ApiRequest, isJsonObject, objectBody, requiredText, textList } from './api-request.ts';
import { notFound, Refusal, type Reply, reply, validationError } from './reply.ts';

const processingTypes = ['MANUAL', 'SNAPSHOT', 'DYNAMIC'] as const;

/** Rule 25: success is 200, and a taken name 400. */
export function createList(request: ApiRequest): Reply {
  const body = objectBody(request);
  const name = requiredText(body, 'name');
  const objectTypeId = requiredText(body, 'objectTypeId');
  const wanted = requiredText(body, 'processingType');
  const processingType = processingTypes.find((known) => known === wanted);
  if (processingType === undefined) {
    return validationError(`Invalid processingType ${wanted}: expected one of ${processingTypes.join(', ')}`);
  }
  // Lists name their type by id alone: `contacts` is none.
  if (request.account.findType(objectTypeId)?.names.id !== objectTypeId) {
    return validationError(`Unable to infer object type from: ${objectTypeId}`);
  }
  if (processingType === 'DYNAMIC' && !isJsonObject(body.filterBranch)) {
    return validationError('A list of processingType DYNAMIC needs a filterBranch');
  }
  refuseTakenName(request, name);
  const list: ListDefinition = {
    listId: request.account.nextListId(),
    name,
    objectTypeId,
    processingType,
    listVersion: 1,
    createdAt: request.now,
    updatedAt: request.now,
  };
  request.account.apply({ kind: 'list', list });
  return reply(200, { list: renderList(listOf(request, list.listId)) });
}

export function readList(request: ApiRequest): Reply {
  return reply(200, { list: renderList(listOf(request)) });
}

/** `?listIds=1&listIds=2`; unknown ones are left out. */
export function readLists(request: ApiRequest): Reply {
  const ids = request.query.getAll('listIds').flatMap((text) => text.split(','));
  const lists = ids.map((id) => request.account.findList(id)).filter((list) => list !== undefined);
  return reply(200, { lists: lists.map(renderList) });
}

/** Names are compared without case. */
export function readListByName(request: ApiRequest): Reply {
  const { objectTypeId, listName = '' } = request.params;
  const list = request.account.findListByName(listName);
  if (list === undefined || list.definition.objectTypeId !== objectTypeId) {
    throw listNotFound(`No list found with name ${listName} for object type ${objectTypeId}`);
  }
  return reply(200, { list: renderList(list) });
}

export function searchLists(request: ApiRequest): Reply {
  const body = objectBody(request);
  const count = typeof body.count === 'number' ? body.count : 20;
  const offset = typeof body.offset === 'number' ? body.offset : 0;
  if (!Number.isInteger(count) || count < 1 || count > 500)
    return validationError(`Invalid count ${count}: expected 1 to 500`);
  const query = typeof body.query === 'string' ? body.query.toLowerCase() : '';
  const types = textList(body.processingTypes, 'processingTypes');
  const ids = textList(body.listIds, 'listIds');
  const found = request.account.lists.filter(
    ({ definition }) =>
      definition.name.toLowerCase().includes(query) &&
      (types.length === 0 || types.includes(definition.processingType)) &&
      (ids.length === 0 || ids.includes(definition.listId)),
  );
  const page = found.slice(offset, offset + count);
  const lists = page.map((list) => ({
    ...renderList(list),
    additionalProperties: { hs_list_size: String(list.size) },
  }));
  return reply(200, {
    total: found.length,
    offset: offset + page.length,
    hasMore: offset + count < found.length,
    lists,
  });
}

export function renameList(request: ApiRequest): Reply {
  const list = listOf(request);
  const name = request.query.get('listName') ?? '';
  if (name.trim() === '') return validationError('Some required fields were not set: [listName]');
  if (request.account.findListByName(name) !== list) refuseTakenName(request, name);
  const { definition } = list;
  const renamed = { ...definition, name, updatedAt: request.now, listVersion: definition.listVersion + 1 };
  request.account.apply({ kind: 'list', list: renamed });
  return reply(200, { updatedList: renderList(list) });
}

export function deleteList(request: ApiRequest): Reply {
  const { definition } = listOf(request);
  request.account.apply({ kind: 'list', list: { ...definition, deletedAt: request.now } });
  return { status: 204 };
}

export function restoreList(request: ApiRequest): Reply {
  const list = request.account.findDeletedList(request.params.listId ?? '');
  if (list === undefined) throw listNotFound();
  refuseTakenName(request, list.definition.name);
  const { deletedAt: _, ...definition } = list.definition;
  request.account.apply({ kind: 'list', list: definition });
  return { status: 204 };
}

/** @throws Refusal 404 */
export function listOf(request: ApiRequest, listId = request.params.listId ?? ''): CrmList {
  const list = request.account.findList(listId);
  if (list === undefined) throw listNotFound(`List does not exist with ID ${listId}.`);
  return list;
}

export function renderList({ definition, size }: CrmList): Readonly<Record<string, unknown>> {
  const { createdAt, updatedAt, deletedAt: _, ...rest } = definition;
  return {
    ...rest,
    processingStatus: 'COMPLETE',
    size,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

function refuseTakenName(request: ApiRequest, name: string): void {
  if (request.account.findListByName(name) === undefined) return;
  const subCategory = 'ILS.DUPLICATE_LIST_NAMES';
  throw new Refusal(validationError(`A list with the name '${name}' already exists.`, { subCategory }));
}

function listNotFound(message = 'List does not exist.'): Refusal {
  return new Refusal(notFound(message, { subCategory: 'ILS.LIST_NOT_FOUND' }));
}
