import type { ScorecardModel } from '../project/types.ts';
import { type ExplainRequest, explainScorecard } from '../scoring/explain-scorecard.ts';
import { type Explanation, readExplanation } from '../scoring/read-explanation.ts';
import type { Fragment } from '../sql/types.ts';
import type { Row, Warehouse } from '../warehouse/port.ts';
import { inlineExpressions, withExpressions } from './inline-models.ts';
import { scoringContext } from './scoring-context.ts';
import type { CompiledProject } from './types.ts';

export interface ExplainModelRequest extends ExplainRequest {
  readonly compiled: CompiledProject;
  readonly model: ScorecardModel;
  readonly warehouse: Warehouse;
  readonly signal?: AbortSignal;
}

/**
 * Computes one entity's score afresh from the models that are built, line by line: two round trips.
 * @returns null where the entity's relation has no such key
 */
export async function explainModel(request: ExplainModelRequest): Promise<Explanation | null> {
  const { compiled, model, warehouse, signal } = request;
  const queries = explainScorecard(model, scoringContext(compiled, model), request);
  const inline = inlineExpressions(compiled.models, compiled.models.get(model.name)?.refs ?? []);
  const ask = (select: Fragment): Promise<readonly Row[]> =>
    warehouse.query(warehouse.dialect.compile(withExpressions(inline, select, model.name)), {
      signal,
      purpose: `explain ${model.name}`,
      origin: { file: model.file.path, line: 1 },
    });
  const [sum] = await ask(queries.sum);
  if (sum === undefined) return null;
  return readExplanation(queries, sum, queries.events === null ? [] : await ask(queries.events));
}
