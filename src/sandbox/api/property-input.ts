import type { ObjectType } from '../account/object-type.ts';
import {
  fieldTypesOf,
  type PropertyDefinition,
  type PropertyOption,
  type PropertyType,
  propertyTypes,
} from '../account/property-definition.ts';
import { type ApiRequest, isJsonObject, type JsonObject, requiredText } from './api-request.ts';
import { Refusal, validationError } from './reply.ts';

const nameForm = /^[a-z][a-z0-9_]*$/;
/** What HubSpot takes is not established; longer names are certainly a mistake. */
const maxNameLength = 100;

/**
 * Reads the body that makes a property. One that was archived comes back with its first creation date.
 * @throws Refusal 400
 */
export function newProperty(request: ApiRequest, type: ObjectType, body: JsonObject): PropertyDefinition {
  const name = requiredText(body, 'name');
  if (!nameForm.test(name) || name.length > maxNameLength) {
    throw new Refusal(
      validationError(
        `Property name "${name}" is invalid: it must begin with a letter and hold only lower-case letters, digits and underscores`,
      ),
    );
  }
  const label = requiredText(body, 'label');
  const propertyType = readType(requiredText(body, 'type'));
  const fieldType = readFieldType(propertyType, requiredText(body, 'fieldType'));
  const groupName = readGroup(type, requiredText(body, 'groupName'));
  const hasUniqueValue = body.hasUniqueValue === true;
  const before = type.archivedProperties.get(name);
  return {
    name,
    label,
    description: textOr(body.description, ''),
    type: propertyType,
    fieldType,
    groupName,
    options: readOptions(propertyType, body.options),
    displayOrder: numberOr(body.displayOrder, -1),
    hasUniqueValue,
    hidden: body.hidden === true,
    formField: body.formField === true,
    hubspotDefined: false,
    calculated: fieldType === 'calculation_equation',
    readOnlyValue: fieldType === 'calculation_equation',
    createdAt: before?.createdAt ?? request.now,
    updatedAt: request.now,
  };
}

/** @throws Refusal 400 */
export function changedProperty(
  request: ApiRequest,
  type: ObjectType,
  before: PropertyDefinition,
  body: JsonObject,
): PropertyDefinition {
  const propertyType = body.type === undefined ? before.type : readType(requiredText(body, 'type'));
  if (before.hubspotDefined) {
    throw new Refusal(validationError(`Property "${before.name}" is defined by HubSpot and cannot be changed`));
  }
  return {
    ...before,
    type: propertyType,
    fieldType: readFieldType(
      propertyType,
      body.fieldType === undefined ? before.fieldType : requiredText(body, 'fieldType'),
    ),
    label: body.label === undefined ? before.label : requiredText(body, 'label'),
    description: textOr(body.description, before.description),
    groupName: body.groupName === undefined ? before.groupName : readGroup(type, requiredText(body, 'groupName')),
    options: body.options === undefined ? before.options : readOptions(propertyType, body.options),
    displayOrder: numberOr(body.displayOrder, before.displayOrder),
    hidden: typeof body.hidden === 'boolean' ? body.hidden : before.hidden,
    formField: typeof body.formField === 'boolean' ? body.formField : before.formField,
    updatedAt: request.now,
  };
}

/** @throws Refusal 400 if the account would have more properties than it may */
export function refuseTooMany(request: ApiRequest, type: ObjectType, made: readonly PropertyDefinition[]): void {
  const { customProperties, uniqueProperties } = request.settings.limits;
  const all = new Map([...type.properties, ...made.map((property) => [property.name, property] as const)]);
  const custom = [...all.values()].filter((property) => !property.hubspotDefined);
  if (custom.length > customProperties) {
    throw new Refusal(
      validationError(`The limit of ${customProperties} custom properties for ${type.names.name} is reached`),
    );
  }
  if (custom.filter((property) => property.hasUniqueValue).length > uniqueProperties) {
    throw new Refusal(
      validationError(`The limit of ${uniqueProperties} unique properties for ${type.names.name} is reached`),
    );
  }
}

function readType(text: string): PropertyType {
  const type = propertyTypes.find((known) => known === text);
  if (type !== undefined) return type;
  throw new Refusal(validationError(`Invalid property type ${text}: expected one of ${propertyTypes.join(', ')}`));
}

function readFieldType(type: PropertyType, fieldType: string): string {
  if (fieldTypesOf[type].includes(fieldType)) return fieldType;
  const expected = fieldTypesOf[type].join(', ');
  throw new Refusal(validationError(`Invalid fieldType ${fieldType} for type ${type}: expected one of ${expected}`));
}

function readGroup(type: ObjectType, groupName: string): string {
  if (type.groups.has(groupName)) return groupName;
  throw new Refusal(validationError(`Property group "${groupName}" does not exist`));
}

function readOptions(type: PropertyType, options: unknown): readonly PropertyOption[] {
  if (options === undefined || options === null) return [];
  if (!Array.isArray(options)) throw new Refusal(validationError('`options` is not an array'));
  const read = options.map((option, index): PropertyOption => {
    if (!isJsonObject(option)) throw new Refusal(validationError('An option is not an object'));
    return {
      label: requiredText(option, 'label'),
      value: requiredText(option, 'value'),
      ...(typeof option.description === 'string' && { description: option.description }),
      displayOrder: numberOr(option.displayOrder, index),
      hidden: option.hidden === true,
    };
  });
  if (read.length > 0 && type !== 'enumeration' && type !== 'bool') {
    throw new Refusal(validationError(`Properties of type ${type} have no options`));
  }
  for (const field of ['value', 'label'] as const) {
    const texts = read.map((option) => option[field]);
    const repeated = texts.find((text, index) => texts.indexOf(text) !== index);
    if (repeated !== undefined) throw new Refusal(validationError(`Two options have the ${field} "${repeated}"`));
  }
  return read;
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}
