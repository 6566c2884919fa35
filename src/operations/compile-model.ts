import { didYouMean } from '../errors/did-you-mean.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { CompiledSql } from '../sql/types.ts';
import { compileTarget } from './compile-target.ts';
import type { Workspace } from './workspace.ts';

export interface CompiledText extends CompiledSql {
  readonly model: string;
}

/** The command `compile`: a model's SELECT as it is sent to the target's warehouse. Asks nobody. */
export function compileModel(workspace: Workspace, name: string): CompiledText {
  const compiled = compileTarget(workspace);
  const model = compiled.models.get(name);
  if (model === undefined) {
    throw new ScorelineError('USAGE_INVALID', `The project has no model "${name}"`, {
      hint: didYouMean(name, [...compiled.models.keys()]),
    });
  }
  return { model: name, ...model.statement };
}
