import type { Card } from './card.ts';

/** What turns the points of rules into a score. */
export type Sum = Pick<Card, 'base' | 'groups' | 'rules' | 'range' | 'round'>;

/**
 * The score that points of rules add up to, as the SQL has it: each group within its limits, base and all the rest, the
 * range, rounding half away from zero. Counts in millionths, which are whole numbers, so that nothing is lost on the way.
 * @param pointsOf a rule's points, by its id
 */
export function addUp({ base, groups, rules, range, round }: Sum, pointsOf: (rule: string) => number): number {
  const sumOf = (group: string | undefined) =>
    rules.filter((rule) => rule.group === group).reduce((sum, rule) => sum + millionths(pointsOf(rule.id)), 0);
  const used = groups.filter((group) => rules.some((rule) => rule.group === group.name));
  const inGroups = used.map((group) => within(sumOf(group.name), group));
  const total = inGroups.reduce((sum, points) => sum + points, millionths(base) + sumOf(undefined));
  return rounded(within(total, range ?? {}), round) / million;
}

const million = 1_000_000;

function millionths(points: number): number {
  return Math.round(points * million);
}

interface Limits {
  readonly min?: number;
  readonly max?: number;
}

function within(sum: number, { min, max }: Limits): number {
  const capped = max === undefined ? sum : Math.min(millionths(max), sum);
  return min === undefined ? capped : Math.max(millionths(min), capped);
}

function rounded(sum: number, round: Card['round']): number {
  if (round === 'none') return sum;
  const step = millionths(round);
  const steps = Math.floor((2 * Math.abs(sum) + step) / (2 * step)) * step;
  return sum < 0 ? 0 - steps : steps;
}
