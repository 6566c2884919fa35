import { readableModel } from '../build/readable-model.ts';
import type { CompiledProject } from '../build/types.ts';
import type { HubSpot } from '../hubspot/types.ts';
import type { Model } from '../project/model-types.ts';
import { isScored } from '../project/scored-model.ts';
import type { Sync } from '../project/sync-types.ts';
import type { State } from '../state/state.ts';
import { planSync } from '../sync/plan-sync.ts';
import type { Plan } from '../sync/plan-types.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { readSyncModel } from './read-sync-model.ts';
import type { Workspace } from './workspace.ts';

export interface PlanOneRequest {
  readonly workspace: Workspace;
  readonly sync: Sync;
  readonly warehouse: Warehouse;
  readonly compiled: CompiledProject;
  readonly hubspot: HubSpot;
  readonly state: State;
  /** See `Plan.reads`. */
  readonly reads: readonly string[];
}

/** Plans one sync of models that are built: finds how its model and audiences are read, then compares. */
export async function planOne(request: PlanOneRequest): Promise<Plan> {
  const { workspace, sync, warehouse, compiled, hubspot, state, reads } = request;
  const { asOf, runId, now, report, signal } = workspace;
  const scored = await readSyncModel({ warehouse, compiled, sync, signal });
  const found = sync.models.flatMap((name) => compiled.models.get(name) ?? []);
  const models = found.map(({ model }) => model);
  const audiences = sync.lists.map(({ audience }) => {
    const {
      select: members,
      key: [memberKey = ''],
    } = readableModel(compiled, audience);
    return [audience, { select: members, key: memberKey }] as const;
  });
  return planSync({
    state,
    hubspot,
    sync,
    models,
    scored,
    audiences: new Map(audiences),
    modelBuild: runId,
    ...(models.every(isScored) && { modelVersion: found.map(({ modelVersion }) => modelVersion).join(' ') }),
    reads,
    personalColumns: personalColumns(reads.flatMap((name) => compiled.models.get(name)?.model ?? [])),
    asOf,
    runId,
    now,
    signal,
    onLookUp: (done) =>
      report({
        level: 'debug',
        event: 'records_looked_up',
        sync: sync.name,
        message: `${sync.name}: looked up ${done.toLocaleString('en-US')} records in HubSpot`,
        figures: { records: done },
        passing: true,
      }),
  });
}

/** A column that any of the models declares as personal data is taken for it wherever its name comes up. */
export function personalColumns(models: readonly Model[]): ReadonlySet<string> {
  const columns = models.flatMap((model) => model.columns);
  return new Set(columns.filter(({ pii }) => pii === true).map(({ name }) => name));
}
