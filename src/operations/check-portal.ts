import { ScorelineError } from '../errors/scoreline-error.ts';
import type { HubSpot } from '../hubspot/types.ts';
import type { Workspace } from './workspace.ts';

/** @throws DESTINATION_PORTAL where the target's `portal_id` names another account than the token's */
export async function checkPortal({ target, signal }: Workspace, hubspot: HubSpot): Promise<void> {
  const { portalId } = await hubspot.account(signal);
  const wanted = target.hubspot.kind === 'account' ? target.hubspot.portalId : undefined;
  if (wanted === undefined || wanted === portalId) return;
  throw new ScorelineError(
    'DESTINATION_PORTAL',
    `The access token belongs to HubSpot account ${portalId}; target ${target.name} wants ${wanted}`,
    { details: { portal_id: portalId, wanted } },
  );
}
