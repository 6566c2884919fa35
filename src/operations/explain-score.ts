import { explainModel } from '../build/explain-model.ts';
import { didYouMean } from '../errors/did-you-mean.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { ScorecardModel } from '../project/types.ts';
import type { Explanation } from '../scoring/read-explanation.ts';
import { compileTarget } from './compile-target.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

export interface ExplainedScore extends Explanation {
  readonly model: string;
  readonly entity: string;
  readonly key: string;
  /** ISO, UTC: the instant that the score is computed for. */
  readonly asOf: string;
}

/** The command `explain`: why an entity has the score that it has. Builds and writes nothing. */
export async function explainScore(
  workspace: Workspace,
  name: string,
  key: string,
  maxEvents: number,
): Promise<ExplainedScore> {
  const model = findScorecard(workspace, name);
  const { signal, asOf } = workspace;
  const compiled = compileTarget(workspace);
  return withWarehouse(workspace, async (warehouse) => {
    const explanation = await explainModel({ compiled, model, warehouse, key, maxEvents, signal });
    if (explanation === null) throw unknownKey(workspace, model, key);
    return { model: name, entity: model.entity, key, asOf: asOf.instant, ...explanation };
  });
}

function unknownKey({ project, target }: Workspace, { name, entity }: ScorecardModel, key: string): ScorelineError {
  const column = project.entities.get(entity)?.key ?? 'key';
  return new ScorelineError('USAGE_INVALID', `There is no ${entity} whose ${column} is "${key}"`, {
    hint: `Keys stand in the column ${column} of ${target.schema}.${name} once it is built.`,
  });
}

function findScorecard({ project }: Workspace, name: string): ScorecardModel {
  const model = project.models.get(name);
  if (model?.kind === 'scorecard') return model;
  const scorecards = [...project.models.values()].filter((each) => each.kind === 'scorecard').map((each) => each.name);
  if (model === undefined) {
    throw new ScorelineError('USAGE_INVALID', `The project has no model "${name}"`, {
      hint: didYouMean(name, scorecards),
    });
  }
  throw new ScorelineError('USAGE_INVALID', `The model "${name}" is no scorecard, so there is no score to explain`, {
    hint: scorecards.length === 0 ? 'The project has none yet.' : `Scorecards: ${scorecards.join(', ')}.`,
  });
}
