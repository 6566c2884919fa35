import type { ObjectType } from '../account/object-type.ts';
import { emailProperty, uniqueKey } from '../account/unique-index.ts';
import { type ApiRequest, invalidJson, isJsonObject, type JsonObject, objectBody } from './api-request.ts';
import { propertyProblemsReply } from './property-problem.ts';
import { Refusal, validationError } from './reply.ts';

/** One input of a batch create, update or upsert. */
export interface WriteInput {
  /** Absent in a create. */
  readonly id?: string;
  readonly idProperty?: string;
  readonly traceId?: string;
  readonly properties: JsonObject;
}

const maxInputs = 100;

/**
 * Rules 4 and 5. A body without `inputs` is no error: HubSpot answers that it is done, and has done nothing.
 * @throws Refusal 400
 */
export function readInputs(request: ApiRequest, max = maxInputs): readonly JsonObject[] {
  const inputs = objectBody(request).inputs ?? [];
  if (!Array.isArray(inputs)) throw invalidJson('Cannot deserialize value of `inputs`: expected an array');
  if (inputs.length === 0 && !request.settings.switches.emptyInputsAccepted) {
    throw new Refusal(validationError('Some required fields were not set: [inputs]'));
  }
  if (inputs.length > max) {
    throw new Refusal(
      validationError(`The maximum number of inputs in one batch is ${max}, this one has ${inputs.length}`),
    );
  }
  return inputs.map((input) => {
    if (isJsonObject(input)) return input;
    throw invalidJson('Cannot deserialize value of `inputs`: expected objects');
  });
}

/** @throws Refusal 400 where a field has a type that HubSpot does not read */
export function readWriteInputs(request: ApiRequest, withId: boolean): readonly WriteInput[] {
  return readInputs(request).map((input) => {
    const { id, idProperty, objectWriteTraceId: traceId, properties = {}, associations } = input;
    // A number here is refused as in production, where destinations had to make text of their ids.
    if (withId && typeof id !== 'string') throw invalidJson('Cannot deserialize value of `id`: expected a string');
    if (!isOptionalText(idProperty)) throw invalidJson('Cannot deserialize value of `idProperty`: expected a string');
    if (!isOptionalText(traceId))
      throw invalidJson('Cannot deserialize value of `objectWriteTraceId`: expected a string');
    if (!isJsonObject(properties)) throw invalidJson('Cannot deserialize value of `properties`: expected an object');
    if (Array.isArray(associations) && associations.length > 0) {
      throw new Refusal(validationError('The sandbox keeps no associations: leave `associations` out'));
    }
    return {
      ...(withId && typeof id === 'string' && { id }),
      ...(idProperty != null && { idProperty }),
      ...(traceId != null && { traceId }),
      properties,
    };
  });
}

/** Rule 9: good rows are written beside bad ones only when every input has a trace id of its own. */
export function areTraced(inputs: readonly WriteInput[]): boolean {
  const ids = new Set(inputs.map((input) => input.traceId));
  return !ids.has(undefined) && ids.size === inputs.length;
}

/**
 * Rule 7.
 * @throws Refusal 400 for a property that cannot find a record
 */
export function checkIdProperty(request: ApiRequest, type: ObjectType, property: string): void {
  const definition = type.properties.get(property);
  if (definition === undefined) {
    const message = `Property "${property}" does not exist`;
    const problem = { property, code: 'PROPERTY_DOESNT_EXIST', message };
    throw new Refusal(propertyProblemsReply([problem], request.account.identity.portalId));
  }
  if (!definition.hasUniqueValue) throw nonUnique(type, property);
}

export function nonUnique(type: ObjectType, property: string): Refusal {
  const message = `Unable to perform update/upsert by non-unique ${type.names.id} property ${property}`;
  return new Refusal(validationError(message));
}

/**
 * Rule 6: one id twice refuses the whole batch, trace ids or not.
 * @throws Refusal 400
 */
export function refuseDuplicates(request: ApiRequest, inputs: readonly WriteInput[]): void {
  const { duplicateEmailsIgnoreCase } = request.settings.switches;
  refuseRepeated(
    inputs.map(({ id = '', idProperty = '' }) =>
      idProperty === emailProperty && duplicateEmailsIgnoreCase ? uniqueKey(emailProperty, id) : id,
    ),
  );
}

/** @throws Refusal 400 naming the ids that appear more than once */
export function refuseRepeated(ids: readonly string[]): void {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) repeated.add(id);
    seen.add(id);
  }
  if (repeated.size === 0) return;
  const message = `Duplicate IDs found in batch input: [${[...repeated].join(', ')}]. IDs must be unique`;
  throw new Refusal(validationError(message, { context: { ids: [...repeated] } }));
}

function isOptionalText(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string';
}
