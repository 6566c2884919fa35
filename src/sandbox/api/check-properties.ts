import type { CrmRecord } from '../account/crm-record.ts';
import type { ObjectType } from '../account/object-type.ts';
import { type PropertyValues, propertyValues } from '../account/property-values.ts';
import type { SandboxSettings } from '../settings.ts';
import { normaliseValue } from './normalise-value.ts';
import type { PropertyProblem } from './property-problem.ts';

export interface CheckedProperties {
  /** As they will be stored; '' clears. */
  readonly values: PropertyValues;
  readonly problems: readonly PropertyProblem[];
}

/**
 * Rule 17: checks every property an input names, by its definition. Rule 18: a lifecycle stage that would go backward
 * is left out without an error.
 * @param record the record the input changes; absent where it makes one
 * @param seeding lets read-only properties through, which the sandbox's own endpoints may set
 */
export function checkProperties(
  type: ObjectType,
  record: CrmRecord | undefined,
  properties: Readonly<Record<string, unknown>>,
  settings: SandboxSettings,
  seeding = false,
): CheckedProperties {
  const { switches } = settings;
  const values = propertyValues();
  const problems: PropertyProblem[] = [];
  for (const [property, given] of Object.entries(properties)) {
    const definition = type.properties.get(property);
    if (definition === undefined) {
      const message = `Property "${property}" does not exist`;
      problems.push({ property, code: 'PROPERTY_DOESNT_EXIST', message });
      continue;
    }
    if (definition.readOnlyValue && !seeding) {
      const message = `"${property}" is a read only property; its value cannot be set.`;
      problems.push({ property, code: 'READ_ONLY_VALUE', message });
      continue;
    }
    const value = textOf(given, switches.nullClears);
    if (value === undefined) {
      problems.push({ property, code: 'INVALID_VALUE', message: `${JSON.stringify(given)} is not a text value` });
    } else if (value === '') {
      values[property] = '';
    } else {
      const normalised = normaliseValue(definition, value, switches);
      if (normalised.ok) values[property] = normalised.value;
      else problems.push({ property, code: normalised.code, message: normalised.message });
    }
  }
  if (record !== undefined) keepLifecycleStage(type, record, values);
  return { values, problems };
}

/** @returns only the values that differ from the record's own */
export function changedValues(record: CrmRecord, values: PropertyValues): PropertyValues {
  const changed = propertyValues();
  for (const [name, value] of Object.entries(values)) {
    if ((record.values[name] ?? '') !== value) changed[name] = value;
  }
  return changed;
}

/** Numbers and booleans become text as HubSpot's parser does it; other types are no values. */
function textOf(given: unknown, nullClears: boolean): string | undefined {
  if (typeof given === 'string') return given;
  if (typeof given === 'number' || typeof given === 'boolean') return String(given);
  return given === null && nullClears ? '' : undefined;
}

function keepLifecycleStage(type: ObjectType, record: CrmRecord, values: PropertyValues): void {
  const before = record.values.lifecyclestage;
  const after = values.lifecyclestage;
  if (!before || !after) return;
  const stages = (type.properties.get('lifecyclestage')?.options ?? []).map((option) => option.value);
  if (stages.indexOf(after) < stages.indexOf(before)) delete values.lifecyclestage;
}
