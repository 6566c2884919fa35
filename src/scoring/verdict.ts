import { sql } from 'kysely';
import { overrideColumns } from '../project/scorecard-columns.ts';
import { disqualifiedTier } from '../project/scored-model.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { ScoredCard } from './card.ts';
import { type HistoryOptions, historyCounts, lastHistory } from './history-step.ts';
import { name, textLiteral } from './literals.ts';
import { overridesInForce, overrideWords } from './override-step.ts';
import { gateColumn } from './segments.ts';
import { column, lastName, type Step } from './select-text.ts';
import { tierCase } from './tier-case.ts';

/*
 * From a score to what is said of an entity: its tier, whether it is disqualified, and what people set by hand. What a
 * model does not have takes no step.
 */

export interface VerdictOptions extends HistoryOptions {
  /** What disqualifies beside the model's gates. */
  readonly otherGates?: readonly Fragment[];
}

/** The columns of a scored model's table that the steps lead to. */
export interface Verdict {
  /** None where the tier can be told from the score alone. */
  readonly steps: readonly Step[];
  /** Absent: the column `score` as it is. */
  readonly score?: Fragment;
  readonly tier: Fragment;
  /** Whether the steps say who `is_disqualified`. */
  readonly isGated: boolean;
  /** Texts in front of the reasons, null where there is none to be said. */
  readonly words: readonly Fragment[];
  /** What stands behind the columns that every model has. */
  readonly extras: readonly { readonly name: string; readonly value: Fragment }[];
}

/** @param from a step with `entity_key`, `score`, and the columns of `entityColumns` */
export function verdictOf(card: ScoredCard, from: string, options: VerdictOptions): Verdict {
  const { dialect } = options;
  const parts: VerdictParts = { card, options, ...judgedBy(card, options) };
  const { isOverridden, score } = parts;
  const steps: Step[] = [];
  for (const add of [overrideSteps, gateStep, rankStep, historySteps]) {
    steps.push(...add(parts, steps.length === 0 ? from : lastName(steps)));
  }
  const first = [
    ...(isOverridden === null ? [] : [sql`when override_tier is not null then override_tier`]),
    ...(parts.isGated ? [sql`when is_disqualified then ${textLiteral(disqualifiedTier, dialect)}`] : []),
  ];
  const facts = { score, first, ...tierBefore(parts), place: sql`place_by_score`, rivals: sql`rivals` };
  return {
    steps,
    ...(isOverridden === null ? {} : { score }),
    tier: tierCase(card, facts, dialect),
    isGated: parts.isGated,
    words: [...(isOverridden === null ? [] : [overrideWords(dialect)]), ...gateWords(card, dialect)],
    extras: isOverridden === null ? [] : overrideExtras(isOverridden),
  };
}

interface VerdictParts {
  readonly card: ScoredCard;
  readonly options: VerdictOptions;
  /** Null where the model has no overrides. */
  readonly isOverridden: Fragment | null;
  /** The one that tiers go by. */
  readonly score: Fragment;
  readonly isGated: boolean;
}

function judgedBy({ overrides, gates }: ScoredCard, { otherGates = [] }: VerdictOptions) {
  const isGated = gates.length > 0 || otherGates.length > 0;
  if (overrides === null) return { isOverridden: null, score: name('score'), isGated };
  const isOverridden = name('override_score is not null or override_tier is not null');
  return { isOverridden, score: name('coalesce(override_score, score)'), isGated };
}

function overrideSteps({ card, options }: VerdictParts, from: string): readonly Step[] {
  if (card.overrides === null) return [];
  const inForce = overridesInForce(card, card.overrides.fragment, options);
  const columns = ['override_score', 'override_tier', 'override_reason', 'override_until'].map(name);
  const joined: Step = {
    name: options.stepName('overridden'),
    comment: 'What people set by hand stands beside what was computed.',
    select: {
      columns: [sql`${name(from)}.*`, ...columns],
      from: name(from),
      joins: [sql`left join ${name(inForce.name)} on ${name(inForce.name)}.override_key = ${name(from)}.entity_key`],
    },
  };
  return [inForce, joined];
}

function gateStep({ card, options, isGated, isOverridden }: VerdictParts, from: string): readonly Step[] {
  if (!isGated) return [];
  const gates = [...card.gates.map(({ id }) => name(gateColumn(id))), ...(options.otherGates ?? [])];
  const byHand = isOverridden === null ? [] : [sql`when ${isOverridden} then false`];
  const whens = [...byHand, ...gates.map((gate) => sql`when ${gate} then true`)];
  const gated = sql`case ${sql.join(whens, sql.raw(' '))} else false end`;
  const comment = 'Whoever a gate rules out is disqualified, unless somebody decided otherwise.';
  return [added(options.stepName('gated'), comment, [column(gated, 'is_disqualified')], from)];
}

function rankStep({ card, options, isGated, score }: VerdictParts, from: string): readonly Step[] {
  if (card.tiers.every(({ topRatio }) => topRatio === undefined)) return [];
  const among = isGated ? sql`partition by is_disqualified ` : sql``;
  const columns = [
    column(sql`rank() over (${among}order by ${score} desc)`, 'place_by_score'),
    column(sql`count(*) over (${among})`, 'rivals'),
  ];
  const comment = 'The place of each by score, equal for equal scores, among all that are not disqualified.';
  return [added(options.stepName('ranked'), comment, columns, from)];
}

function historySteps({ card, options }: VerdictParts, from: string): readonly Step[] {
  if (card.hysteresis === undefined) return [];
  const history = lastHistory(card, options);
  const joined: Step = {
    name: options.stepName('with_tier_before'),
    comment: 'The tier that each had before, as far as it counts.',
    select: {
      columns: [sql`${name(from)}.*`, column(sql`${name(history.name)}.tier`, 'tier_before')],
      from: name(from),
      joins: [sql`left join ${name(history.name)} on ${historyCounts(card, history.name, from, options)}`],
    },
  };
  return [history, joined];
}

function added(step: string, comment: string, columns: readonly Fragment[], from: string): Step {
  return { name: step, comment, select: { columns: [sql`*`, ...columns], from: name(from) } };
}

/** Hysteresis is for computed scores: what somebody set by hand counts as it is. */
function tierBefore({ card, isOverridden }: VerdictParts): { readonly tierBefore?: Fragment } {
  if (card.hysteresis === undefined) return {};
  const before = name('tier_before');
  return { tierBefore: isOverridden === null ? before : sql`case when ${isOverridden} then null else ${before} end` };
}

function overrideExtras(isOverridden: Fragment): Verdict['extras'] {
  const [overridden, computed] = overrideColumns;
  return [
    { name: overridden, value: sql`(${isOverridden})` },
    { name: computed, value: name('score') },
  ];
}

/** Of several gates that hold, the first one's label. */
function gateWords({ gates }: ScoredCard, dialect: Dialect): readonly Fragment[] {
  if (gates.length === 0) return [];
  const whens = gates.map(
    ({ id, label }) => sql`when ${name(gateColumn(id))} then ${textLiteral(`Disqualified: ${label}`, dialect)}`,
  );
  return [sql`case when is_disqualified then case ${sql.join(whens, sql.raw(' '))} end end`];
}
