import type { PropertyDefinition } from '../account/property-definition.ts';
import { emailProperty, secondaryEmailsProperty } from '../account/unique-index.ts';
import type { SandboxSwitches } from '../settings.ts';

export type NormalisedValue =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** HubSpot's limit for single and multi-line text. */
const maxTextLength = 65_536;

const plainNumber = /^[+-]?(\d+\.?\d*|\.\d+)$/;
const exponentNumber = /^[+-]?(\d+\.?\d*|\.\d+)[eE][+-]?\d+$/;
const isoDate = /^\d{4}-\d{2}-\d{2}$/;
const isoInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;
const epochMs = /^-?\d{1,15}$/;
const email =
  /^[^\s@"(),:;<>[\]\\.]+(\.[^\s@"(),:;<>[\]\\.]+)*@([\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,}$/u;

/**
 * Checks a value against its property's type and gives it the form in which it is stored and echoed.
 * @param value not empty: the empty text clears and needs no check
 */
export function normaliseValue(
  property: PropertyDefinition,
  value: string,
  switches: SandboxSwitches,
): NormalisedValue {
  switch (property.type) {
    case 'number':
      if (plainNumber.test(value.trim())) return accepted(value.trim());
      if (switches.exponentsAccepted && exponentNumber.test(value.trim())) return accepted(value.trim());
      return refused(switches.badNumberCode, `${value} was not a valid number`);
    case 'enumeration':
      return normaliseChoice(property, value);
    case 'bool':
      if (value === 'true' || value === 'false') return accepted(value);
      return refused('INVALID_OPTION', `${value} was not one of the allowed options: [true, false]`);
    case 'date':
      return normaliseDate(value);
    case 'datetime':
      return normaliseInstant(value);
    case 'string':
    case 'phone_number':
      return normaliseText(property, value);
    default: {
      const never: never = property.type;
      throw new TypeError(`unknown property type ${String(never)}`);
    }
  }
}

function normaliseText(property: PropertyDefinition, value: string): NormalisedValue {
  if (property.name === emailProperty && property.hubspotDefined) return normaliseEmail(value);
  if (property.name === secondaryEmailsProperty && property.hubspotDefined) return accepted(value.toLowerCase());
  if (property.name === 'domain' && property.hubspotDefined) return accepted(value.trim().toLowerCase());
  if (value.length <= maxTextLength) return accepted(value);
  return refused(
    'INVALID_LENGTH',
    `The value is ${value.length} characters long; at most ${maxTextLength} are allowed`,
  );
}

function normaliseEmail(value: string): NormalisedValue {
  const address = value.trim().toLowerCase();
  const at = address.indexOf('@');
  if (at <= 64 && address.length <= 254 && email.test(address)) return accepted(address);
  return refused('INVALID_EMAIL', `Email address ${value} is invalid`);
}

function normaliseChoice(property: PropertyDefinition, value: string): NormalisedValue {
  const allowed = new Set(property.options.map((option) => option.value));
  // Several checkboxes are written as `a;b`.
  const chosen = property.fieldType === 'checkbox' ? value.split(';').filter((part) => part !== '') : [value];
  const bad = chosen.find((part) => !allowed.has(part));
  if (bad === undefined) return accepted(chosen.join(';'));
  return refused('INVALID_OPTION', `${bad} was not one of the allowed options: [${[...allowed].join(', ')}]`);
}

function normaliseDate(value: string): NormalisedValue {
  if (isoDate.test(value) && !Number.isNaN(Date.parse(value))) {
    // 2026-02-30 parses as 2 March.
    if (new Date(value).toISOString().startsWith(value)) return accepted(value);
  } else if (epochMs.test(value)) {
    const date = new Date(Number(value));
    if (date.getTime() % 86_400_000 === 0) return accepted(date.toISOString().slice(0, 10));
    return refused('INVALID_DATE', `${value} is at ${date.toISOString()}, not midnight UTC.`);
  }
  return refused('INVALID_DATE', `${value} was not a valid date.`);
}

function normaliseInstant(value: string): NormalisedValue {
  const atMs = epochMs.test(value)
    ? Number(value)
    : isoInstant.test(value) || isoDate.test(value)
      ? Date.parse(value)
      : Number.NaN;
  if (Number.isNaN(atMs)) return refused('INVALID_LONG', `${value} was not a valid long.`);
  return accepted(new Date(atMs).toISOString().replace('.000Z', 'Z'));
}

function accepted(value: string): NormalisedValue {
  return { ok: true, value };
}

function refused(code: string, message: string): NormalisedValue {
  return { ok: false, code, message };
}
