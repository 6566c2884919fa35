import type { ObjectType } from '../account/object-type.ts';
import type { PropertyDefinition } from '../account/property-definition.ts';
import { type ApiRequest, isJsonObject, objectBody, textList } from './api-request.ts';
import { errorReply, Refusal, validationError } from './reply.ts';

export const searchOperators = [
  'EQ',
  'NEQ',
  'LT',
  'LTE',
  'GT',
  'GTE',
  'BETWEEN',
  'IN',
  'NOT_IN',
  'HAS_PROPERTY',
  'NOT_HAS_PROPERTY',
  'CONTAINS_TOKEN',
  'NOT_CONTAINS_TOKEN',
] as const;
export type SearchOperator = (typeof searchOperators)[number];

export interface SearchFilter {
  readonly property: PropertyDefinition;
  readonly operator: SearchOperator;
  readonly value: string;
  readonly highValue: string;
  readonly values: readonly string[];
}

export interface SearchRequest {
  /** A record is found if all filters of one group hold. */
  readonly groups: readonly (readonly SearchFilter[])[];
  readonly query: string;
  readonly limit: number;
  readonly offset: number;
  readonly properties: readonly string[];
  readonly sort: { readonly property: string; readonly descending: boolean } | undefined;
}

const maxBodyLength = 3_000;
const maxGroups = 5;
const maxFiltersPerGroup = 6;
const maxFilters = 18;
const maxPage = 200;
const maxTotal = 10_000;

/**
 * Rule 22: HubSpot's limits of one search.
 * @throws Refusal 400
 */
export function readSearchRequest(request: ApiRequest, type: ObjectType): SearchRequest {
  if (request.bodyText.length > maxBodyLength)
    throw refused(`The request body is longer than ${maxBodyLength} characters`);
  const body = objectBody(request);
  const groups = readGroups(type, body.filterGroups);
  const limit = body.limit === undefined ? 10 : Number(body.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxPage)
    throw refused(`Invalid limit: expected 1 to ${maxPage}`);
  const offset = body.after === undefined || body.after === null ? 0 : Number(body.after);
  if (!Number.isInteger(offset) || offset < 0) throw refused(`Invalid after: ${String(body.after)}`);
  if (offset + limit > maxTotal) throw refused(`Paging goes no further than ${maxTotal} results`);
  return {
    groups,
    query: typeof body.query === 'string' ? body.query.toLowerCase() : '',
    limit,
    offset,
    properties: textList(body.properties, 'properties'),
    sort: readSort(type, body.sorts),
  };
}

function readGroups(type: ObjectType, value: unknown): readonly (readonly SearchFilter[])[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw refused('`filterGroups` is not an array');
  if (value.length > maxGroups) throw refused(`At most ${maxGroups} filterGroups are allowed`);
  const groups = value.map((group) => {
    const filters = isJsonObject(group) ? (group.filters ?? []) : undefined;
    if (!Array.isArray(filters)) throw refused('`filters` is not an array');
    if (filters.length > maxFiltersPerGroup)
      throw refused(`At most ${maxFiltersPerGroup} filters are allowed in a group`);
    return filters.map((filter) => readFilter(type, filter));
  });
  if (groups.flat().length > maxFilters) throw refused(`At most ${maxFilters} filters are allowed`);
  return groups;
}

function readFilter(type: ObjectType, filter: unknown): SearchFilter {
  if (!isJsonObject(filter)) throw refused('A filter is not an object');
  const property = type.properties.get(String(filter.propertyName));
  if (property === undefined) throw unknownProperty(String(filter.propertyName));
  const operator = searchOperators.find((known) => known === filter.operator);
  if (operator === undefined) throw refused(`Unknown operator ${String(filter.operator)}`);
  const values = textList(filter.values, 'values');
  if ((operator === 'IN' || operator === 'NOT_IN') && values.length === 0) throw refused(`${operator} needs values`);
  const needsValue = !['IN', 'NOT_IN', 'HAS_PROPERTY', 'NOT_HAS_PROPERTY'].includes(operator);
  if (needsValue && filter.value === undefined) throw refused(`${operator} needs a value`);
  if (operator === 'BETWEEN' && filter.highValue === undefined) throw refused('BETWEEN needs a highValue');
  return { property, operator, values, value: String(filter.value ?? ''), highValue: String(filter.highValue ?? '') };
}

function readSort(type: ObjectType, sorts: unknown): SearchRequest['sort'] {
  if (sorts === undefined || sorts === null) return undefined;
  if (!Array.isArray(sorts) || sorts.length > 1) throw refused('At most one sort is allowed');
  const [sort] = sorts;
  if (sort === undefined) return undefined;
  const text = isJsonObject(sort) ? String(sort.propertyName) : String(sort);
  const property = text.replace(/^-/, '');
  if (!type.properties.has(property)) throw unknownProperty(property);
  return { property, descending: isJsonObject(sort) ? sort.direction === 'DESCENDING' : text.startsWith('-') };
}

function unknownProperty(name: string): Refusal {
  const message = `Property "${name}" does not exist`;
  return new Refusal(
    errorReply(400, {
      message: 'There was a problem with the request.',
      category: 'VALIDATION_ERROR',
      errors: [{ message, code: 'PROPERTY_DOESNT_EXIST', context: { propertyName: [name] } }],
    }),
  );
}

function refused(message: string): Refusal {
  return new Refusal(validationError(message));
}
