import type { BuildEvent } from '../build/build-event.ts';
import { type BuildResult, buildModels } from '../build/build-models.ts';
import { selectModels } from '../build/select-models.ts';
import { startBuild } from '../state/builds.ts';
import { openState } from '../state/open-state.ts';
import type { State } from '../state/state.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { refuseFuture } from './as-of.ts';
import { compileTarget } from './compile-target.ts';
import { type BuildPlace, placeBuild, type Scratch } from './place-build.ts';
import type { LogEntry } from './report.ts';
import { requireFresh } from './require-fresh.ts';
import { withLeases } from './with-leases.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

export interface BuildOutcome extends BuildResult {
  /** Set where the models were built beside the live ones, since those are newer. */
  readonly scratch: Scratch | null;
}

export interface BuildOptions {
  /** Whether cards with `incremental` are built from all events, whatever earlier builds kept. */
  readonly fullRefresh?: boolean;
}

/** The command `build`: builds and tests the selected models (dbt's selectors; none means all). */
export async function buildSelected(
  workspace: Workspace,
  selectors: readonly string[],
  options: BuildOptions = {},
): Promise<BuildOutcome> {
  const { target, signal } = workspace;
  refuseFuture(workspace);
  const compiled = compileTarget(workspace);
  const models = selectModels(compiled.models, selectors);
  return withWarehouse(workspace, async (warehouse) => {
    const state = await openState(warehouse, { schema: target.schema, signal });
    return withLeases(workspace, state, ['build'], async (building) => {
      const place = await placeBuild(workspace, warehouse, { compiled, models });
      return { ...(await buildInPlace(workspace, building, place, options)), scratch: place.scratch };
    });
  });
}

/**
 * Builds where `placeBuild` says, once the sources are fresh enough, and writes down a build of the live models.
 * @throws GUARD_STALE_SOURCE, and as `buildModels`
 */
export async function buildInPlace(
  workspace: Workspace,
  state: State,
  place: BuildPlace,
  options: BuildOptions = {},
): Promise<BuildResult> {
  const { runId, startedAt, signal, report } = workspace;
  const { scratch, models } = place;
  await requireFresh(workspace, state.warehouse, place);
  if (scratch === null) {
    await startBuild(state, { runId, models: [...models], startedAt: startedAt.toISOString(), signal });
  } else {
    const message = `the live scores are as of ${scratch.liveAsOf}: building as of ${scratch.asOf} in the schema ${scratch.schema}`;
    report({ level: 'info', event: 'build_in_scratch', message, figures: { schema: scratch.schema } });
  }
  return buildNamed(workspace, state.warehouse, place, options);
}

/** Builds and tests models, telling what goes on. */
export async function buildNamed(
  { report, runId, signal }: Workspace,
  warehouse: Warehouse,
  { compiled, models: selected, scratch }: BuildPlace,
  { fullRefresh = false }: BuildOptions = {},
): Promise<BuildResult> {
  return buildModels({
    compiled,
    warehouse,
    selected,
    runId,
    keepsHistory: scratch === null,
    // The past is read in full: what was kept is of now.
    dailySums: scratch !== null ? undefined : fullRefresh ? 'anew' : 'kept',
    signal,
    onEvent: (event) => {
      const entry = logEntryOf(event);
      if (entry) report(entry);
    },
  });
}

/** Failures pass too: the error that ends the build has all of them. Warnings stay, since nothing else tells them. */
function logEntryOf(event: BuildEvent): LogEntry | null {
  switch (event.kind) {
    case 'leftovers_dropped':
      return {
        level: 'info',
        event: event.kind,
        message: `dropped what an earlier build left behind: ${event.tables.join(', ')}`,
      };
    case 'model_started': {
      const { model, position, total } = event;
      return {
        level: 'debug',
        event: event.kind,
        model,
        message: `building ${model} (${position} of ${total})`,
        passing: true,
        progress: { done: position - 1, total },
      };
    }
    case 'model_built': {
      const { model, rows, bytesRead, seconds, tests } = event;
      const counted = rows === null ? '' : `, ${rows.toLocaleString('en-US')} row${rows === 1 ? '' : 's'}`;
      const passed = tests.filter((test) => test.passed).length;
      const tested = passed === 0 ? '' : `, ${passed} test${passed === 1 ? '' : 's'} passed`;
      return {
        level: 'info',
        event: event.kind,
        model,
        message: `built ${model}${counted}${tested} (${seconds.toFixed(2)} s)`,
        figures: {
          ...(rows !== null && { rows }),
          ...(bytesRead !== null && { bytes_read: bytesRead }),
          seconds: Number(seconds.toFixed(3)),
          tests: tests.length,
        },
        passing: true,
      };
    }
    case 'test_failed':
      return {
        level: 'warn',
        event: event.kind,
        model: event.model,
        message: `${event.model}: ${event.message ?? event.test}`,
        figures: { test: event.test, severity: event.severity, count: event.count },
        ...(event.severity === 'error' && { passing: true }),
      };
    case 'model_remark':
      return { level: 'warn', event: event.kind, model: event.model, message: `${event.model}: ${event.message}` };
    case 'model_refused':
      return { level: 'warn', event: event.kind, model: event.model, message: event.message, passing: true };
    case 'model_skipped': {
      const { kind, model, failed } = event;
      const message = `left out ${model}: it reads ${failed.join(', ')}`;
      return { level: 'warn', event: kind, model, message, passing: true };
    }
    default:
      return event satisfies never;
  }
}
