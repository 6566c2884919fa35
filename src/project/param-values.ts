import { isDate, parseInstant } from './instant.ts';
import type { ParamType, ParamValue } from './setting-types.ts';
import { parseDuration } from './settings.ts';

/** What each type takes, for messages. */
export const paramExpectations: Readonly<Record<ParamType, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date such as 2026-01-31',
  timestamp: 'a time such as 2026-01-31T08:00:00Z, or 2026-01-31 08:00 in the zone of the project',
  duration: 'a duration such as 14d',
  string_list: 'a list of texts',
};

/** @returns the value as parameters carry it (see `ParamValue`), or null where it does not fit the type */
export function readParamValue(type: ParamType, value: ParamValue, timeZone: string): ParamValue | null {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : null;
    case 'integer':
      return Number.isSafeInteger(value) ? value : null;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' && isDate(value) ? value : null;
    case 'timestamp':
      return typeof value === 'string' ? parseInstant(value, timeZone) : null;
    case 'duration':
      return typeof value === 'string' && parseDuration(value) !== null ? value : null;
    case 'string_list':
      return Array.isArray(value) ? value : null;
    default:
      return type satisfies never;
  }
}

/** Reads what the command line gives: always text; list items are separated by commas, and no text is no item. */
export function readParamText(type: ParamType, written: string, timeZone: string): ParamValue | null {
  return readParamValue(type, typedText(type, written), timeZone);
}

function typedText(type: ParamType, written: string): ParamValue {
  switch (type) {
    case 'integer':
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written) ? Number(written) : written;
    case 'boolean':
      return written === 'true' ? true : written === 'false' ? false : written;
    case 'string_list':
      return written === '' ? [] : written.split(',').map((item) => item.trim());
    default:
      return written;
  }
}

/** The type of a parameter that no model declares: what its value looks like. */
export function inferParamType(value: ParamValue): ParamType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  if (typeof value !== 'string') return 'string_list';
  if (parseDuration(value) !== null) return 'duration';
  if (isDate(value)) return 'date';
  return parseInstant(value, 'UTC') === null ? 'string' : 'timestamp';
}
