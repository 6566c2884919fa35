import type { ObjectType } from '../account/object-type.ts';
import { type PropertyValues, propertyValues } from '../account/property-values.ts';
import { uniqueKeys } from '../account/unique-index.ts';
import { isJsonObject, type JsonObject } from '../api/api-request.ts';
import { checkProperties } from '../api/check-properties.ts';
import type { SandboxCore } from '../sandbox-core.ts';
import { ControlError } from './control-error.ts';

const maxProblemsShown = 20;

/**
 * Puts records into the account as if they had always been there: not counted as writes, read-only properties allowed,
 * `createdate` as the date of creation. All of them or none.
 * @returns their ids in the order given
 * @throws ControlError naming the records that are wrong
 */
export function seedRecords(core: SandboxCore, type: ObjectType, records: readonly unknown[]): readonly string[] {
  const problems: string[] = [];
  const claims = new Set<string>();
  const checked = records.map((record, index) => {
    const properties = isJsonObject(record) && isJsonObject(record.properties) ? record.properties : undefined;
    if (properties === undefined) {
      problems.push(`records[${index}]: expected an object with \`properties\``);
      return propertyValues();
    }
    return checkSeed(core, type, properties, claims, (problem) => problems.push(`records[${index}].${problem}`));
  });
  if (problems.length > 0) {
    const more = problems.length - maxProblemsShown;
    const shown = problems.slice(0, maxProblemsShown).join('; ');
    throw new ControlError(400, more > 0 ? `${shown}; and ${more} more` : shown);
  }
  return checked.map((values) => insertSeed(core, type, values));
}

function checkSeed(
  core: SandboxCore,
  type: ObjectType,
  properties: JsonObject,
  claims: Set<string>,
  report: (problem: string) => void,
): PropertyValues {
  const given = Object.entries(properties).filter(([, value]) => value !== null && value !== '');
  const { values, problems } = checkProperties(type, undefined, Object.fromEntries(given), core.settings, true);
  for (const { property, message } of problems) report(`${property}: ${message}`);
  for (const name of type.uniqueProperties) {
    for (const key of uniqueKeys(name, values)) {
      const claim = `${name} ${key}`;
      if (type.records.findByUnique(name, key) !== undefined || claims.has(claim)) {
        report(`${name}: another record has the value ${key}`);
      }
      claims.add(claim);
    }
  }
  return values;
}

function insertSeed(core: SandboxCore, type: ObjectType, values: PropertyValues): string {
  const at = values.createdate === undefined ? core.now() : Date.parse(values.createdate);
  // HubSpot works these out itself.
  for (const computed of ['createdate', 'hs_object_id', type.names.modifiedProperty]) delete values[computed];
  const id = type.records.nextId();
  const writes = [{ at, source: 'SEED' as const, values: propertyValues(values) }];
  core.account.apply({ kind: 'record', object: type.names.id, record: { id, createdAt: at, updatedAt: at, writes } });
  return id;
}
