import type { Problem } from '../errors/scoreline-error.ts';
import type { HubSpot } from '../hubspot/types.ts';
import type { Model } from '../project/model-types.ts';
import type { Sync } from '../project/sync-types.ts';
import { checkScopes } from './check-account.ts';
import { checkPropertyLimit } from './check-property-limit.ts';
import { lookUpLists } from './find-lists.ts';
import { decideSchema } from './schema-changes.ts';

export interface CheckDestinationRequest {
  readonly hubspot: HubSpot;
  readonly sync: Sync;
  readonly models: readonly Model[];
  readonly signal?: AbortSignal;
}

/**
 * What HubSpot has that does not fit a sync: properties of other types, read-only ones, lists that cannot be filled.
 * @throws DESTINATION_FORBIDDEN where the token may not write what the sync does
 */
export async function checkDestination({
  hubspot,
  sync,
  models,
  signal,
}: CheckDestinationRequest): Promise<readonly Problem[]> {
  const propertyNames = sync.properties.map(({ name }) => name);
  const [properties, groups, lists] = await Promise.all([
    hubspot.schema.readProperties(sync.object, propertyNames, signal),
    hubspot.schema.readGroups(sync.object, signal),
    lookUpLists({ hubspot, sync, signal, remembered: new Map() }),
  ]);
  const schema = decideSchema({ sync, models, properties, groups, ownProperties: [] });
  const limits = await checkPropertyLimit({ hubspot, sync, properties, changes: schema.changes, signal });
  const { group, properties: made, options } = schema.changes;
  const writes = {
    rows: sync.properties.length > 0,
    schema: group !== null || made.length + options.length > 0,
    lists: sync.lists.length > 0,
  };
  await checkScopes({ hubspot, sync: sync.name, object: sync.object, writes, signal });
  return [...schema.problems, ...limits, ...lists.problems];
}
