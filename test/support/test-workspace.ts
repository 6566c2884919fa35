import { adapters } from '../../src/cli/adapters.ts';
import { openWorkspace, type Workspace, type WorkspaceRequest } from '../../src/operations/workspace.ts';

/** A workspace as a command opens it, at noon of 1 February 2026 where nothing else is said: the clock stands still. */
export function testWorkspace(projectDir: string, more: Partial<WorkspaceRequest> = {}): Promise<Workspace> {
  const startedAt = more.startedAt ?? new Date('2026-02-01T12:00:00Z');
  return openWorkspace({
    projectDir,
    params: {},
    env: {},
    startedAt,
    now: () => startedAt,
    runId: 'run-1',
    adapters,
    report: () => {},
    signal: new AbortController().signal,
    ...more,
  });
}
