import { compileProject } from '../build/compile-project.ts';
import type { CompiledProject } from '../build/types.ts';
import { dialectOf } from '../sql/dialects/dialect-of.ts';
import type { Workspace } from './workspace.ts';

/**
 * Compiles every model for the workspace's target, instant and parameters; opens nothing, so that a project that does not
 * compile leaves no trace in the warehouse.
 * @throws MODEL_* with all problems, USAGE_INVALID for `--param`
 */
export function compileTarget({ project, target, asOf, params }: Workspace): CompiledProject {
  return compileProject({ project, target, dialect: dialectOf(target.warehouse.type), asOf, params });
}
