import {
  accessTokenInfo,
  accountDetails,
  customPropertyLimits,
  dailyUsage,
  recordLimits,
} from './account-endpoints.ts';
import type { Handler } from './api-request.ts';
import { batchRead } from './batch-read.ts';
import { batchArchive, batchCreate, batchUpdate, batchUpsert } from './batch-writes.ts';
import { createGroup, deleteGroup, listGroups, readGroup, updateGroup } from './group-endpoints.ts';
import {
  createList,
  deleteList,
  readList,
  readListByName,
  readLists,
  renameList,
  restoreList,
  searchLists,
} from './list-endpoints.ts';
import {
  addAndRemoveMembers,
  addMembers,
  addMembersFromList,
  clearMembers,
  membershipsOfRecord,
  pageByJoinOrder,
  pageByRecordId,
  removeMembers,
} from './list-memberships.ts';
import {
  archiveProperty,
  batchArchiveProperties,
  batchCreateProperties,
  batchReadProperties,
  createProperty,
  listProperties,
  readProperty,
  updateProperty,
} from './property-endpoints.ts';
import { search } from './search.ts';
import { archiveRecord, createRecord, pageOfRecords, readRecord, updateRecord } from './single-records.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Rule 3: the v3 path and its dated aliases, in Hono's pattern language. */
  readonly paths: readonly string[];
  /** Which scope the token needs: one of those listed for the object type, or none. */
  readonly scope: Scope;
  /** Search has its own rate limit. */
  readonly isSearch: boolean;
  readonly handle: Handler;
}

export type Scope =
  | 'objects.read'
  | 'objects.write'
  | 'schemas.read'
  | 'schemas.write'
  | 'lists.read'
  | 'lists.write'
  | 'none';

const dated = ':version{2026-03|2026-09}';

/** Order matters where a fixed segment and a parameter meet: the fixed one comes first. */
export const routes: readonly Route[] = [
  ...area('/crm/v3/objects', `/crm/objects/${dated}`, [
    ['POST', '/:objectType/batch/create', 'objects.write', batchCreate],
    ['POST', '/:objectType/batch/read', 'objects.read', batchRead],
    ['POST', '/:objectType/batch/update', 'objects.write', batchUpdate],
    ['POST', '/:objectType/batch/upsert', 'objects.write', batchUpsert],
    ['POST', '/:objectType/batch/archive', 'objects.write', batchArchive],
    ['POST', '/:objectType/search', 'objects.read', search],
    ['GET', '/:objectType', 'objects.read', pageOfRecords],
    ['POST', '/:objectType', 'objects.write', createRecord],
    ['GET', '/:objectType/:objectId', 'objects.read', readRecord],
    ['PATCH', '/:objectType/:objectId', 'objects.write', updateRecord],
    ['DELETE', '/:objectType/:objectId', 'objects.write', archiveRecord],
  ]),
  ...area('/crm/v3/properties', `/crm/properties/${dated}`, [
    ['GET', '/:objectType/groups', 'schemas.read', listGroups],
    ['POST', '/:objectType/groups', 'schemas.write', createGroup],
    ['GET', '/:objectType/groups/:groupName', 'schemas.read', readGroup],
    ['PATCH', '/:objectType/groups/:groupName', 'schemas.write', updateGroup],
    ['DELETE', '/:objectType/groups/:groupName', 'schemas.write', deleteGroup],
    ['POST', '/:objectType/batch/create', 'schemas.write', batchCreateProperties],
    ['POST', '/:objectType/batch/read', 'schemas.read', batchReadProperties],
    ['POST', '/:objectType/batch/archive', 'schemas.write', batchArchiveProperties],
    ['GET', '/:objectType', 'schemas.read', listProperties],
    ['POST', '/:objectType', 'schemas.write', createProperty],
    ['GET', '/:objectType/:propertyName', 'schemas.read', readProperty],
    ['PATCH', '/:objectType/:propertyName', 'schemas.write', updateProperty],
    ['DELETE', '/:objectType/:propertyName', 'schemas.write', archiveProperty],
  ]),
  ...area('/crm/v3/lists', `/crm/lists/${dated}`, [
    ['POST', '', 'lists.write', createList],
    ['POST', '/', 'lists.write', createList],
    ['GET', '', 'lists.read', readLists],
    ['GET', '/', 'lists.read', readLists],
    ['POST', '/search', 'lists.read', searchLists],
    ['GET', '/object-type-id/:objectTypeId/name/:listName', 'lists.read', readListByName],
    ['GET', '/records/:objectTypeId/:recordId/memberships', 'lists.read', membershipsOfRecord],
    ['GET', '/:listId', 'lists.read', readList],
    ['DELETE', '/:listId', 'lists.write', deleteList],
    ['PUT', '/:listId/restore', 'lists.write', restoreList],
    ['PUT', '/:listId/update-list-name', 'lists.write', renameList],
    ['GET', '/:listId/memberships', 'lists.read', pageByRecordId],
    ['GET', '/:listId/memberships/join-order', 'lists.read', pageByJoinOrder],
    ['DELETE', '/:listId/memberships', 'lists.write', clearMembers],
    ['PUT', '/:listId/memberships/add', 'lists.write', addMembers],
    ['PUT', '/:listId/memberships/remove', 'lists.write', removeMembers],
    ['PUT', '/:listId/memberships/add-and-remove', 'lists.write', addAndRemoveMembers],
    ['PUT', '/:listId/memberships/add-from/:sourceListId', 'lists.write', addMembersFromList],
  ]),
  ...area('/crm/v3/limits', `/crm/limits/${dated}`, [
    ['GET', '/custom-properties', 'objects.read', customPropertyLimits],
    ['GET', '/records', 'objects.read', recordLimits],
  ]),
  {
    method: 'POST',
    paths: ['/oauth/v2/private-apps/get/access-token-info'],
    scope: 'none',
    isSearch: false,
    handle: accessTokenInfo,
  },
  ...area('/account-info/v3', `/account-info/${dated}`, [
    ['GET', '/details', 'none', accountDetails],
    ['GET', '/api-usage/daily/private-apps', 'none', dailyUsage],
  ]),
];

function area(
  v3: string,
  datedAlias: string,
  endpoints: readonly (readonly [Route['method'], string, Scope, Handler])[],
): readonly Route[] {
  return endpoints.map(([method, tail, scope, handle]) => ({
    method,
    paths: [v3 + tail, datedAlias + tail],
    scope,
    isSearch: handle === search,
    handle,
  }));
}
