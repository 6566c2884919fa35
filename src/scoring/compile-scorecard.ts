import type { ScorecardModel } from '../project/model-types.ts';
import { cardFacts } from './card-facts.ts';
import { cardSteps } from './card-steps.ts';
import { fingerprintOfCard } from './fingerprint.ts';
import type { KeptScans } from './kept-days.ts';
import { readCard } from './read-card.ts';
import { reasonsText } from './reasons.ts';
import { scoredStatement } from './scored-statement.ts';
import type { CompiledScorecard, ScoringContext } from './types.ts';

/**
 * A scorecard as one SELECT with a row per entity, reading each relation of events once. Columns: the entity's key, score,
 * tier, segment, points__<rule> for each rule, reasons, as_of, model_version; with overrides also overridden and
 * computed_score. Problems go to `context.report`, and the result is usable only if there were none.
 * @param kept the sums of days that builds of the card kept; what is not there is read from the events
 */
export function compileScorecard(model: ScorecardModel, context: ScoringContext, kept?: KeptScans): CompiledScorecard {
  const { card, refs, weights } = readCard(model, context);
  const modelVersion = fingerprintOfCard(card, refs, context);
  const { steps, verdict } = cardSteps(card, { context, modelVersion, kept });
  const points = card.rules.map(({ id }) => id);
  const reasons = reasonsText(card, context.dialect, verdict.words);
  const statement = { card, kind: 'scorecard', steps, verdict, points, reasons, modelVersion };
  const facts = cardFacts(card);
  return { ...scoredStatement(statement, context), refs, weights, facts, modelVersion };
}
