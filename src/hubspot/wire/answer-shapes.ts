import { asObject, asObjects, asText, asTextLists, asTexts, type JsonObject } from './json-fields.ts';

/**
 * The generated parsers trust what they get: a text where they expect a list is taken apart into letters, a missing list
 * breaks them. So every answer is put into its documented shape first. Of a batch, a result that cannot be is left out, and
 * whoever misses it treats it as not answered.
 * @returns undefined where the answer is not what was asked for
 */
export type AnswerShape = (json: unknown) => JsonObject | undefined;

export const batchShape: AnswerShape = (json) => {
  const body = asObject(json);
  if (body === undefined) return undefined;
  const errors = asObjects(body.errors).map(errorShape);
  return {
    status: 'COMPLETE',
    results: records(body.results),
    ...(errors.length > 0 && { errors, numErrors: errors.length }),
  };
};

export const searchShape: AnswerShape = (json) => {
  const body = asObject(json);
  // An empty list without a total is no proof that there is nothing.
  if (body === undefined || typeof body.total !== 'number') return undefined;
  const after = asText(asObject(asObject(body.paging)?.next)?.after);
  return {
    total: body.total,
    results: records(body.results),
    ...(after !== undefined && { paging: { next: { after } } }),
  };
};

export const propertyShape: AnswerShape = (json) => {
  const body = asObject(json);
  return body !== undefined && asText(body.name) !== undefined ? property(body) : undefined;
};

export const propertiesShape: AnswerShape = (json) => collection(json, property);

export const groupShape: AnswerShape = (json) => {
  const body = asObject(json);
  return body !== undefined && asText(body.name) !== undefined ? group(body) : undefined;
};

export const groupsShape: AnswerShape = (json) => collection(json, group);

export const listShape: AnswerShape = (json) => {
  const list = asObject(asObject(json)?.list);
  if (list === undefined || asText(list.listId) === undefined) return undefined;
  return {
    list: {
      listId: asText(list.listId),
      name: asText(list.name),
      objectTypeId: asText(list.objectTypeId),
      processingType: asText(list.processingType),
      deletedAt: asText(list.deletedAt),
    },
  };
};

/** HubSpot spells `recordsIdsAdded`, and may send `recordIdsAdded` beside it. An object that names nobody says nothing. */
export const membershipShape: AnswerShape = (json) => {
  const body = asObject(json);
  if (body === undefined) return undefined;
  const added = body.recordsIdsAdded ?? body.recordIdsAdded;
  const named = [added, body.recordIdsRemoved, body.recordIdsMissing];
  if (named.every((ids) => (ids ?? null) === null)) return undefined;
  return {
    recordIdsMissing: asTexts(body.recordIdsMissing),
    ...(Array.isArray(added) && { recordsIdsAdded: asTexts(added) }),
  };
};

/** A page of a list's members. */
export const memberPageShape: AnswerShape = (json) => {
  const body = asObject(json);
  if (body === undefined || !Array.isArray(body.results)) return undefined;
  const after = asText(asObject(asObject(body.paging)?.next)?.after);
  return {
    results: asObjects(body.results)
      .map(({ recordId }) => ({ recordId: asText(recordId) }))
      .filter(({ recordId }) => recordId !== undefined),
    ...(after !== undefined && { paging: { next: { after } } }),
  };
};

export const accountShape: AnswerShape = (json) => {
  const details = asObject(json);
  return details !== undefined && Number.isSafeInteger(details.portalId) ? details : undefined;
};

function records(results: unknown): JsonObject[] {
  return asObjects(results)
    .map((result) => ({
      id: asText(result.id),
      objectWriteTraceId: asText(result.objectWriteTraceId),
      new: result.new === true,
      properties: values(result.properties),
    }))
    .filter((record) => record.id !== undefined);
}

function values(properties: unknown): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(asObject(properties) ?? {}).map(([name, value]) => [name, asText(value) ?? null]),
  );
}

function errorShape(error: JsonObject): JsonObject {
  const errors = asObjects(error.errors).map((detail) => ({ ...detail, context: asTextLists(detail.context) }));
  return { ...error, context: asTextLists(error.context), errors, links: {} };
}

function collection(json: unknown, item: (definition: JsonObject) => JsonObject): JsonObject | undefined {
  const results = asObject(json)?.results;
  return Array.isArray(results) ? { results: asObjects(results).map(item) } : undefined;
}

function property(definition: JsonObject): JsonObject {
  const texts = ['name', 'label', 'description', 'type', 'fieldType', 'groupName'] as const;
  return {
    ...Object.fromEntries(texts.map((field) => [field, asText(definition[field]) ?? ''])),
    hasUniqueValue: definition.hasUniqueValue === true,
    hubspotDefined: definition.hubspotDefined === true,
    calculated: definition.calculated === true,
    archived: definition.archived === true,
    modificationMetadata: { readOnlyValue: asObject(definition.modificationMetadata)?.readOnlyValue === true },
    options: asObjects(definition.options).map((option) => ({
      value: asText(option.value) ?? '',
      label: asText(option.label) ?? '',
      description: asText(option.description),
      hidden: option.hidden === true,
    })),
  };
}

function group(definition: JsonObject): JsonObject {
  return { name: asText(definition.name) ?? '', label: asText(definition.label) ?? '' };
}
