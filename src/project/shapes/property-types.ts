import type { PropertyType } from '../sync-types.ts';

/** How a type is spelled in the files; HubSpot says `bool`. */
export const propertyTypes = {
  string: 'string',
  number: 'number',
  date: 'date',
  datetime: 'datetime',
  boolean: 'bool',
  enumeration: 'enumeration',
} as const satisfies Record<string, PropertyType>;

/** HubSpot's field types that go with each type, the default first (HubSpot's properties guide, checked 2026-11-22). */
export const fieldTypes: Readonly<Record<PropertyType, readonly [string, ...string[]]>> = {
  string: ['text', 'textarea', 'html', 'phonenumber', 'file'],
  number: ['number'],
  date: ['date'],
  datetime: ['date'],
  bool: ['booleancheckbox'],
  enumeration: ['select', 'radio', 'checkbox', 'booleancheckbox'],
};
