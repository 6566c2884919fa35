import type { HubSpotListener } from '../hubspot-event.ts';
import type { HubSpotRecords, WriteOutcome, WriteRequest } from '../types.ts';
import type { Transport } from '../wire/transport.ts';
import { createRecords } from './create-records.ts';
import type { Outcomes } from './isolate-refused.ts';
import { ObjectCalls } from './object-calls.ts';
import { resolveRecords } from './resolve-records.ts';
import { updateRecords } from './update-records.ts';

/** Records over the wire: see the interface for what each method promises. */
export function hubSpotRecords(transport: Transport, onEvent: HubSpotListener): HubSpotRecords {
  const calls = new ObjectCalls(transport);

  async function send(request: WriteRequest, signal?: AbortSignal): Promise<Outcomes> {
    const scope = { calls, object: request.object, onEvent, signal };
    switch (request.kind) {
      case 'update':
        return updateRecords(scope, request.records);
      case 'create':
        return createRecords(scope, request.matchProperty, request.records);
      default:
        return request satisfies never;
    }
  }

  return {
    resolve: ({ object, ...request }, signal) => resolveRecords({ calls, object, signal }, request),
    async write(request, signal) {
      const outcomes = await send(request, signal);
      return request.records.map(({ traceId }): WriteOutcome => {
        return outcomes.get(traceId) ?? { kind: 'deferred', reason: 'not attempted' };
      });
    },
  };
}
