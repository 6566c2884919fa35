import { sql } from 'kysely';
import type { CombineModel, ScoredModel } from '../project/model-types.ts';
import { isScored } from '../project/scored-model.ts';
import { compileCombine } from '../scoring/compile-combine.ts';
import { type CombinedInput, type CombineFacts, explainCombine, readCombineFacts } from '../scoring/explain-combine.ts';
import type { ExplainRequest } from '../scoring/explain-request.ts';
import { explainScorecard } from '../scoring/explain-scorecard.ts';
import type { NextTier } from '../scoring/next-tier.ts';
import { type Explanation, readExplanation } from '../scoring/read-explanation.ts';
import type { ScoringContext } from '../scoring/types.ts';
import type { Fragment } from '../sql/types.ts';
import type { Row, Warehouse } from '../warehouse/port.ts';
import { combineWays } from './combine-ways.ts';
import { inlineExpressions, withExpressions } from './inline-models.ts';
import { scoringContext } from './scoring-context.ts';
import type { CompiledProject } from './types.ts';

export interface ExplainModelRequest extends ExplainRequest {
  readonly compiled: CompiledProject;
  readonly model: ScoredModel;
  readonly warehouse: Warehouse;
  readonly signal?: AbortSignal;
}

export type ModelExplanation = Explanation | CombineExplanation;

export interface CombineExplanation extends Omit<CombineFacts, 'inputs'> {
  readonly inputs: readonly ExplainedInput[];
  /** Null where no points lead to a higher tier. */
  readonly nextTier: NextTier | null;
}

export interface ExplainedInput extends CombinedInput {
  /** Null where the input has no such row. */
  readonly explanation: ModelExplanation | null;
}

/**
 * Computes one entity's score afresh, line by line, from the models that are built and read by scorecards: two round trips
 * for each scorecard, three for one with roll-ups; for each combination one, and one that asks for ways up.
 * @returns null where the entity's relation has no such key
 */
export async function explainModel(request: ExplainModelRequest): Promise<ModelExplanation | null> {
  const { model } = request;
  switch (model.kind) {
    case 'scorecard': {
      const queries = explainScorecard(model, scoringContext(request.compiled, model), request);
      const [sum] = await ask(request, queries.sum);
      if (sum === undefined) return null;
      const events = queries.events === null ? [] : await ask(request, queries.events);
      const members = queries.members === null ? [] : await ask(request, queries.members);
      return readExplanation(queries, sum, events, members);
    }
    case 'combine': {
      const query = explainCombine(model, freshContext(request.compiled, model), request.key);
      const [row] = await ask(request, query.sum);
      if (row === undefined) return null;
      const facts = readCombineFacts(query, row);
      const inputs: ExplainedInput[] = [];
      for (const input of facts.inputs) inputs.push({ ...input, explanation: await explainInput(request, input) });
      return { ...facts, inputs, nextTier: await combineWays({ ...request, query, facts, inputs }) };
    }
    default:
      return model satisfies never;
  }
}

async function explainInput(request: ExplainModelRequest, { model: named, key }: CombinedInput) {
  const model = request.compiled.project.models.get(named);
  if (model === undefined || !isScored(model) || key === null) return null;
  return explainModel({ ...request, model, key });
}

function ask({ compiled, model, warehouse, signal }: ExplainModelRequest, select: Fragment): Promise<readonly Row[]> {
  const inline = inlineExpressions(compiled.models, refsBelow(compiled, model));
  return warehouse.query(warehouse.dialect.compile(withExpressions(inline, select, model.name)), {
    signal,
    purpose: `explain ${model.name}`,
    origin: { file: model.file.path, line: 1 },
  });
}

/** What a model reads, and what the models read that it combines. */
function refsBelow(compiled: CompiledProject, model: ScoredModel): readonly string[] {
  const own = [...(compiled.models.get(model.name)?.refs ?? [])];
  return [...own, ...inputsOf(compiled, model).flatMap((input) => refsBelow(compiled, input))];
}

function inputsOf({ project }: CompiledProject, model: ScoredModel): readonly ScoredModel[] {
  if (model.kind !== 'combine') return [];
  return model.inputs.flatMap(({ model: named }) => {
    const input = project.models.get(named);
    return input !== undefined && isScored(input) ? [input] : [];
  });
}

/** In it, an input's table is the input computed now, so that the parts that are explained are the parts that are combined. */
function freshContext(compiled: CompiledProject, model: CombineModel): ScoringContext {
  const context = scoringContext(compiled, model);
  const inputs = new Map(inputsOf(compiled, model).map((input) => [input.name, input]));
  const ref = (name: string): Fragment | null => {
    const input = inputs.get(name);
    return input === undefined ? context.scope.ref(name) : sql`(\n${freshSelect(compiled, input)}\n)`;
  };
  return { ...context, scope: { ...context.scope, ref } };
}

function freshSelect(compiled: CompiledProject, model: ScoredModel): Fragment {
  if (model.kind === 'combine') return compileCombine(model, freshContext(compiled, model)).select;
  const found = compiled.models.get(model.name);
  if (found === undefined) throw new RangeError(`There is no model ${model.name}`);
  return found.body;
}
