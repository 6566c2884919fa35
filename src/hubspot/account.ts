import type { Account } from './types.ts';
import { accountShape } from './wire/answer-shapes.ts';
import { asText } from './wire/json-fields.ts';
import type { Transport } from './wire/transport.ts';

/** Asks whose token it is. The generated APIs do not have this call. */
export async function readAccount(transport: Transport, signal?: AbortSignal): Promise<Account> {
  const call = {
    method: 'GET',
    path: '/account-info/v3/details',
    effect: 'read',
    shape: accountShape,
    signal,
  } as const;
  const { json } = await transport.send(call);
  return {
    portalId: Number(json.portalId),
    accountType: asText(json.accountType) ?? 'unknown',
    timeZone: asText(json.timeZone) ?? 'UTC',
    uiDomain: asText(json.uiDomain) ?? '',
  };
}
