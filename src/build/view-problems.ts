import type { Problem } from '../errors/scoreline-error.ts';
import type { Model } from '../project/model-types.ts';
import { findText } from './find-reference.ts';

interface ParameterizedModel {
  readonly model: Model;
  readonly refs: ReadonlySet<string>;
  /** That its own SQL reads. */
  readonly params: ReadonlySet<string>;
}

type Models = ReadonlyMap<string, ParameterizedModel>;

/** A view takes no binds on any warehouse, and `param` is always one: its own, and those of inline models that it reads. */
export function viewProblems(models: Models): readonly Problem[] {
  return [...models.values()].flatMap((view) => {
    if (!isMaterialized(view.model, 'view')) return [];
    return [view, ...inlineModelsOf(models, view)].flatMap((reader) =>
      [...reader.params].map((param) => viewProblem(view.model, reader.model, param)),
    );
  });
}

function inlineModelsOf(models: Models, view: ParameterizedModel): ReadonlySet<ParameterizedModel> {
  const found = new Set<ParameterizedModel>();
  const waiting = [...view.refs];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const read = models.get(name);
    if (read === undefined || !isMaterialized(read.model, 'inline') || found.has(read)) continue;
    found.add(read);
    waiting.push(...read.refs);
  }
  return found;
}

function isMaterialized(model: Model, as: 'view' | 'inline'): boolean {
  return model.kind === 'sql' && model.materialize === as;
}

function viewProblem(view: Model, reader: Model, param: string): Problem {
  const file = reader.kind === 'sql' ? reader.sql : reader.file;
  const call = findText(file, new RegExp(`\\bparam\\(\\s*['"]${param}['"]`));
  const through = reader === view ? '' : ` through the inline model \`${reader.name}\``;
  return {
    code: 'MODEL_INVALID',
    ...(call ?? { file: file.path, line: 1, column: 1 }),
    value: param,
    message: `\`${view.name}\` is a view and reads the parameter \`${param}\`${through}: a view takes no parameters`,
    hint: `Write \`materialize: table\` or \`materialize: inline\` in ${view.file.path}.`,
  };
}
