import { explainModel } from '../build/explain-model.ts';
import { selectModels } from '../build/select-models.ts';
import type { CompiledProject } from '../build/types.ts';
import { didYouMean } from '../errors/did-you-mean.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { ScorecardModel } from '../project/types.ts';
import type { Explanation } from '../scoring/read-explanation.ts';
import type { Warehouse } from '../warehouse/port.ts';
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
    const explanation = await explainModel({ compiled, model, warehouse, key, maxEvents, signal }).catch(
      async (error: unknown) => {
        if (!(error instanceof ScorelineError) || error.code !== 'WAREHOUSE_REFUSED') throw error;
        const missing = await missingModels(compiled, name, warehouse);
        throw missing.length === 0 ? error : notBuilt(missing, name);
      },
    );
    if (explanation === null) throw unknownKey(workspace, model, key);
    return { model: name, entity: model.entity, key, asOf: asOf.instant, ...explanation };
  });
}

/** The models that a scorecard is computed from and that the warehouse does not have. */
async function missingModels(
  compiled: CompiledProject,
  name: string,
  warehouse: Warehouse,
): Promise<readonly string[]> {
  const { schema } = compiled.target;
  const existing = await warehouse.relations(schema, { purpose: `look into the schema ${schema}` });
  const upstream = [...selectModels(compiled.models, [`+${name}`])].filter((each) => each !== name);
  return upstream.filter((each) => compiled.models.get(each)?.relation.kind === 'relation' && !existing.has(each));
}

function notBuilt(missing: readonly string[], name: string): ScorelineError {
  const are = missing.length === 1 ? 'is' : 'are';
  return new ScorelineError('USAGE_INVALID', `${missing.join(', ')} ${are} not built in this target yet`, {
    hint: `Build what ${name} reads first: scoreline build +${name}`,
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
