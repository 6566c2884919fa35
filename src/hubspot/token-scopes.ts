import { asObject, asTexts } from './wire/json-fields.ts';
import type { Transport } from './wire/transport.ts';
import { isNotTold } from './wire/wire-error.ts';

/**
 * Asks what the token may do. The generated APIs do not have this call; it takes the token in its body, needs no scope
 * itself, and is known to work for the tokens of private apps.
 * @returns undefined where HubSpot does not tell, as for a token of another kind
 */
export async function readScopes(
  transport: Transport,
  token: string,
  signal?: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const call = {
    method: 'POST',
    path: '/oauth/v2/private-apps/get/access-token-info',
    body: JSON.stringify({ tokenKey: token }),
    effect: 'read',
    shape: asObject,
    signal,
  } as const;
  try {
    const { json } = await transport.send(call);
    return Array.isArray(json.scopes) ? new Set(asTexts(json.scopes)) : undefined;
  } catch (error) {
    if (isNotTold(error)) return undefined;
    throw error;
  }
}
