import { compileProject } from '../build/compile-project.ts';
import { type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import type { ReadProject } from '../project/load-project.ts';
import type { Model, SqlModel } from '../project/model-types.ts';
import type { SourceFile } from '../project/setting-types.ts';
import type { Project, Target } from '../project/types.ts';
import { dialectOf } from '../sql/dialects/dialect-of.ts';
import type { AsOf } from '../sql/types.ts';

interface BrokenProject {
  readonly read: ReadProject;
  readonly project: Project;
  readonly target: Target;
  readonly asOf: AsOf;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * What is wrong inside the SQL of a project whose files have problems already, so that one look shows both. Models with
 * problems stand in as empty ones: who names them is not wrong as well. With problems in the configuration nothing more
 * is looked for, since most of what would be found comes from those.
 */
export function problemsInSql({ read, project, target, asOf, params }: BrokenProject): readonly Problem[] {
  const broken = new Set(read.problems.map((problem) => problem.file));
  if (broken.has(project.file.path)) return [];
  const models = new Map<string, Model>();
  for (const name of read.unreadModels) models.set(name, standIn(name));
  for (const [name, model] of project.models) {
    const isBroken = broken.has(model.file.path) || (model.kind === 'sql' && broken.has(model.sql.path));
    models.set(name, isBroken ? standIn(name) : model);
  }
  for (const [name, model] of models) {
    if (model.kind === 'audience' && model.members.kind === 'from' && models.get(model.members.from)?.kind === 'sql') {
      models.set(name, standIn(name));
    }
  }
  try {
    compileProject({
      project: { ...project, models },
      target,
      dialect: dialectOf(target.warehouse.type),
      asOf,
      params,
    });
    return [];
  } catch (error) {
    // Parameters may be those of a model that could not be read; and whatever else half a project leads to, its own
    // problems are what has to be told.
    return error instanceof ScorelineError ? error.problems.filter(({ code }) => code !== 'USAGE_INVALID') : [];
  }
}

function standIn(name: string): SqlModel {
  const file: SourceFile = { path: name, text: 'select 1', locate: () => ({ line: 1, column: 1 }) };
  return {
    kind: 'sql',
    name,
    file,
    sql: file,
    key: [],
    materialize: 'table',
    tags: [],
    params: {},
    columns: [],
    tests: [],
  };
}
