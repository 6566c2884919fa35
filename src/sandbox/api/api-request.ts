import type { Account } from '../account/account.ts';
import type { ObjectType } from '../account/object-type.ts';
import type { SandboxSettings } from '../settings.ts';
import { errorReply, notFound, Refusal, type Reply, validationError } from './reply.ts';

export type ApiVersion = 'v3' | '2026-03' | '2026-09';

/** What an endpoint is handed. */
export interface ApiRequest {
  readonly account: Account;
  readonly settings: SandboxSettings;
  readonly version: ApiVersion;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly bodyText: string;
  /** Parses the body, once. @throws SyntaxError */
  json(): unknown;
  /** Epoch milliseconds of this request; everything it writes carries it. */
  readonly now: number;
  /** Of all tokens today, by the account's time zone. */
  readonly usage: DailyUsage;
  /** @returns a whole number from 0 up to, not including, `bound` */
  random(bound: number): number;
}

export interface DailyUsage {
  readonly callsToday: number;
  /** @returns when the day ends, in epoch milliseconds */
  resetsAt(): number;
}

export type Handler = (request: ApiRequest) => Reply;

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws Refusal 400 for a body that is no JSON, without a category as HubSpot has it */
export function jsonBody(request: ApiRequest): unknown {
  try {
    return request.json();
  } catch (error) {
    throw invalidJson(error instanceof Error ? error.message : 'unreadable');
  }
}

/** @throws Refusal 400 for a body that is no JSON object */
export function objectBody(request: ApiRequest): JsonObject {
  const body = jsonBody(request);
  if (!isJsonObject(body)) throw invalidJson('Cannot deserialize value from another type than an object');
  return body;
}

export function invalidJson(what: string): Refusal {
  return new Refusal(errorReply(400, { message: `Invalid input JSON on line 1, column 1: ${what}` }));
}

/** @throws Refusal 400 for a name that is no object type */
export function objectTypeOf(request: ApiRequest, name = request.params.objectType ?? ''): ObjectType {
  const type = request.account.findType(name);
  if (type === undefined) throw new Refusal(errorReply(400, { message: `Unable to infer object type from: ${name}` }));
  return type;
}

/** @throws Refusal 400 unless the field is text that says something */
export function requiredText(body: JsonObject, field: string): string {
  const value = body[field];
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new Refusal(validationError(`Some required fields were not set: [${field}]`, { context: { fields: [field] } }));
}

/** @throws Refusal 400 unless the field is an array of text; absent is empty */
export function textList(value: unknown, field: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw invalidJson(`Cannot deserialize value of \`${field}\`: expected an array of strings`);
}

/** @throws Refusal 400 unless the parameter is a whole number in the range */
export function pageLimit(request: ApiRequest, fallback: number, max: number): number {
  const text = request.query.get('limit');
  if (text === null) return fallback;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw new Refusal(validationError(`Invalid limit ${text}: expected a whole number from 1 to ${max}`));
}

/** @throws Refusal 404 */
export function resourceNotFound(): Refusal {
  return new Refusal(notFound('resource not found'));
}
