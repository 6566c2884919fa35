import { rulePointsColumn } from '../project/scorecard-columns.ts';
import { readEvents } from './explain-events.ts';
import { readMembers } from './explain-members.ts';
import type { ExplainQueries } from './explain-scorecard.ts';
import { type ExplainedVerdict, readVerdict, textOf } from './explain-verdict.ts';
import type { ExplainedRule } from './explained-rule.ts';
import { type NextTier, nextTier } from './next-tier.ts';
import { groupColumn, usedGroups } from './score-steps.ts';
import { variantIn } from './segments.ts';

/** Why a score is what it is. The lines add up: base + groups + rules without a group = total, which range and rounding turn into the score. */
export interface Explanation extends ExplainedVerdict {
  readonly kind: 'scorecard';
  readonly base: number;
  readonly rules: readonly ExplainedRule[];
  readonly groups: readonly ExplainedGroup[];
  /** Before range and rounding. */
  readonly total: number;
  /** Null where no points lead to a higher tier. */
  readonly nextTier: NextTier | null;
}

export interface ExplainedGroup {
  readonly name: string;
  readonly beforeLimits: number;
  readonly min?: number;
  readonly max?: number;
  readonly points: number;
}

type ResultRow = Readonly<Record<string, unknown>>;

/** @param sum the row of the query `sum`; `events` and `members` the rows of those queries, none where they are null */
export function readExplanation(
  { card, request }: ExplainQueries,
  sum: ResultRow,
  events: readonly ResultRow[],
  members: readonly ResultRow[] = [],
): Explanation {
  const number = (column: string) => Number(sum[column]);
  const byRule = Map.groupBy(events, (row) => row.rule);
  const membersByRule = Map.groupBy(members, (row) => row.rule);
  const verdict = readVerdict(card, sum);
  const rules = card.rules.map((rule): ExplainedRule => {
    const { id, label, kind, group } = rule;
    const variant = variantIn(rule, verdict.segment);
    const { limit } = variant;
    const found = textOf(sum[`found__${variant.id}`]);
    const counted = kind === 'event' || kind === 'absence' ? readEvents(byRule.get(variant.id) ?? [], request) : null;
    const points = number(rulePointsColumn(id));
    return {
      id,
      label,
      kind,
      group,
      ...(variant.curve === undefined ? {} : { beforeCurve: number(`before_curve__${variant.id}`) }),
      beforeLimit: number(`before_limit__${variant.id}`),
      limit,
      points,
      found,
      events: counted,
      members: kind === 'rollup' ? readMembers(membersByRule.get(variant.id) ?? [], request) : null,
    };
  });
  return {
    kind: 'scorecard',
    ...verdict,
    base: card.base,
    rules,
    groups: usedGroups(card).map((group) => {
      const column = groupColumn(group);
      return { ...group, beforeLimits: number(`before_${column}`), points: number(column) };
    }),
    total: number('total'),
    nextTier: nextTier(card, { ...verdict, rules }),
  };
}
