import { disqualifiedTier } from '../project/scored-model.ts';
import { addUp } from './add-up.ts';
import type { Card } from './card.ts';
import type { ExplainedVerdict } from './explain-verdict.ts';
import type { ExplainedRule } from './explained-rule.ts';
import { movesOf, type RuleMove } from './rule-moves.ts';
import { variantIn } from './segments.ts';

/** The tier above the present one, and what would lead there. */
export interface NextTier {
  readonly tier: string;
  /** The score that it takes. */
  readonly from: number;
  readonly missing: number;
  /** Rules of which each would do alone, the cheapest first: the fewest events, then the fewest points; at most three. */
  readonly ways: readonly WayUp[];
}

export interface WayUp extends Pick<RuleMove, 'kind' | 'times' | 'like' | 'isOther'> {
  readonly rule: string;
  readonly label: string;
  /** Of a combination: which input's rule. */
  readonly input?: string;
  /** Points of the rule. */
  readonly gain: number;
  /** That the rule leads to. */
  readonly score: number;
}

/** More would be a list of all rules. */
const maxWays = 3;

/**
 * @returns null where there is no tier above, or no points lead there: who is disqualified, or was given a tier or a score
 * by hand
 */
export function tierAbove({ tier, tiers, score, override }: ExplainedVerdict): Omit<NextTier, 'ways'> | null {
  if (tier === disqualifiedTier || override !== null) return null;
  const present = tiers.findIndex(({ name }) => name === tier);
  const above = tiers[present === -1 ? tiers.length - 1 : present - 1];
  if (above === undefined || above.from === null) return null;
  return { tier: above.name, from: above.from, missing: Number((above.from - score).toFixed(6)) };
}

/** Which single rule of a card would lead to the next tier. */
export function nextTier(
  card: Card,
  explained: ExplainedVerdict & { readonly rules: readonly ExplainedRule[] },
): NextTier | null {
  const above = tierAbove(explained);
  if (above === null) return null;
  const ways = explained.rules.flatMap((line) => {
    const reaching = waysBy(line, card, explained).find(({ score }) => score >= above.from);
    return reaching ?? [];
  });
  return { ...above, ways: cheapest(ways) };
}

/** What somebody does comes before what somebody is, then fewer events, then fewer points. */
export function cheapest(ways: readonly WayUp[]): readonly WayUp[] {
  const order = (way: WayUp) => (way.kind === 'hold' ? 1 : 0);
  return ways.toSorted((a, b) => order(a) - order(b) || a.times - b.times || a.gain - b.gain).slice(0, maxWays);
}

/** Where a rule may lead by itself, the fewest events first. */
export function waysBy(
  line: ExplainedRule,
  card: Card,
  { rules, segment }: ExplainedVerdict & { readonly rules: readonly ExplainedRule[] },
): readonly WayUp[] {
  const rule = card.rules.find(({ id }) => id === line.id);
  if (rule === undefined) return [];
  const points = new Map(rules.map((each) => [each.id, each.points]));
  return movesOf(variantIn(rule, segment), line).map(({ points: then, ...move }) => ({
    ...move,
    rule: line.id,
    label: line.label,
    gain: Number((then - line.points).toFixed(6)),
    score: addUp(card, (id) => (id === line.id ? then : (points.get(id) ?? 0))),
  }));
}
