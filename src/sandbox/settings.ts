import * as z from 'zod';
import { ScorelineError } from '../errors/scoreline-error.ts';

const limit = z.int().min(0).nullable();

/** Requests that are let through; null is no limit. The defaults are a Professional account's. */
const limits = z.strictObject({
  burstPer10s: limit.default(190),
  perDay: limit.default(625_000),
  searchPerSecond: limit.default(5),
  /** Custom properties of one object type. */
  customProperties: z.int().min(0).default(1_000),
  /** Records of one standard object type, and of all custom ones together. */
  records: z.int().min(0).default(15_000_000),
  /** Properties with `hasUniqueValue` of one object type. */
  uniqueProperties: z.int().min(0).default(10),
});

/**
 * What nobody has established about HubSpot, each with the likelier behaviour as the default. The number is that of the
 * rule in README.md.
 */
const switches = z.strictObject({
  /** 5: false answers a missing or empty `inputs` with 400 instead of doing nothing. */
  emptyInputsAccepted: z.boolean().default(true),
  /** 6: the primary and the secondary address of one contact in one batch count as duplicates; false: the last wins. */
  sameRecordTwiceRefused: z.boolean().default(true),
  /** 6: duplicate e-mail addresses are found without regard to case. */
  duplicateEmailsIgnoreCase: z.boolean().default(true),
  /** 7: batch update by `idProperty: email` is refused, as a user reported against the documentation. */
  updateByEmailRefused: z.boolean().default(true),
  /** 8, 9: batch update writes its good rows when every input has a trace id. */
  tracedUpdateIsPartial: z.boolean().default(true),
  /** 10: a batch with trace ids that went well is answered with 207 and `errors: []`. */
  tracedSuccessIs207: z.boolean().default(false),
  /** 11: ids that an update does not find are left out without an error. */
  unknownIdsUnmentioned: z.boolean().default(false),
  /** 14: an upsert whose values clash with another record's is answered with 409 for the whole batch, traced or not. */
  upsertConflictRefusesBatch: z.boolean().default(true),
  /** 15: an upsert by e-mail blanks the writable custom properties that it does not name. */
  emailUpsertBlanksRest: z.boolean().default(false),
  /** 16: results come in another order than the inputs. */
  resultsShuffled: z.boolean().default(true),
  /** 16: results carry the inputs' objectWriteTraceId. */
  traceIdsEchoed: z.boolean().default(true),
  /** 17: the code of a value that is no number. */
  badNumberCode: z.enum(['INVALID_INTEGER', 'INVALID_LONG', 'INVALID_NUMBER']).default('INVALID_INTEGER'),
  /** 17: numbers may be written as 1e3. */
  exponentsAccepted: z.boolean().default(false),
  /** 17: null in `properties` clears, as '' does; false refuses it. */
  nullClears: z.boolean().default(false),
  /** 21, 22: every 429 names seconds in Retry-After; null leaves the header out. */
  retryAfterSeconds: z.int().min(0).nullable().default(null),
  /** 21: requests answered with 429 count in the rolling window too. */
  refusedRequestsCount: z.boolean().default(false),
  /** 25: membership replies carry `recordIdsAdded` beside `recordsIdsAdded`. */
  listReplySpelledTwice: z.boolean().default(false),
  /** 27: values keep their history. */
  historyKept: z.boolean().default(true),
  /** 29: replies carry fields that no model of the client knows. */
  extraFields: z.boolean().default(true),
});

/** Rule 3: writes that lack a property are refused on 2026-09 paths, or on all. */
const requiredProperty = z.strictObject({
  object: z.string(),
  property: z.string(),
  /** Absent: required when a record is made. Else: whenever this property is written with this value. */
  when: z.strictObject({ property: z.string(), value: z.string() }).optional(),
  paths: z.enum(['2026-09', 'all']).default('2026-09'),
});

const token = z.strictObject({
  token: z.string().min(1),
  /** Scopes granted; absent: all. */
  scopes: z.array(z.string()).optional(),
  /** A token that was taken back answers 401. */
  revoked: z.boolean().default(false),
});

const settingsSchema = z.strictObject({
  limits: limits.prefault({}),
  switches: switches.prefault({}),
  /** Before a request is worked on: a number, or [from, to] to draw from. */
  latencyMs: z.union([z.number().min(0), z.tuple([z.number().min(0), z.number().min(0)])]).default(0),
  /** 22: how long it takes until search sees a write. */
  searchDelayMs: z.int().min(0).max(30_000).default(0),
  /** 24: how long it takes until reads of definitions see a new property (0.4 to 0.7 s were measured once). */
  definitionDelayMs: z.int().min(0).default(0),
  requiredProperties: z.array(requiredProperty).default([]),
  /** Tokens accepted besides the account's own. */
  tokens: z.array(token).default([]),
  /** Seeds the order of results, latency and the faults' probabilities that have no seed of their own. */
  seed: z.int().default(1),
  log: z.strictObject({ size: z.int().min(0).default(10_000), bodies: z.boolean().default(false) }).prefault({}),
});

export type SandboxSettings = z.output<typeof settingsSchema>;
export type SandboxSettingsInput = z.input<typeof settingsSchema>;
export type SandboxSwitches = SandboxSettings['switches'];

/**
 * Fills in what is missing.
 * @param base settings to start from: objects are merged key by key, arrays replaced
 * @throws ScorelineError USAGE_INVALID naming each wrong key
 */
export function parseSettings(input: unknown, base: SandboxSettingsInput = {}): SandboxSettings {
  const parsed = settingsSchema.safeParse(merge(base, input ?? {}));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`);
  throw new ScorelineError('USAGE_INVALID', `The sandbox's settings are wrong. ${wrong.join('; ')}`, {
    hint: 'GET /_sandbox/settings shows every setting with its value.',
  });
}

function merge(base: unknown, over: unknown): unknown {
  if (!isPlainObject(base) || !isPlainObject(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = key in base ? merge(base[key], value) : value;
  return merged;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
