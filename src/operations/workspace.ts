import { errorOfProblems } from '../errors/scoreline-error.ts';
import { systemClock } from '../hubspot/clock.ts';
import type { HubSpot } from '../hubspot/types.ts';
import { readProject } from '../project/load-project.ts';
import type { HubSpotSettings, Project, Target } from '../project/types.ts';
import type { WarehouseSettings } from '../project/warehouse-types.ts';
import type { AsOf } from '../sql/types.ts';
import { type MeteredWarehouse, meteredWarehouse, type Spending } from '../warehouse/metered-warehouse.ts';
import type { OpenOptions, Warehouse } from '../warehouse/port.ts';
import { parseAsOf } from './as-of.ts';
import { prefixProperties } from './prefix-properties.ts';
import { problemsInSql } from './problems-in-sql.ts';
import type { Report } from './report.ts';
import { waitWhileBusy } from './wait-while-busy.ts';

/** Opens the outside world; the command line hands in the real ones. */
export interface Adapters {
  openWarehouse(settings: WarehouseSettings, options: OpenOptions): Promise<Warehouse>;
  connectHubSpot(settings: HubSpotSettings, report: Report): Promise<HubSpot>;
}

export interface WorkspaceRequest {
  /** Absolute. */
  readonly projectDir: string;
  readonly target?: string;
  readonly asOf?: string;
  /** `--param` as typed: name → text. */
  readonly params: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly startedAt: Date;
  now(): Date;
  readonly runId: string;
  readonly adapters: Adapters;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** How long to wait for another run that holds what this one needs; absent: not at all. */
  readonly waitMs?: number;
  /** Told what the warehouse did, whenever it is closed. */
  readonly onSpent?: (spending: Spending) => void;
}

/** A project read and validated, with everything an operation needs besides its own arguments. */
export interface Workspace extends Omit<WorkspaceRequest, 'target' | 'asOf'> {
  readonly project: Project;
  readonly target: Target;
  readonly asOf: AsOf;
}

/** @throws one error with all problems of all files, CONFIG_*, MODEL_*, SYNC_*; USAGE_INVALID for an unreadable `--as-of` */
export async function openWorkspace(request: WorkspaceRequest): Promise<Workspace> {
  const { env, params, projectDir } = request;
  const read = readProject({ projectDir, env, targetName: request.target });
  const { project } = read;
  const target = project?.targets.get(request.target ?? project.defaultTarget);
  if (project === null || target === undefined) throw errorOfProblems(read.problems);
  const asOf = parseAsOf(request.asOf, project.timezone, request.startedAt);
  if (read.problems.length > 0)
    throw errorOfProblems([...read.problems, ...problemsInSql({ read, project, target, asOf, params })]);
  return { ...request, project: prefixProperties(project, target.propertyPrefix), target, asOf };
}

/** Opens the target's warehouse for the time of `work` and closes it whatever happens. */
export async function withWarehouse<T>(
  workspace: Workspace,
  work: (warehouse: MeteredWarehouse) => Promise<T>,
): Promise<T> {
  const { adapters, target, project, runId, waitMs = 0, report, signal, onSpent } = workspace;
  const opened = await waitWhileBusy({ waitMs, clock: systemClock, report, signal }, () =>
    adapters.openWarehouse(target.warehouse, { timeZone: project.timezone, schema: target.schema, runId }),
  );
  const warehouse = meteredWarehouse(opened);
  try {
    return await work(warehouse);
  } finally {
    if (onSpent !== undefined) onSpent(await warehouse.spent());
    await warehouse.close();
  }
}

/** Connects to the target's HubSpot for the time of `work` and closes it whatever happens. */
export async function withHubSpot<T>(workspace: Workspace, work: (hubspot: HubSpot) => Promise<T>): Promise<T> {
  const hubspot = await workspace.adapters.connectHubSpot(workspace.target.hubspot, workspace.report);
  try {
    return await work(hubspot);
  } finally {
    await hubspot.close();
  }
}
