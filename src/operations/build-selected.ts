import type { BuildEvent } from '../build/build-event.ts';
import { type BuildResult, buildModels } from '../build/build-models.ts';
import { selectModels } from '../build/select-models.ts';
import type { CompiledProject } from '../build/types.ts';
import { startBuild } from '../state/builds.ts';
import { openState } from '../state/open-state.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { compileTarget } from './compile-target.ts';
import type { LogEntry } from './report.ts';
import { withLeases } from './with-leases.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

/** The command `build`: builds and tests the selected models (dbt's selectors; none means all). */
export async function buildSelected(workspace: Workspace, selectors: readonly string[]): Promise<BuildResult> {
  const { target, runId, startedAt, signal } = workspace;
  const compiled = compileTarget(workspace);
  const models = selectModels(compiled.models, selectors);
  return withWarehouse(workspace, async (warehouse) => {
    const state = await openState(warehouse, { schema: target.schema, signal });
    return withLeases(workspace, state, ['build'], async (building) => {
      await startBuild(building, { runId, models: [...models], startedAt: startedAt.toISOString(), signal });
      return buildNamed(workspace, warehouse, compiled, models);
    });
  });
}

/** Builds and tests models, telling what goes on. */
export async function buildNamed(
  { report, signal }: Workspace,
  warehouse: Warehouse,
  compiled: CompiledProject,
  selected: ReadonlySet<string>,
): Promise<BuildResult> {
  return buildModels({
    compiled,
    warehouse,
    selected,
    signal,
    onEvent: (event) => {
      const entry = logEntryOf(event);
      if (entry) report(entry);
    },
  });
}

/** Failures pass too: the error that ends the build has all of them. */
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
      const { model, rows, seconds, tests } = event;
      const counted = rows === null ? '' : `, ${rows.toLocaleString('en-US')} row${rows === 1 ? '' : 's'}`;
      const tested = tests.length === 0 ? '' : `, ${tests.length} test${tests.length === 1 ? '' : 's'} passed`;
      return {
        level: 'info',
        event: event.kind,
        model,
        message: `built ${model}${counted}${tested} (${seconds.toFixed(2)} s)`,
        figures: { ...(rows !== null && { rows }), seconds: Number(seconds.toFixed(3)), tests: tests.length },
        passing: true,
      };
    }
    case 'test_failed':
      return {
        level: 'warn',
        event: event.kind,
        model: event.model,
        message: `${event.model}: ${event.message ?? event.test}`,
        passing: true,
      };
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
