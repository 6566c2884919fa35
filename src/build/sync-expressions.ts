import { errorOfProblems, type Problem } from '../errors/scoreline-error.ts';
import { resolveParams } from '../project/resolve-params.ts';
import type { Sync } from '../project/sync-types.ts';
import { renderSql } from '../sql/render-sql.ts';
import type { Fragment } from '../sql/types.ts';
import { templateScope } from './template-scope.ts';
import type { CompiledProject } from './types.ts';

export interface SyncExpressions {
  /** Predicates over the columns of the sync's model; absent where the sync has none. */
  readonly exclude?: Fragment;
  readonly priority?: Fragment;
}

/**
 * Renders the SQL that stands in a sync's file. It sees the parameters that the sync's model sees,
 * the first one of several.
 * @throws one error with every problem found
 */
export function syncExpressions(compiled: CompiledProject, sync: Sync): SyncExpressions {
  const { project, target, dialect, asOf, params: overrides } = compiled;
  const [name = ''] = sync.models;
  const model = project.models.get(name);
  if (model === undefined) throw new RangeError(`There is no model ${name}`);
  const { values } = resolveParams({ project, target, model, asOf: asOf.instant, overrides });
  const scope = templateScope({ ...compiled, params: values });
  const problems: Problem[] = [];
  const report = (problem: Problem) => problems.push({ ...problem, code: 'SYNC_INVALID' });
  const render = (path: readonly string[], text: string | undefined) => {
    if (text === undefined) return undefined;
    const template = { text, file: sync.file.path, at: sync.file.locate(path), kind: 'expression' } as const;
    return renderSql(template, { dialect, scope, report }).fragment;
  };
  const exclude = render(['exclude', 'when'], sync.exclude?.when);
  const priority = render(['priority'], sync.priority);
  if (problems.length > 0) throw errorOfProblems(problems);
  return { exclude, priority };
}
