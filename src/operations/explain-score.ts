import { explainModel, type ModelExplanation } from '../build/explain-model.ts';
import { type ForeseenTier, foreseeTier } from '../build/foresee-tier.ts';
import { type LastChange, lastChange, type ScoreNow } from '../build/last-change.ts';
import { nearKeys } from '../build/near-keys.ts';
import { selectModels } from '../build/select-models.ts';
import type { CompiledProject } from '../build/types.ts';
import { didYouMean } from '../errors/did-you-mean.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { ScoredModel } from '../project/model-types.ts';
import { isScored } from '../project/scored-model.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { compileTarget } from './compile-target.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

/** What was explained, and why its score is what it is. */
export type ExplainedScore = ExplainedOf & ModelExplanation & Outlook;

interface ExplainedOf {
  readonly model: string;
  readonly entity: string;
  readonly key: string;
  /** ISO, UTC: the instant that the score is computed for. */
  readonly asOf: string;
}

/** Where a score came from, and where it goes by itself. */
interface Outlook {
  /** The next tier that time alone leads to; null where it stays, and for combinations, which do not look ahead. */
  readonly foreseen: ForeseenTier | null;
  /** Null where the model was never built. */
  readonly change: LastChange | null;
}

/** The command `explain`: why an entity has the score that it has. Builds and writes nothing. */
export async function explainScore(
  workspace: Workspace,
  name: string,
  key: string,
  maxEvents: number,
): Promise<ExplainedScore> {
  const model = findScored(workspace, name);
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
    const asked = { compiled, key, warehouse, signal };
    if (explanation === null) throw unknownKey(workspace, model, key, await nearKeys({ ...asked, model }));
    const change = await lastChange({ ...asked, model, now: scoreNow(explanation) });
    const foreseen = model.kind === 'scorecard' ? await foreseeTier({ ...asked, model, verdict: explanation }) : null;
    return { model: name, entity: model.entity, key, asOf: asOf.instant, ...explanation, foreseen, change };
  });
}

function scoreNow(explanation: ModelExplanation): ScoreNow {
  const parts =
    explanation.kind === 'combine'
      ? explanation.inputs.map(({ name, score }) => [name, score] as const)
      : explanation.rules.map(({ id, points }) => [id, points] as const);
  const { score, tier, modelVersion } = explanation;
  return { score, tier, modelVersion, points: Object.fromEntries(parts) };
}

/** The models that a scored model is computed from and that the warehouse does not have. */
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

/** Of a key that is not there; more would fill the screen. */
const longestShown = 80;

function unknownKey(
  { project, target }: Workspace,
  { name, entity }: ScoredModel,
  key: string,
  near: readonly string[],
): ScorelineError {
  const column = project.entities.get(entity)?.key ?? 'key';
  const named = key.length > longestShown ? `"${key.slice(0, longestShown)}…" (${key.length} characters)` : `"${key}"`;
  return new ScorelineError('USAGE_INVALID', `There is no ${entity} whose ${column} is ${named}`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : `Keys stand in the column ${column} of ${target.schema}.${name} once it is built.`,
  });
}

function findScored({ project }: Workspace, name: string): ScoredModel {
  const model = project.models.get(name);
  if (model !== undefined && isScored(model)) return model;
  const scored = [...project.models.values()].filter(isScored).map((each) => each.name);
  if (model === undefined) {
    throw new ScorelineError('USAGE_INVALID', `The project has no model "${name}"`, {
      hint: didYouMean(name, scored),
    });
  }
  throw new ScorelineError(
    'USAGE_INVALID',
    `The model "${name}" is not a scored one, so there is no score to explain`,
    {
      hint: scored.length === 0 ? 'The project has none yet.' : `Scored models: ${scored.join(', ')}.`,
    },
  );
}
