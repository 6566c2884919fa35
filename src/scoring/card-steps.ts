import type { Card } from './card.ts';
import type { KeptScans } from './kept-days.ts';
import { planScans } from './plan-scans.ts';
import { reasonSteps } from './reasons.ts';
import { ruleSums } from './rule-sums.ts';
import { scoreSteps } from './score-steps.ts';
import { lastName, type Step } from './select-text.ts';
import { stepNamer } from './step-namer.ts';
import type { ScoringContext } from './types.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export interface CardStepsRequest {
  readonly context: ScoringContext;
  readonly modelVersion: string;
  /** Only the entity of this key, as text; not for tiers that are shares of all. */
  readonly onlyKey?: string;
  /** With columns found__, which say what decided a rule. */
  readonly explains?: boolean;
  /** What builds kept of its events. */
  readonly kept?: KeptScans;
}

export interface CardSteps {
  /**
   * The last one has a row per entity and every column on the way: `entity_key`, sum__, points__, place__ and words__ of
   * each rule, group__ of each group, `total` and `score`, and what the verdict reads.
   */
  readonly steps: readonly Step[];
  readonly verdict: Verdict;
}

export function cardSteps(card: Card, { context, modelVersion, onlyKey, explains, kept }: CardStepsRequest): CardSteps {
  const { dialect } = context;
  const stepName = stepNamer(card);
  const sums = ruleSums(card, planScans(card), { context, onlyKey, explains, kept, stepName });
  const scores = scoreSteps(card, lastName(sums), { dialect, stepName });
  const reasons = reasonSteps(card, lastName(scores), { dialect, stepName });
  const verdict = verdictOf(card, lastName(reasons), { dialect, stepName, context, modelVersion });
  return { steps: [...sums, ...scores, ...reasons, ...verdict.steps], verdict };
}
