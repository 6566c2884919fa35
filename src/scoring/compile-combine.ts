import type { CombineModel } from '../project/model-types.ts';
import { gradeColumn } from '../project/scorecard-columns.ts';
import { readCombine } from './combine-card.ts';
import { combinedReasons, combineSteps, gradeOf } from './combine-steps.ts';
import { fingerprintOfScored } from './fingerprint.ts';
import { scoredStatement } from './scored-statement.ts';
import type { CompiledScorecard, ScoringContext } from './types.ts';

/**
 * A `combine` as one SELECT with a row per entity. Columns: the entity's key, score, tier, segment (null),
 * points__<input>, the score of each input, reasons, as_of, model_version; with a grade also grade, with overrides also
 * overridden and computed_score. Problems go to `context.report`, and the result is usable only if there were none.
 */
export function compileCombine(model: CombineModel, context: ScoringContext): CompiledScorecard {
  const { card, refs } = readCombine(model, context);
  const modelVersion = fingerprintOfScored(card, refs, context);
  const { steps, verdict } = combineSteps(card, { context, modelVersion });
  const points = card.inputs.map(({ name }) => name);
  const reasons = combinedReasons(card, verdict, context.dialect);
  const grade = gradeOf(card, context.dialect);
  const extras = grade === null ? [] : [{ name: gradeColumn, value: grade }];
  const statement = { card, kind: 'combination', steps, verdict, points, reasons, extras, modelVersion };
  return { ...scoredStatement(statement, context), refs, modelVersion };
}
