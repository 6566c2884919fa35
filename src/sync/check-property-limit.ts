import type { Problem } from '../errors/scoreline-error.ts';
import type { HubSpot, Property } from '../hubspot/types.ts';
import type { Sync } from '../project/sync-types.ts';
import type { SchemaChanges } from './plan-types.ts';

export interface PropertyLimitRequest {
  readonly hubspot: HubSpot;
  readonly sync: Sync;
  /** What HubSpot has. */
  readonly properties: readonly Property[];
  readonly changes: SchemaChanges;
  readonly signal?: AbortSignal;
}

/** HubSpot's limit for an object type, which it does not tell; checked 2026-11-22. */
const maxUniqueProperties = 10;

/** Whether the account takes the properties that a sync is about to make; asks HubSpot only if there are any. */
export async function checkPropertyLimit(request: PropertyLimitRequest): Promise<readonly Problem[]> {
  const { hubspot, sync, properties, changes, signal } = request;
  const wanted = changes.properties;
  if (wanted.length === 0) return [];
  const refuse = (refused: SchemaChanges['properties'], message: string, hint: string): Problem => {
    const { line, column } = sync.file.locate(['properties']);
    const names = refused.map(({ name }) => name).join(', ');
    const value = String(refused.length);
    return { code: 'SYNC_INVALID', file: sync.file.path, line, column, value, message: `${message}: ${names}`, hint };
  };
  const problems: Problem[] = [];
  const left = await hubspot.schema.readPropertiesLeft(sync.object, signal);
  if (left !== undefined && wanted.length > left) {
    const message = `HubSpot takes ${left} more custom properties of ${sync.object}, and the sync makes ${wanted.length}`;
    problems.push(refuse(wanted, message, 'Delete custom properties that nobody uses, or write fewer.'));
  }
  const unique = wanted.filter(({ hasUniqueValue }) => hasUniqueValue === true);
  const taken = properties.filter(({ hasUniqueValue, hubspotDefined }) => hasUniqueValue && hubspotDefined !== true);
  if (unique.length > 0 && unique.length + taken.length > maxUniqueProperties) {
    const message = `HubSpot takes ${maxUniqueProperties} properties with unique values of ${sync.object}, there are ${taken.length}, and the sync makes ${unique.length}`;
    const hint = `Delete one that nobody uses, or match by one of them: ${taken.map(({ name }) => name).join(', ')}.`;
    problems.push(refuse(unique, message, hint));
  }
  return problems;
}
