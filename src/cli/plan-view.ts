import type { Workspace } from '../operations/workspace.ts';
import type { Io } from './io.ts';
import { painterFor } from './render/painter.ts';
import type { PlanView } from './render/render-plan.ts';

/** How plans of a project are shown on stdout. */
export function planView({ project, target }: Workspace, { stdout, env }: Io): PlanView {
  return {
    properties: new Map([...project.syncs.values()].map((sync) => [sync.name, sync.properties] as const)),
    timeZone: project.timezone,
    isLocal: target.hubspot.kind === 'sandbox',
    paint: painterFor(stdout, env),
  };
}
