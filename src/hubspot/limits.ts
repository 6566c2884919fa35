import { objectTypeIdOf } from './object-type-id.ts';
import { asObject, asObjects, type JsonObject } from './wire/json-fields.ts';
import type { Transport } from './wire/transport.ts';
import { isNotTold } from './wire/wire-error.ts';

/**
 * Asks how many custom properties the account still takes for an object.
 * @returns undefined where HubSpot does not tell: for another object, or a token that may not ask
 */
export async function readPropertiesLeft(
  transport: Transport,
  object: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const limits = await readLimits(transport, 'custom-properties', signal);
  return roomIn(ofType(limits.byObjectType, object));
}

/** The same for records. Custom objects share one limit. */
export async function readRecordsLeft(
  transport: Transport,
  object: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const limits = await readLimits(transport, 'records', signal);
  const custom = asObject(limits.customObjectTypes) ?? {};
  const isCustom = ofType(custom.byObjectType, object) !== undefined;
  return isCustom
    ? roomIn({ limit: custom.overallLimit, usage: custom.overallUsage })
    : roomIn(ofType(limits.hubspotDefinedObjectTypes, object));
}

/** The generated APIs do not have these calls. @returns an empty object where HubSpot does not tell */
async function readLimits(transport: Transport, of: string, signal?: AbortSignal): Promise<JsonObject> {
  const call = { method: 'GET', path: `/crm/v3/limits/${of}`, effect: 'read', shape: asObject, signal } as const;
  try {
    return (await transport.send(call)).json;
  } catch (error) {
    if (isNotTold(error)) return {};
    throw error;
  }
}

function ofType(byObjectType: unknown, object: string): JsonObject | undefined {
  return asObjects(byObjectType).find(({ objectTypeId }) => objectTypeId === objectTypeIdOf(object));
}

function roomIn({ limit, usage }: JsonObject = {}): number | undefined {
  return typeof limit === 'number' && typeof usage === 'number' ? Math.max(0, limit - usage) : undefined;
}
