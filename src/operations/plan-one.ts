import { readableModel } from '../build/readable-model.ts';
import type { CompiledProject } from '../build/types.ts';
import type { HubSpot } from '../hubspot/types.ts';
import type { Sync } from '../project/types.ts';
import type { State } from '../state/state.ts';
import { planSync } from '../sync/plan-sync.ts';
import type { Plan } from '../sync/plan-types.ts';
import type { Warehouse } from '../warehouse/port.ts';
import type { Workspace } from './workspace.ts';

export interface PlanOneRequest {
  readonly workspace: Workspace;
  readonly sync: Sync;
  readonly warehouse: Warehouse;
  readonly compiled: CompiledProject;
  readonly hubspot: HubSpot;
  readonly state: State;
}

/** Plans one sync of models that are built: finds how its model and audiences are read, then compares. */
export async function planOne({ workspace, sync, warehouse, compiled, hubspot, state }: PlanOneRequest): Promise<Plan> {
  const { asOf, runId, now, report, signal } = workspace;
  const { select, key } = readableModel(compiled, sync.model);
  const statement = warehouse.dialect.compile(select);
  const columns = await warehouse.describe(statement, { signal, purpose: `read the columns of ${sync.model}` });
  const model = compiled.models.get(sync.model)?.model;
  if (model === undefined) throw new RangeError(`There is no model ${sync.model}`);
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
    model,
    scored: { select, columns, key },
    audiences: new Map(audiences),
    modelBuild: runId,
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
