import { sql } from 'kysely';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Sync } from '../project/sync-types.ts';
import type { Fragment } from '../sql/types.ts';
import { auditSync, planMending } from '../sync/audit-sync.ts';
import type { Audit } from '../sync/audit-types.ts';
import type { Plan, SyncResult } from '../sync/plan-types.ts';
import { presentRows } from '../sync/sync-model.ts';
import { readSyncedBefore } from '../sync/synced-before.ts';
import { applyOne } from './apply-one.ts';
import { compileTarget } from './compile-target.ts';
import { readBackRequest } from './read-back-request.ts';
import { readSyncModel } from './read-sync-model.ts';
import { selectOneSync } from './select-syncs.ts';
import { type RunScope, withRun } from './with-run.ts';
import type { Workspace } from './workspace.ts';

export interface AuditOutcome {
  readonly audit: Audit;
  /** What puts things back; null without drift, and where nothing was to be mended. */
  readonly plan: Plan | null;
  /** Null where the plan was not carried out. */
  readonly result: SyncResult | null;
}

export interface AuditOptions {
  /** Freezes a plan that puts things back. */
  readonly fix: boolean;
  /** Shows that plan and sends nothing. */
  readonly dryRun: boolean;
}

/**
 * The command `audit`: reads back what a sync wrote. Without `fix` it writes nothing but its own line in `runs`. Guards do
 * not judge what `fix` sends: it changes no value of the model, and somebody has asked for it.
 * @throws DESTINATION_PORTAL where the sync has written to other accounts than the token's, and never to this one
 */
export async function auditOne(workspace: Workspace, name: string, options: AuditOptions): Promise<AuditOutcome> {
  const sync = selectOneSync(workspace.project, name);
  const { report } = workspace;
  const request = { command: 'audit', syncs: [sync.name], supersede: options.fix && !options.dryRun };
  return withRun(workspace, request, async (scope) => {
    const wasSynced = await refuseOtherAccount(scope, sync.name);
    const excluded = wasSynced ? await readExcluded(scope, sync) : undefined;
    const reading = { ...(await readBackRequest(scope, sync)), excluded };
    const tell = ({ audit }: { readonly audit: Audit }) =>
      report({
        level: 'info',
        event: 'sync_audited',
        sync: sync.name,
        message: `${sync.name}: read back ${audit.audited.toLocaleString('en-US')} rows, ${audit.asExpected.toLocaleString('en-US')} of them as they were left`,
        figures: { audited: audit.audited, as_expected: audit.asExpected, ...audit.drift },
      });
    if (!options.fix) {
      const audit = await auditSync(reading);
      tell({ audit });
      return { audit, plan: null, result: null };
    }
    const found = await planMending(reading);
    tell(found);
    const result = found.plan === null || options.dryRun ? null : await applyOne(scope, found.plan);
    return { ...found, result };
  });
}

/** A SELECT of the keys that the sync's `exclude` says of the models as they were built last: their records are left alone. */
async function readExcluded({ workspace, state }: RunScope, sync: Sync): Promise<Fragment | undefined> {
  if (sync.exclude === undefined) return undefined;
  const { warehouse } = state;
  const compiled = compileTarget(workspace);
  const model = await readSyncModel({ warehouse, compiled, sync, signal: workspace.signal });
  return sql`select model_key from (${presentRows(warehouse.dialect, model)}) m where is_excluded = 1 and model_key is not null`;
}

/** An audit that reads nothing must not pass for one that found nothing. @returns whether the sync has written to the account */
async function refuseOtherAccount({ workspace, state, hubspot }: RunScope, sync: string): Promise<boolean> {
  const { signal } = workspace;
  const { portalId } = await hubspot.account(signal);
  const accounts = (await readSyncedBefore(state, signal)).filter((each) => each.sync === sync);
  if (accounts.length === 0) return false;
  if (accounts.some((each) => each.portalId === portalId)) return true;
  const others = accounts.map((each) => each.portalId);
  throw new ScorelineError(
    'DESTINATION_PORTAL',
    `${sync} has never written to HubSpot account ${portalId}, which the access token belongs to, but to ${others.join(', ')}`,
    {
      hint: `Use a target with a token of account ${others.join(' or ')}.`,
      details: { portal_id: portalId, wrote: others },
    },
  );
}
