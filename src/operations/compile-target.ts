import { compileProject } from '../build/compile-project.ts';
import type { CompiledProject } from '../build/types.ts';
import type { Dialect } from '../sql/types.ts';
import type { Workspace } from './workspace.ts';

/** Compiles every model for the workspace's target, instant and parameters. @throws MODEL_* with all problems */
export function compileTarget({ project, target, asOf, params }: Workspace, dialect: Dialect): CompiledProject {
  return compileProject({ project, target, dialect, asOf, params });
}
