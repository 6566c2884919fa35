import { sql } from 'kysely';
import type { ScorecardModel } from '../project/model-types.ts';
import { rulePointsColumn } from '../project/scorecard-columns.ts';
import type { Fragment } from '../sql/types.ts';
import type { Card } from './card.ts';
import { cardSteps } from './card-steps.ts';
import { isKey } from './event-steps.ts';
import { eventsQuery } from './explain-events.ts';
import { membersQuery } from './explain-members.ts';
import type { ExplainRequest } from './explain-request.ts';
import { isRanked, verdictColumns } from './explain-verdict.ts';
import { fingerprintOfCard } from './fingerprint.ts';
import { name } from './literals.ts';
import { readCard } from './read-card.ts';
import { reasonsText } from './reasons.ts';
import { hasFound } from './rule-sums.ts';
import { groupColumn, groupSum, pointsBeforeCurve, roundedPoints, usedGroups } from './score-steps.ts';
import { everyRule } from './segments.ts';
import { column, lastName, statement } from './select-text.ts';
import type { ScoringContext } from './types.ts';

/** The queries that show where a score comes from; `readExplanation` makes one value of their rows. */
export interface ExplainQueries {
  readonly card: Card;
  readonly request: ExplainRequest;
  /** One row, or none where the entity is unknown: every line of the sum. */
  readonly sum: Fragment;
  /** The events behind the rules; null where no rule counts events. */
  readonly events: Fragment | null;
  /** The rows of scored models behind the rules; null where no rule rolls any up. */
  readonly members: Fragment | null;
}

/**
 * Explains one entity's score, from the same steps as the score itself, so that the two cannot disagree. Problems go to
 * `context.report`, and the result is usable only if there were none.
 */
export function explainScorecard(
  model: ScorecardModel,
  context: ScoringContext,
  request: ExplainRequest,
): ExplainQueries {
  const { card, refs } = readCard(model, context);
  const modelVersion = fingerprintOfCard(card, refs, context);
  return {
    card,
    request,
    sum: sumQuery(card, modelVersion, context, request),
    events: eventsQuery(card, context, request),
    members: membersQuery(card, context, request),
  };
}

function sumQuery(card: Card, modelVersion: string, context: ScoringContext, { key }: ExplainRequest): Fragment {
  const { dialect } = context;
  // Where tiers are shares, the place of one entity takes the scores of all.
  const onlyKey = isRanked(card) ? undefined : key;
  const { steps, verdict } = cardSteps(card, { context, modelVersion, onlyKey, explains: true });
  const text = dialect.type({ kind: 'text' });
  const rules = card.rules.map((rule) => name(rulePointsColumn(rule.id)));
  const variants = everyRule(card).flatMap((rule) => {
    const found = name(`found__${rule.id}`);
    return [
      column(roundedPoints(rule, dialect), `before_limit__${rule.id}`),
      ...(rule.curve === undefined ? [] : [column(pointsBeforeCurve(rule, dialect), `before_curve__${rule.id}`)]),
      ...(hasFound(rule) ? [sql`cast(${found} as ${text}) as ${found}`] : []),
    ];
  });
  const groups = usedGroups(card).flatMap((group) => [
    column(groupSum(card, group), `before_${groupColumn(group)}`),
    name(groupColumn(group)),
  ]);
  const from = lastName(steps);
  const results = verdictColumns(card, verdict, {
    reasons: reasonsText(card, dialect, verdict.words),
    from,
    modelVersion,
    dialect,
  });
  return statement(`One row: every line of the sum that is one ${card.entity}'s score.`, steps, {
    columns: [name('entity_key'), ...rules, ...variants, ...groups, name('total'), ...results],
    from: name(from),
    where: onlyKey === undefined ? [isKey(name('entity_key'), key, dialect)] : [],
  });
}
