import type { CrmRecord } from '../account/crm-record.ts';
import type { ObjectType } from '../account/object-type.ts';
import { emailProperty } from '../account/unique-index.ts';
import { type ApiRequest, type JsonObject, objectTypeOf } from './api-request.ts';
import {
  checkIdProperty,
  nonUnique,
  readInputs,
  readWriteInputs,
  refuseDuplicates,
  refuseRepeated,
  type WriteInput,
} from './batch-inputs.ts';
import { Refusal, type Reply, validationError } from './reply.ts';
import { runBatch } from './run-batch.ts';
import { stepToCreate, stepToUpdate } from './write-step.ts';

/** Rule 13. */
export function batchCreate(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const inputs = readWriteInputs(request, false);
  return runBatch(request, type, inputs, {
    successStatus: 201,
    partial: true,
    conflictRefusesAll: false,
    tellsNew: false,
    check: (input, claims) => stepToCreate(request, type, input.properties, claims),
  });
}

/** Rules 6, 7, 11 and 19: by record id, or by a unique property; ids that were merged away are unknown. */
export function batchUpdate(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const inputs = readWriteInputs(request, true);
  for (const { idProperty } of inputs) {
    if (idProperty === undefined) continue;
    checkIdProperty(request, type, idProperty);
    if (idProperty === emailProperty && request.settings.switches.updateByEmailRefused)
      throw nonUnique(type, idProperty);
  }
  refuseDuplicates(request, inputs);
  refuseSameRecord(request, type, inputs);
  return runBatch(request, type, inputs, {
    successStatus: 200,
    partial: request.settings.switches.tracedUpdateIsPartial,
    conflictRefusesAll: false,
    tellsNew: false,
    check: (input, claims) => {
      const record = find(type, input);
      if (record === undefined) return { kind: 'unknown', id: input.id ?? '' };
      return stepToUpdate(request, type, record, input.properties, claims);
    },
  });
}

/** Rules 6, 7, 9 and 15. */
export function batchUpsert(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const inputs = readWriteInputs(request, true);
  for (const { idProperty } of inputs) {
    if (idProperty === undefined) {
      throw new Refusal(validationError('Some required fields were not set: [idProperty]'));
    }
    checkIdProperty(request, type, idProperty);
  }
  refuseDuplicates(request, inputs);
  refuseSameRecord(request, type, inputs);
  return runBatch(request, type, inputs, {
    successStatus: 200,
    partial: true,
    conflictRefusesAll: request.settings.switches.upsertConflictRefusesBatch,
    tellsNew: true,
    check: (input, claims) => {
      const { id = '', idProperty = '', properties } = input;
      const record = find(type, input);
      if (record === undefined) return stepToCreate(request, type, { [idProperty]: id, ...properties }, claims);
      const blanked = idProperty === emailProperty ? blanks(request, type, record) : {};
      return stepToUpdate(request, type, record, { ...blanked, ...properties }, claims);
    },
  });
}

/** Rule 26: unknown ids are no error. */
export function batchArchive(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  for (const { id } of readInputs(request)) {
    if (typeof id === 'string' && type.records.get(id) !== undefined) {
      request.account.apply({ kind: 'record_archived', object: type.names.id, id, at: request.now });
    }
  }
  return { status: 204 };
}

function find(type: ObjectType, { id = '', idProperty }: WriteInput): CrmRecord | undefined {
  return idProperty === undefined ? type.records.get(id) : type.records.findByUnique(idProperty, id);
}

/** Two addresses of one contact in one batch (rule 6, uncertain). */
function refuseSameRecord(request: ApiRequest, type: ObjectType, inputs: readonly WriteInput[]): void {
  if (!request.settings.switches.sameRecordTwiceRefused) return;
  const ids = inputs.map((input) => find(type, input)?.id).filter((id) => id !== undefined);
  refuseRepeated(ids);
}

/** The doubt about "partial upserts" by e-mail (rule 15, uncertain): everything of the account's own is blanked. */
function blanks(request: ApiRequest, type: ObjectType, record: CrmRecord): JsonObject {
  if (!request.settings.switches.emailUpsertBlanksRest) return {};
  const own = Object.keys(record.values).filter((name) => type.properties.get(name)?.hubspotDefined === false);
  return Object.fromEntries(own.map((name) => [name, '']));
}
