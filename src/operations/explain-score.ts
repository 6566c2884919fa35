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
  return withWarehouse(workspace, async (warehouse) => {
    const compiled = compileTarget(workspace, warehouse.dialect);
    const explanation = await explainModel({ compiled, model, warehouse, key, maxEvents, signal });
    if (explanation === null) {
      throw new ScorelineError('USAGE_INVALID', `${model.entity} "${key}" is not in the relation of ${model.entity}s`, {
        hint: `Give the value of its key column; look it up in the warehouse: select * from ${workspace.target.schema}.${name}`,
      });
    }
    return { model: name, entity: model.entity, key, asOf: asOf.instant, ...explanation };
  });
}

function findScorecard({ project }: Workspace, name: string): ScorecardModel {
  const model = project.models.get(name);
  if (model?.kind === 'scorecard') return model;
  const scorecards = [...project.models.values()].filter((each) => each.kind === 'scorecard').map((each) => each.name);
  const message =
    model === undefined
      ? `The project has no model "${name}"`
      : `The model "${name}" is no scorecard, so there is no score to explain`;
  throw new ScorelineError('USAGE_INVALID', message, { hint: didYouMean(name, scorecards) });
}
