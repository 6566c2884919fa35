import type { CrmRecord } from '../account/crm-record.ts';
import type { ObjectType } from '../account/object-type.ts';
import { type PropertyValues, propertyValues } from '../account/property-values.ts';
import { emailProperty, uniqueKeys } from '../account/unique-index.ts';
import type { ApiRequest, JsonObject } from './api-request.ts';
import { changedValues, checkProperties } from './check-properties.ts';
import type { PropertyProblem } from './property-problem.ts';

/** What becomes of one write: refused for a reason, or ready to be done. Nothing is written before `commit`. */
export type WriteStep =
  | { readonly kind: 'problems'; readonly problems: readonly PropertyProblem[] }
  /** Another contact has the address; it is absent if another input of the same batch is about to have it. */
  | { readonly kind: 'conflict'; readonly existing: CrmRecord | undefined }
  | { readonly kind: 'unknown'; readonly id: string }
  | { readonly kind: 'ready'; readonly created: boolean; readonly written: readonly string[]; commit(): CrmRecord };

/** Unique values that earlier inputs of the batch will have once it is written: value by property. */
export type Claims = Map<string, string>;

/** Checks a new record's properties. */
export function stepToCreate(request: ApiRequest, type: ObjectType, properties: JsonObject, claims: Claims): WriteStep {
  const { values, problems } = checkProperties(type, undefined, properties, request.settings);
  const refused = refusal(request, type, undefined, values, problems, claims);
  if (refused !== undefined) return refused;
  return {
    kind: 'ready',
    created: true,
    written: Object.keys(properties),
    commit: () => {
      const id = type.records.nextId();
      const at = request.now;
      request.account.apply({
        kind: 'record',
        object: type.names.id,
        record: {
          id,
          createdAt: at,
          updatedAt: at,
          writes: [{ at, source: 'API', values: withoutEmpty(values) }],
          writeCount: 1,
          changeCount: 1,
        },
      });
      return committed(type, id);
    },
  };
}

/** Checks new values of a record that exists. */
export function stepToUpdate(
  request: ApiRequest,
  type: ObjectType,
  record: CrmRecord,
  properties: JsonObject,
  claims: Claims,
): WriteStep {
  const { values, problems } = checkProperties(type, record, properties, request.settings);
  const refused = refusal(request, type, record, values, problems, claims);
  if (refused !== undefined) return refused;
  return {
    kind: 'ready',
    created: false,
    written: Object.keys(properties),
    commit: () => {
      const write = { at: request.now, source: 'API' as const, values: changedValues(record, values) };
      request.account.apply({ kind: 'record_written', object: type.names.id, id: record.id, write });
      return record;
    },
  };
}

function refusal(
  request: ApiRequest,
  type: ObjectType,
  record: CrmRecord | undefined,
  values: PropertyValues,
  problems: readonly PropertyProblem[],
  claims: Claims,
): WriteStep | undefined {
  const all = [...problems, ...missingRequired(request, type, record, values)];
  const clashes: PropertyProblem[] = [];
  const claimed: string[] = [];
  for (const property of type.uniqueProperties) {
    for (const key of uniqueKeys(property, values)) {
      const existing = type.records.findByUnique(property, key);
      const claim = `${property} ${key}`;
      if ((existing === undefined || existing === record) && !claims.has(claim)) {
        claimed.push(claim);
        continue;
      }
      if (existing === record && claims.get(claim) === record?.id) continue;
      if (property === emailProperty) {
        return all.length > 0 ? { kind: 'problems', problems: all } : { kind: 'conflict', existing };
      }
      clashes.push(uniqueClash(property, key));
    }
  }
  if (all.length + clashes.length > 0) return { kind: 'problems', problems: [...all, ...clashes] };
  for (const claim of claimed) claims.set(claim, record?.id ?? '');
  return undefined;
}

function uniqueClash(property: string, value: string): PropertyProblem {
  const message = `Property "${property}" must be unique; another record has the value ${value}`;
  return { property, code: 'CONFLICTING_UNIQUE_VALUE', message };
}

/** Rule 3: what an administrator made required, on the paths where HubSpot enforces it. */
function missingRequired(
  request: ApiRequest,
  type: ObjectType,
  record: CrmRecord | undefined,
  values: PropertyValues,
): readonly PropertyProblem[] {
  const problems: PropertyProblem[] = [];
  for (const { object, property, when, paths } of request.settings.requiredProperties) {
    if (request.account.findType(object) !== type) continue;
    if (paths !== 'all' && request.version !== paths) continue;
    if (when === undefined ? record !== undefined : values[when.property] !== when.value) continue;
    if (values[property] ?? record?.values[property]) continue;
    const code = when === undefined ? 'MISSING_REQUIRED_PROPERTY' : 'MISSING_CONDITIONAL_REQUIRED_PROPERTY';
    problems.push({ property, code, message: `Property "${property}" is required` });
  }
  return problems;
}

function withoutEmpty(values: PropertyValues): PropertyValues {
  return propertyValues(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')));
}

function committed(type: ObjectType, id: string): CrmRecord {
  const record = type.records.get(id);
  if (record === undefined) throw new Error(`record ${id} was not stored`);
  return record;
}
