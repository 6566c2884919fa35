import type { CrmRecord } from '../account/crm-record.ts';
import type { ObjectType } from '../account/object-type.ts';
import {
  type ApiRequest,
  isJsonObject,
  type JsonObject,
  objectBody,
  objectTypeOf,
  pageLimit,
  resourceNotFound,
} from './api-request.ts';
import { checkIdProperty } from './batch-inputs.ts';
import { propertyProblemsReply } from './property-problem.ts';
import { renderRead, renderWritten } from './render-record.ts';
import { Refusal, type Reply, reply, validationError } from './reply.ts';
import { conflictReply } from './run-batch.ts';
import { stepToCreate, stepToUpdate, type WriteStep } from './write-step.ts';

export function createRecord(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  return finish(request, type, stepToCreate(request, type, propertiesOf(request), new Map()), 201);
}

export function readRecord(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const archived = request.query.get('archived') === 'true';
  const id = request.params.objectId ?? '';
  const record = archived ? type.records.getArchived(id) : findSingle(request, type);
  if (record === undefined) throw resourceNotFound();
  return reply(
    200,
    renderRead(request, type, record, names(request, 'properties'), names(request, 'propertiesWithHistory')),
  );
}

/** Rule 19: unlike a batch, a single call finds the survivor by an id that was merged away. */
export function updateRecord(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const record = findSingle(request, type);
  if (record === undefined) throw resourceNotFound();
  return finish(request, type, stepToUpdate(request, type, record, propertiesOf(request), new Map()), 200);
}

export function archiveRecord(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const id = request.params.objectId ?? '';
  if (type.records.get(id) !== undefined) {
    request.account.apply({ kind: 'record_archived', object: type.names.id, id, at: request.now });
  }
  return { status: 204 };
}

export function pageOfRecords(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const withHistory = names(request, 'propertiesWithHistory');
  const limit = pageLimit(request, 10, withHistory.length > 0 ? 50 : 100);
  const properties = names(request, 'properties');
  const results: unknown[] = [];
  let last: string | undefined;
  const archived = request.query.get('archived') === 'true';
  for (const record of type.records.page(request.query.get('after') ?? undefined, archived)) {
    if (results.length === limit) return reply(200, { results, paging: { next: { after: last } } });
    results.push(renderRead(request, type, record, properties, withHistory));
    last = record.id;
  }
  return reply(200, { results });
}

function findSingle(request: ApiRequest, type: ObjectType): CrmRecord | undefined {
  const id = request.params.objectId ?? '';
  const idProperty = request.query.get('idProperty');
  if (idProperty !== null && idProperty !== 'hs_object_id') {
    checkIdProperty(request, type, idProperty);
    return type.records.findByUnique(idProperty, id);
  }
  return type.records.get(id) ?? type.records.getSurvivor(id);
}

function propertiesOf(request: ApiRequest): JsonObject {
  const { properties = {}, associations } = objectBody(request);
  if (!isJsonObject(properties)) throw new Refusal(validationError('`properties` is not an object'));
  if (Array.isArray(associations) && associations.length > 0) {
    throw new Refusal(validationError('The sandbox keeps no associations: leave `associations` out'));
  }
  return properties;
}

function finish(request: ApiRequest, type: ObjectType, step: WriteStep, status: 200 | 201): Reply {
  switch (step.kind) {
    case 'ready':
      return reply(status, renderWritten(request, type, step.commit(), step.written));
    case 'problems':
      return propertyProblemsReply(step.problems, request.account.identity.portalId);
    case 'conflict':
      return conflictReply(type, step.existing?.id);
    case 'unknown':
      throw resourceNotFound();
    default: {
      const never: never = step;
      throw new TypeError(`unknown step ${JSON.stringify(never)}`);
    }
  }
}

/** `properties=a,b&properties=c` */
function names(request: ApiRequest, parameter: string): readonly string[] {
  return request.query
    .getAll(parameter)
    .flatMap((text) => text.split(',').map((name) => name.trim()))
    .filter(Boolean);
}
