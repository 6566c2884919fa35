import type { ScorecardModel } from '../project/model-types.ts';
import type { Fragment } from '../sql/types.ts';
import { name } from './literals.ts';
import { planScans } from './plan-scans.ts';
import { readCard } from './read-card.ts';
import { ruleSums } from './rule-sums.ts';
import { scoreSteps } from './score-steps.ts';
import { lastName, statement } from './select-text.ts';
import { stepNamer } from './step-namer.ts';
import type { ScoringContext } from './types.ts';

/** One entity's computed score as `score`, without lines, tier and reasons. One row, or none for an unknown key. */
export function scoreOfOne(model: ScorecardModel, context: ScoringContext, key: string): Fragment {
  const { card } = readCard(model, context);
  const stepName = stepNamer(card);
  const sums = ruleSums(card, planScans(card), { context, onlyKey: key, stepName });
  const scores = scoreSteps(card, lastName(sums), { dialect: context.dialect, stepName });
  return statement(`One row: one ${card.entity}'s score.`, [...sums, ...scores], {
    columns: [name('score')],
    from: name(lastName(scores)),
  });
}
