import type { ObjectType } from '../account/object-type.ts';
import type { PropertyDefinition } from '../account/property-definition.ts';
import { type ApiRequest, objectBody, objectTypeOf } from './api-request.ts';
import { readInputs } from './batch-inputs.ts';
import { changedProperty, newProperty, refuseTooMany } from './property-input.ts';
import { errorReply, notFound, Refusal, type Reply, reply, validationError } from './reply.ts';
import { type BatchError, batchReply } from './run-batch.ts';

/** Rule 24. */
export function listProperties(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const archived = request.query.get('archived') === 'true';
  const all = [...(archived ? type.archivedProperties : type.properties).values()];
  return reply(200, { results: all.filter((property) => isVisible(request, property)).map(renderProperty) });
}

export function readProperty(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  return reply(200, renderProperty(named(request, type)));
}

export function createProperty(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const made = newProperty(request, type, objectBody(request));
  if (type.properties.has(made.name)) return nameExists(made.name);
  refuseTooMany(request, type, [made]);
  request.account.apply({ kind: 'property', object: type.names.id, property: made });
  const location = `/crm/v3/properties/${type.names.name}/${made.name}`;
  return { status: 201, body: renderProperty(made), headers: { Location: location } };
}

/** Fields left out stay; `options` replaces the whole list. */
export function updateProperty(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const property = changedProperty(request, type, named(request, type), objectBody(request));
  request.account.apply({ kind: 'property', object: type.names.id, property });
  return reply(200, renderProperty(property));
}

export function archiveProperty(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  archive(request, type, named(request, type));
  return { status: 204 };
}

export function batchCreateProperties(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const made = readInputs(request).map((input) => newProperty(request, type, input));
  refuseTooMany(request, type, made);
  const results: unknown[] = [];
  const errors: BatchError[] = [];
  for (const property of made) {
    if (type.properties.has(property.name)) {
      const message = nameExistsMessage(property.name);
      errors.push({ status: 'error', category: 'OBJECT_ALREADY_EXISTS', message, context: { name: [property.name] } });
      continue;
    }
    request.account.apply({ kind: 'property', object: type.names.id, property });
    results.push(renderProperty(property));
  }
  return batchReply(request, errors.length > 0 ? 207 : 201, results, errors.length > 0 ? errors : undefined);
}

export function batchReadProperties(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const from = objectBody(request).archived === true ? type.archivedProperties : type.properties;
  const results: unknown[] = [];
  const missing: string[] = [];
  for (const name of readNames(request)) {
    const property = from.get(name);
    if (property === undefined || !isVisible(request, property)) missing.push(name);
    else results.push(renderProperty(property));
  }
  if (missing.length === 0) return batchReply(request, 200, results);
  const message = 'Could not get some properties, they may be deleted or not exist.';
  return batchReply(request, 207, results, [
    { status: 'error', category: 'OBJECT_NOT_FOUND', message, context: { name: missing } },
  ]);
}

/** Unknown names are no error. */
export function batchArchiveProperties(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  for (const name of readNames(request)) {
    const property = type.properties.get(name);
    if (property !== undefined) archive(request, type, property);
  }
  return { status: 204 };
}

export function renderProperty(property: PropertyDefinition): Readonly<Record<string, unknown>> {
  const { createdAt, updatedAt, archivedAt, readOnlyValue, hubspotDefined, ...rest } = property;
  return {
    ...rest,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    externalOptions: false,
    dataSensitivity: 'non_sensitive',
    ...(hubspotDefined && { hubspotDefined }),
    // HubSpot leaves it out of the properties it defined itself.
    ...(!hubspotDefined && { archived: archivedAt !== undefined }),
    ...(archivedAt !== undefined && { archivedAt: new Date(archivedAt).toISOString() }),
    modificationMetadata: {
      archivable: !hubspotDefined,
      readOnlyDefinition: hubspotDefined,
      readOnlyValue,
      readOnlyOptions: hubspotDefined && property.options.length > 0,
    },
  };
}

function archive(request: ApiRequest, type: ObjectType, property: PropertyDefinition): void {
  if (property.hubspotDefined) {
    throw new Refusal(
      validationError(`Property "${property.name}" cannot be deleted`, {
        subCategory: 'PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE',
      }),
    );
  }
  const archived = { ...property, archivedAt: request.now };
  request.account.apply({ kind: 'property', object: type.names.id, property: archived });
}

function named(request: ApiRequest, type: ObjectType): PropertyDefinition {
  const name = request.params.propertyName ?? '';
  const archived = request.query.get('archived') === 'true';
  const property = (archived ? type.archivedProperties : type.properties).get(name);
  if (property !== undefined && isVisible(request, property)) return property;
  throw new Refusal(notFound(`Property with name "${name}" not found`));
}

/** Definitions may lag behind their creation when the account is set so. */
function isVisible(request: ApiRequest, property: PropertyDefinition): boolean {
  return property.hubspotDefined || property.createdAt + request.settings.definitionDelayMs <= request.now;
}

function nameExists(name: string): Reply {
  return errorReply(409, {
    message: nameExistsMessage(name),
    category: 'OBJECT_ALREADY_EXISTS',
    subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS',
  });
}

function nameExistsMessage(name: string): string {
  return `A property named '${name}' already exists.`;
}

function readNames(request: ApiRequest): readonly string[] {
  return readInputs(request).map(({ name }) => {
    if (typeof name === 'string') return name;
    throw new Refusal(validationError('Some required fields were not set: [name]'));
  });
}
