import type { Problem } from '../errors/scoreline-error.ts';
import type { HubSpot } from '../hubspot/types.ts';
import type { Sync } from '../project/types.ts';
import type { SchemaChanges } from './plan-types.ts';

export interface PropertyLimitRequest {
  readonly hubspot: HubSpot;
  readonly sync: Sync;
  readonly changes: SchemaChanges;
  readonly signal?: AbortSignal;
}

/** Whether the account takes the properties that a sync is about to make; asks HubSpot only if there are any. */
export async function checkPropertyLimit(request: PropertyLimitRequest): Promise<readonly Problem[]> {
  const { hubspot, sync, changes, signal } = request;
  const wanted = changes.properties.length;
  if (wanted === 0) return [];
  const left = await hubspot.schema.readPropertiesLeft(sync.object, signal);
  if (left === undefined || wanted <= left) return [];
  const { line, column } = sync.file.locate(['properties']);
  const names = changes.properties.map(({ name }) => name).join(', ');
  return [
    {
      code: 'SYNC_INVALID',
      file: sync.file.path,
      line,
      column,
      value: String(wanted),
      message: `HubSpot takes ${left} more custom properties of ${sync.object}, and the sync makes ${wanted}: ${names}`,
      hint: 'Delete custom properties that nobody uses, or write fewer.',
    },
  ];
}
