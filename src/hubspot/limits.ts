import { objectTypeIdOf } from './lists.ts';
import { asObject, asObjects } from './wire/json-fields.ts';
import type { Transport } from './wire/transport.ts';
import { refusalIn } from './wire/wire-error.ts';

/**
 * Asks how many custom properties the account still takes for an object. The generated APIs do not have this call.
 * @returns undefined where HubSpot does not tell: for another object, or a token that may not ask
 */
export async function readPropertiesLeft(
  transport: Transport,
  object: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const call = {
    method: 'GET',
    path: '/crm/v3/limits/custom-properties',
    effect: 'read',
    shape: asObject,
    signal,
  } as const;
  try {
    const { json } = await transport.send(call);
    const limits = asObjects(json.byObjectType).find(({ objectTypeId }) => objectTypeId === objectTypeIdOf(object));
    const { limit, usage } = limits ?? {};
    return typeof limit === 'number' && typeof usage === 'number' ? Math.max(0, limit - usage) : undefined;
  } catch (error) {
    if (refusalIn(error) === undefined) throw error;
    return undefined;
  }
}
