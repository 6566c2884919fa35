import { asObject, asObjects, asText, asTextLists, type JsonObject, parseJson } from './json-fields.ts';

/** One refusal in HubSpot's words: the body of a 4xx, or one of the `errors` of a 207. Every field may be missing there. */
export interface Refusal {
  /** Of the whole answer; absent for an item of a 207. */
  readonly status?: number;
  readonly category: string;
  readonly subCategory?: string;
  /** Unpacked, and not masked yet. */
  readonly message: string;
  readonly property?: string;
  readonly correlationId?: string;
  readonly policyName?: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
  readonly missingScopes: readonly string[];
}

/**
 * Reads the body of an error answer, or an item of `errors`; of anything that is no object only the status is said.
 * @param answer what is known of the answer around it
 */
export function readRefusal(
  body: unknown,
  answer: { readonly status?: number; readonly correlationId?: string } = {},
): Refusal {
  const { status } = answer;
  const object = asObject(body) ?? {};
  const errors = asObjects(object.errors);
  const packed = unpackMessage(asText(object.message) ?? '');
  const first = errors[0] ?? {};
  const message = packed.message || asText(first.message) || 'no reason given';
  const category =
    asText(object.category) ?? asText(object.errorType) ?? (status === undefined ? 'UNKNOWN' : `HTTP_${status}`);
  return {
    status,
    category,
    subCategory: asText(object.subCategory),
    message,
    property: packed.property ?? asTextLists(first.context).propertyName?.[0],
    correlationId: asText(object.correlationId) ?? answer.correlationId,
    policyName: asText(object.policyName),
    context: { ...asTextLists(object.context), ...idOf(object) },
    missingScopes: [object, ...errors].flatMap(scopesOf),
  };
}

/** An item of a 207 may name its record beside the context. */
function idOf(object: JsonObject): { ids?: string[] } {
  const id = asText(object.id);
  return id === undefined ? {} : { ids: [id, ...(asTextLists(object.context).ids ?? [])] };
}

function scopesOf(error: JsonObject): string[] {
  const context = asTextLists(error.context);
  return [...(context.requiredGranularScopes ?? []), ...(context.requiredScopes ?? [])];
}

interface Packed {
  readonly message: string;
  readonly property?: string;
}

/** HubSpot packs the failures of properties as a JSON list behind `Property values were not valid: `. */
function unpackMessage(message: string): Packed {
  const start = message.indexOf('[{');
  const failures = start < 0 ? [] : asObjects(parseJson(message.slice(start)));
  if (failures.length === 0) return { message };
  return {
    message: failures.map(describeFailure).join('; '),
    property: asText(failures[0]?.name),
  };
}

function describeFailure(failure: JsonObject): string {
  const name = asText(failure.name);
  const code = asText(failure.error);
  const text = asText(failure.message) ?? 'not valid';
  return `${name === undefined ? '' : `${name}: `}${text}${code === undefined ? '' : ` (${code})`}`;
}
