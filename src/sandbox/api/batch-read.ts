import type { CrmRecord } from '../account/crm-record.ts';
import { type ApiRequest, invalidJson, objectBody, objectTypeOf, textList } from './api-request.ts';
import { checkIdProperty, readInputs } from './batch-inputs.ts';
import { renderRead } from './render-record.ts';
import type { Reply } from './reply.ts';
import { batchReply, shuffled, unknownIds } from './run-batch.ts';

/** With history HubSpot takes fewer inputs. */
const maxInputsWithHistory = 50;

/** Rules 4, 5 and 12. */
export function batchRead(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const body = objectBody(request);
  const properties = textList(body.properties, 'properties');
  const withHistory = textList(body.propertiesWithHistory, 'propertiesWithHistory');
  const inputs = readInputs(request, withHistory.length > 0 ? maxInputsWithHistory : undefined);
  const { idProperty } = body;
  if (idProperty !== undefined && idProperty !== null && typeof idProperty !== 'string') {
    throw invalidJson('Cannot deserialize value of `idProperty`: expected a string');
  }
  const byId = idProperty === undefined || idProperty === null || idProperty === 'hs_object_id';
  if (!byId) checkIdProperty(request, type, idProperty);
  const archived = request.query.get('archived') === 'true';
  const found = new Map<string, CrmRecord>();
  const unknown = new Set<string>();
  for (const { id } of inputs) {
    if (typeof id !== 'string') throw invalidJson('Cannot deserialize value of `id`: expected a string');
    const live = byId ? type.records.get(id) : type.records.findByUnique(idProperty, id);
    const record = archived ? type.records.getArchived(id) : live;
    if (record === undefined) unknown.add(id);
    else found.set(record.id, record);
  }
  const results = shuffled(
    request,
    [...found.values()].map((record) => renderRead(request, type, record, properties, withHistory)),
  );
  if (unknown.size === 0) return batchReply(request, 200, results);
  return batchReply(request, 207, results, [unknownIds(type, [...unknown])]);
}
