import { z } from 'zod';
import type { Duration, ParamReference } from './setting-types.ts';

/*
 * The smallest parts of the three file formats. Their messages begin with `expected`, because `validate` writes what was
 * found in front of them; none repeats the value, which may come from the environment.
 */

/** A description and examples that editors show. */
export function explained<T extends z.ZodType>(schema: T, description: string, ...examples: readonly unknown[]): T {
  return schema.meta(examples.length === 0 ? { description } : { description, examples: [...examples] });
}

/** Text that says something. */
export function text(what = 'text') {
  const error = `expected ${what}`;
  return z.string({ error }).regex(/\S/, { error: `${error} that is not empty` });
}

export const nameError = 'expected a name of at most 50 lower-case letters, digits and _ that starts with a letter';

/**
 * A name that becomes a table, a column or a HubSpot property. PostgreSQL cuts identifiers at 63 bytes, and Scoreline
 * puts words like `points__` in front of names: 50 leaves room.
 */
export const namePattern = /^[a-z][a-z0-9_]{0,49}$/;
export const name = z.string({ error: nameError }).regex(namePattern, { error: nameError });

const propertyNameError =
  'expected the name of a HubSpot property: lower-case letters, digits and _, the first a letter';

/** How long it may be, HubSpot does not document: it says so itself when a property is made. */
export const propertyName = z
  .string({ error: propertyNameError })
  .regex(/^[a-z][a-z0-9_]*$/, { error: propertyNameError });

export const columnName = text('the name of a column');

export const sql = text('SQL as text (quote it)');

export const relation = text(`a relation such as "{{ ref('leads') }}"`);

const paramPattern = /^\{\{-?\s*param\(\s*(?:'([^'"]+)'|"([^'"]+)")\s*\)\s*-?\}\}$/;

/** `"{{ param('half_life') }}"` and nothing else. */
export const paramReference = z
  .string()
  .regex(paramPattern)
  .transform((written): ParamReference => {
    const [, single, double] = paramPattern.exec(written) ?? [];
    return { param: single ?? double ?? '' };
  });

const orParam = `or "{{ param('name') }}"`;

export const numberSetting = z.union([z.number(), paramReference], { error: `expected a number ${orParam}` });

const positiveError = `expected a number above 0 ${orParam}`;
export const positiveSetting = z.union([positiveNumber(positiveError), paramReference], { error: positiveError });

const countError = `expected a whole number of at least 1 ${orParam}`;
export const countSetting = z.union([wholeNumber(1, undefined, countError), paramReference], { error: countError });

export const durationPattern = /^([1-9]\d{0,5})([mhdw])$/;
const durationUnits = { m: 'minute', h: 'hour', d: 'day', w: 'week' } as const;
const durationExpected = 'expected a duration such as 14d: a whole number above 0 and m, h, d or w, without a space';

/** @returns null for what is no duration */
export function parseDuration(written: string): Duration | null {
  const [, amount, unit] = durationPattern.exec(written) ?? [];
  if (amount === undefined || !isDurationUnit(unit)) return null;
  return { amount: Number(amount), unit: durationUnits[unit] };
}

function isDurationUnit(unit: string | undefined): unit is keyof typeof durationUnits {
  return unit !== undefined && unit in durationUnits;
}

const duration = z
  .string()
  .regex(durationPattern)
  .transform((written): Duration => parseDuration(written) ?? z.NEVER);

export const durationSetting = z.union([duration, paramReference], { error: `${durationExpected}, ${orParam}` });

// In a union, zod reports a limit in its own words unless the limit has ours: so each check repeats the error.

export function positiveNumber(error: string) {
  return z.number({ error }).positive({ error });
}

export function wholeNumber(min: number, max: number | undefined, error: string) {
  const atLeast = z.int({ error }).min(min, { error });
  return max === undefined ? atLeast : atLeast.max(max, { error });
}

const percent = (pattern: RegExp) =>
  z
    .string()
    .regex(pattern)
    .transform((written) => Number.parseFloat(written) / 100);

const shareError = 'expected a share of at most 100%, such as 20% or 0.2';

/** A share as 0 to 1, written `20%` or `0.2`. */
export const share = z.union(
  [
    z.number({ error: shareError }).min(0, { error: shareError }).max(1, { error: shareError }),
    percent(/^(100|\d{1,2}(\.\d+)?)%$/),
  ],
  { error: shareError },
);

const lossError = `expected a share above 0 and of at most 100%, such as 50%, ${orParam}`;

/** A share that is not nothing. */
export const lossSetting = z.union(
  [
    z.number({ error: lossError }).positive({ error: lossError }).max(1, { error: lossError }),
    percent(/^(?!0+(\.0+)?%)(100|\d{1,2}(\.\d+)?)%$/),
    paramReference,
  ],
  { error: lossError },
);

/** A section that may be left empty, as it is when all of its entries are commented out. */
export function section<T extends z.ZodType>(entries: T) {
  return entries.nullish();
}

export function mapOf<T extends z.ZodType>(what: string, key: z.ZodString, value: T) {
  return z.record(key, value, { error: `expected a map of ${what}` });
}

export function listOf<T extends z.ZodType>(what: string, item: T) {
  return z.array(item, { error: `expected a list of ${what}` });
}

export const tags = section(listOf('words', text('a word')));
