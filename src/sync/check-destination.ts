import type { Problem } from '../errors/scoreline-error.ts';
import type { HubSpot } from '../hubspot/types.ts';
import type { Model, Sync } from '../project/types.ts';
import { checkPropertyLimit } from './check-property-limit.ts';
import { lookUpLists } from './find-lists.ts';
import { decideSchema } from './schema-changes.ts';

export interface CheckDestinationRequest {
  readonly hubspot: HubSpot;
  readonly sync: Sync;
  readonly model: Model;
  readonly signal?: AbortSignal;
}

/** What HubSpot has that does not fit a sync: properties of other types, read-only ones, lists that cannot be filled. */
export async function checkDestination({
  hubspot,
  sync,
  model,
  signal,
}: CheckDestinationRequest): Promise<readonly Problem[]> {
  const [properties, groups, lists] = await Promise.all([
    hubspot.schema.readProperties(sync.object, signal),
    hubspot.schema.readGroups(sync.object, signal),
    lookUpLists({ hubspot, sync, signal, remembered: new Map() }),
  ]);
  const schema = decideSchema({ sync, model, properties, groups, ownProperties: [] });
  const limits = await checkPropertyLimit({ hubspot, sync, changes: schema.changes, signal });
  return [...schema.problems, ...limits, ...lists.problems];
}
