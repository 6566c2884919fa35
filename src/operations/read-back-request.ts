import type { Sync } from '../project/sync-types.ts';
import type { AuditRequest } from '../sync/audit-request.ts';
import type { PlanWriterRequest } from '../sync/plan-writer.ts';
import { personalColumns } from './plan-one.ts';
import type { RunScope } from './with-run.ts';

/** What a sync's records are read back with, to be audited, mended or rolled back; tells how far it is. */
export async function readBackRequest(
  { workspace, state, hubspot }: RunScope,
  sync: Sync,
): Promise<PlanWriterRequest & Pick<AuditRequest, 'onProgress'>> {
  const { project, report, runId, asOf, now, signal } = workspace;
  return {
    state,
    hubspot,
    sync,
    account: await hubspot.account(signal),
    runId,
    asOf,
    now,
    signal,
    personalColumns: personalColumns([...project.models.values()]),
    onProgress: (rows) =>
      report({
        level: 'debug',
        event: 'rows_read_back',
        sync: sync.name,
        message: `${sync.name}: read back ${rows.toLocaleString('en-US')} rows`,
        figures: { rows },
      }),
  };
}
