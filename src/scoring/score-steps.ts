import { sql } from 'kysely';
import { rulePointsColumn } from '../project/scorecard-columns.ts';
import { castTo } from '../sql/cast-to.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import { bandsOf, type Card, type CardGroup, type CardRule, type ScoredCard, signOf } from './card.ts';
import { reciprocal } from './check-scored-card.ts';
import { curved } from './curve.ts';
import { decimalLiteral, decimalsOf, name, numberLiteral, pointsType } from './literals.ts';
import { inSegment } from './segments.ts';
import { column, lastName, linesOf, type Step } from './select-text.ts';

/*
 * From the sums of rules to the score, a step for each line of the sum that `explain` shows. Everything from the rounded
 * points of rules on is decimal arithmetic, so that warehouses agree to the last digit.
 */

export interface StepOptions {
  readonly dialect: Dialect;
  /** The name that a step gets. */
  stepName(wanted: string): string;
}

/** @param from a step with the columns `sum__<id>` */
export function scoreSteps(card: Card, from: string, { dialect, stepName }: StepOptions): readonly Step[] {
  const rules = card.rules.map((rule) => {
    const points = inSegment(rule, dialect, (variant) => limitedPoints(variant, dialect));
    return column(points, rulePointsColumn(rule.id));
  });
  const groups = usedGroups(card).map((group) => column(limitedGroup(card, group, dialect), groupColumn(group)));
  const steps: Step[] = [];
  const add = (wanted: string, comment: string, columns: readonly Fragment[]) => {
    const before = steps.length === 0 ? from : lastName(steps);
    steps.push({ name: stepName(wanted), comment, select: { columns: [sql`*`, ...columns], from: name(before) } });
  };
  add('rule_points', 'Points of each rule: six decimals, within its limit.', rules);
  if (groups.length > 0) add('group_points', 'Points of each group, within its limits.', groups);
  add('totals', 'Base, groups, and rules without a group.', [column(total(card, dialect), 'total')]);
  add('scores', 'The total within the range, rounded.', [column(score(card, dialect), 'score')]);
  return steps;
}

/** A rule's points before its curve, as a double; null for none. */
export function pointsBeforeCurve(rule: CardRule, dialect: Dialect): Fragment {
  return sql`cast(${name(`sum__${rule.id}`)} as ${dialect.type({ kind: 'double' })})`;
}

/** A rule's points before its limit, with six decimals; what is no number counts 0. */
export function roundedPoints(rule: CardRule, dialect: Dialect): Fragment {
  const sum = name(`sum__${rule.id}`);
  const none = rule.kind === 'event' ? sql`coalesce(${sum}, 0)` : sum;
  if (isWhole(rule)) return castTo(dialect, none, pointsType);
  return sql`coalesce(${dialect.roundTo(curved(rule, sum, dialect), 18, 6)}, ${decimalLiteral(0, dialect)})`;
}

/** Whether the sum consists of whole numbers alone, and needs no rounding. */
function isWhole(rule: CardRule): boolean {
  const isBroken = rule.curve !== undefined || (rule.kind === 'event' && rule.decay !== undefined);
  const points = bandsOf(rule)?.map((band) => band.points) ?? [rule.points];
  return points.every(Number.isInteger) && rule.kind !== 'numeric' && rule.kind !== 'rollup' && !isBroken;
}

function limitedPoints(rule: CardRule, dialect: Dialect): Fragment {
  const { limit } = rule;
  const sign = signOf(rule);
  const min = limit === undefined || sign === 'positive' ? undefined : -limit;
  const max = limit === undefined || sign === 'negative' ? undefined : limit;
  return within(roundedPoints(rule, dialect), { min, max }, dialect);
}

interface Limits {
  readonly min?: number;
  readonly max?: number;
}

function within(value: Fragment, { min, max }: Limits, dialect: Dialect): Fragment {
  const capped = max === undefined ? value : sql`least(${decimalLiteral(max, dialect)}, ${value})`;
  return min === undefined ? capped : sql`greatest(${decimalLiteral(min, dialect)}, ${capped})`;
}

export function groupColumn({ name: group }: CardGroup): string {
  return `group__${group}`;
}

/** Groups that rules name, in the order of the card. */
export function usedGroups({ groups, rules }: Card): readonly CardGroup[] {
  return groups.filter((group) => rules.some((rule) => rule.group === group.name));
}

/** The sum of a group's rules before its limits. */
export function groupSum(card: Card, group: CardGroup): Fragment {
  const points = card.rules.filter((rule) => rule.group === group.name).map((rule) => name(rulePointsColumn(rule.id)));
  return linesOf(points, '+');
}

function limitedGroup(card: Card, group: CardGroup, dialect: Dialect): Fragment {
  return within(groupSum(card, group), group, dialect);
}

function total(card: Card, dialect: Dialect): Fragment {
  const groups = usedGroups(card);
  const names = groups.map((group) => group.name);
  const alone = card.rules.filter((rule) => rule.group === undefined || !names.includes(rule.group));
  const base = card.base === 0 ? [] : [decimalLiteral(card.base, dialect)];
  const parts = [...groups.map(groupColumn), ...alone.map((rule) => rulePointsColumn(rule.id))];
  return linesOf([...base, ...parts.map(name)], '+');
}

/** The score from `total`. */
export function score(card: ScoredCard, dialect: Dialect): Fragment {
  return rounded(within(name('total'), card.range ?? {}, dialect), card, dialect);
}

/** A number as scores are rounded. */
export function rounded(ranged: Fragment, { round }: Pick<ScoredCard, 'round'>, dialect: Dialect): Fragment {
  if (round === 'none') return ranged;
  const decimals = decimalsOf(round);
  const type = { kind: 'decimal', precision: 18, scale: decimals } as const;
  if (round === 10 ** -decimals) return castTo(dialect, sql`round(${ranged}, ${numberLiteral(decimals)})`, type);
  const steps = sql`round(${ranged} * ${decimalLiteral(reciprocal(round), dialect)}, 0)`;
  return castTo(dialect, sql`${steps} * ${decimalLiteral(round, dialect)}`, type);
}
