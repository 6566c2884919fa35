import { type CrmRecord, storedValueAt } from '../account/crm-record.ts';
import type { ObjectType } from '../account/object-type.ts';
import { type ApiRequest, objectTypeOf } from './api-request.ts';
import { renderRead } from './render-record.ts';
import { type Reply, reply } from './reply.ts';
import { readSearchRequest, type SearchFilter, type SearchRequest } from './search-request.ts';

/** What search sees of a record: with an indexing delay it is older than the record itself. */
type View = (record: CrmRecord, property: string) => string | null;

/**
 * Rule 22. Archived records are never found. A group with an EQ or IN filter is answered from an index, all others by
 * looking at every record.
 */
export function search(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const wanted = readSearchRequest(request, type);
  const view = viewOf(request, type);
  const seenUntil = request.now - request.settings.searchDelayMs;
  const found: CrmRecord[] = [];
  for (const record of candidates(type, wanted)) {
    if (record.createdAt <= seenUntil && matches(record, wanted, type, view)) found.push(record);
  }
  sort(found, wanted, type, view);
  const end = wanted.offset + wanted.limit;
  const results = found.slice(wanted.offset, end).map((record) => renderRead(request, type, record, wanted.properties));
  const paging = end < found.length ? { paging: { next: { after: String(end) } } } : {};
  return reply(200, { total: found.length, results, ...paging });
}

function viewOf(request: ApiRequest, type: ObjectType): View {
  const { searchDelayMs } = request.settings;
  if (searchDelayMs === 0) return (record, property) => type.valueOf(record, property);
  const seenUntil = request.now - searchDelayMs;
  const stored = new Set(
    [...type.properties.values()].filter((property) => !property.readOnlyValue).map(({ name }) => name),
  );
  return (record, property) =>
    stored.has(property) ? storedValueAt(record, property, seenUntil) : type.valueOf(record, property);
}

function candidates(type: ObjectType, { groups }: SearchRequest): Iterable<CrmRecord> {
  const ids = new Set<string>();
  for (const filters of groups) {
    const exact = filters.find(isIndexed);
    if (exact === undefined) return type.records.page(undefined);
    for (const value of exact.operator === 'IN' ? exact.values : [exact.value]) {
      if (exact.property.name === 'hs_object_id') ids.add(value);
      else for (const id of type.records.candidates(exact.property.name, value)) ids.add(id);
    }
  }
  if (groups.length === 0) return type.records.page(undefined);
  return [...ids]
    .sort((a, b) => Number(a) - Number(b))
    .map((id) => type.records.get(id))
    .filter((record) => record !== undefined);
}

/** Numbers and dates can be written in several ways, and what HubSpot computes is not kept with the values. */
function isIndexed({ operator, property }: SearchFilter): boolean {
  if (operator !== 'EQ' && operator !== 'IN') return false;
  if (property.name === 'hs_object_id') return true;
  return !property.readOnlyValue && ['string', 'enumeration', 'phone_number', 'bool'].includes(property.type);
}

function matches(record: CrmRecord, { groups, query }: SearchRequest, type: ObjectType, view: View): boolean {
  if (query !== '') {
    const searched = type.names.defaultProperties.map((name) => view(record, name)?.toLowerCase() ?? '');
    if (!searched.some((text) => text.includes(query))) return false;
  }
  return (
    groups.length === 0 ||
    groups.some((filters) => filters.every((filter) => holds(filter, view(record, filter.property.name))))
  );
}

function holds(filter: SearchFilter, value: string | null): boolean {
  const { operator, property } = filter;
  if (value === null) return operator === 'NOT_HAS_PROPERTY' || operator === 'NEQ' || operator.startsWith('NOT_');
  switch (operator) {
    case 'EQ':
      return isSame(filter, value, filter.value);
    case 'NEQ':
      return !isSame(filter, value, filter.value);
    case 'IN':
      // Values of an IN on text must be given in lower case, or they find nothing.
      return filter.values.includes(property.type === 'enumeration' ? value : value.toLowerCase());
    case 'NOT_IN':
      return !filter.values.includes(property.type === 'enumeration' ? value : value.toLowerCase());
    case 'HAS_PROPERTY':
      return true;
    case 'NOT_HAS_PROPERTY':
      return false;
    case 'LT':
      return compare(filter, value, filter.value) < 0;
    case 'LTE':
      return compare(filter, value, filter.value) <= 0;
    case 'GT':
      return compare(filter, value, filter.value) > 0;
    case 'GTE':
      return compare(filter, value, filter.value) >= 0;
    case 'BETWEEN':
      return compare(filter, value, filter.value) >= 0 && compare(filter, value, filter.highValue) <= 0;
    case 'CONTAINS_TOKEN':
      return containsToken(value, filter.value);
    case 'NOT_CONTAINS_TOKEN':
      return !containsToken(value, filter.value);
    default: {
      const never: never = operator;
      throw new TypeError(`unknown operator ${String(never)}`);
    }
  }
}

function isSame(filter: SearchFilter, value: string, wanted: string): boolean {
  return filter.property.type === 'enumeration' ? value === wanted : compare(filter, value, wanted) === 0;
}

function compare({ property }: SearchFilter, value: string, bound: string): number {
  const [a, b] = [comparable(property.type, value), comparable(property.type, bound)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparable(type: string, text: string): number | string {
  if (type === 'number') return Number(text);
  if (type === 'date' || type === 'datetime') return /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  return text.toLowerCase();
}

/** A token is a run of letters and digits; `*` stands for any characters. */
function containsToken(value: string, wanted: string): boolean {
  const pattern = wanted.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*');
  const whole = new RegExp(`^${pattern}$`, 'iu');
  return whole.test(value) || value.split(/[^\p{L}\p{N}_]+/u).some((token) => whole.test(token));
}

/** Without a sort the oldest record comes first. */
function sort(found: CrmRecord[], wanted: SearchRequest, type: ObjectType, view: View): void {
  if (wanted.sort === undefined) return;
  const { property, descending } = wanted.sort;
  const kind = type.properties.get(property)?.type ?? 'string';
  const sign = descending ? -1 : 1;
  const keys = new Map(found.map((record) => [record, view(record, property)]));
  found.sort((a, b) => {
    const [left, right] = [keys.get(a) ?? null, keys.get(b) ?? null];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    const [x, y] = [comparable(kind, left), comparable(kind, right)];
    return x < y ? -sign : x > y ? sign : 0;
  });
}
