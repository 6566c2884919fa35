import type { Card } from './card.ts';
import { planScans } from './plan-scans.ts';
import { reasonSteps } from './reasons.ts';
import { ruleSums } from './rule-sums.ts';
import { scoreSteps } from './score-steps.ts';
import { lastName, type Step } from './select-text.ts';
import { stepNamer } from './step-namer.ts';
import type { ScoringContext } from './types.ts';

/**
 * All steps of a card. The last one has a row per entity and every column on the way: `entity_key`, sum__, points__, place__
 * and words__ of each rule, group__ of each group, `total` and `score`.
 * @param onlyKey only the entity of this key, as text; with it come columns found__, which say what decided a rule
 */
export function cardSteps(card: Card, context: ScoringContext, onlyKey?: string): readonly Step[] {
  const { dialect } = context;
  const stepName = stepNamer(card);
  const sums = ruleSums(card, planScans(card), { context, onlyKey, stepName });
  const scores = scoreSteps(card, lastName(sums), { dialect, stepName });
  return [...sums, ...scores, ...reasonSteps(card, lastName(scores), { dialect, stepName })];
}
