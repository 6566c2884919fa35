import type { CombineModel, GradeAxis, Model, ScoredModel, Segment, Tier } from '../../project/model-types.ts';
import { disqualifiedTier, gradeDigits, gradeLetters, isScored } from '../../project/scored-model.ts';
import type { ResolvedParam } from '../../project/setting-types.ts';
import { type DocumentedRule, decayInWords, documentRule, pointsInWords } from './document-rule.ts';
import { percent, SettingWords } from './setting-words.ts';

/** How one model scores, in words; SQL stands between backticks. */
export interface DocumentedModel {
  readonly model: string;
  readonly description: string | null;
  readonly entity: string;
  readonly range: { readonly min: number; readonly max: number } | null;
  /** What a scorecard adds up; null for a `combine`. */
  readonly card: {
    readonly base: number;
    readonly rules: readonly DocumentedRule[];
    readonly groups: readonly { readonly group: string; readonly min: number | null; readonly max: number | null }[];
  } | null;
  /** What a `combine` is made of; null for a scorecard. */
  readonly combined: {
    readonly score: string;
    readonly inputs: readonly { readonly name: string; readonly model: string }[];
    /** The letter and the digit. */
    readonly grade: readonly DocumentedAxis[];
  } | null;
  readonly tiers: readonly DocumentedTier[];
  readonly hysteresis: number | null;
  readonly segments: readonly DocumentedSegment[];
  readonly disqualified: readonly { readonly id: string; readonly label: string; readonly when: string }[];
  /** The model with values that people set by hand. */
  readonly overrides: string | null;
}

export interface DocumentedAxis {
  readonly input: string;
  readonly steps: readonly { readonly name: string; readonly reachedBy: string }[];
}

export interface DocumentedTier {
  readonly tier: string;
  readonly label: string | null;
  readonly reachedBy: string;
}

export interface DocumentedSegment {
  readonly segment: string;
  /** Null: all the rest. */
  readonly when: string | null;
  /** What is otherwise than in the tables above. */
  readonly changes: readonly string[];
}

type Models = ReadonlyMap<string, Model>;

/**
 * @param params of the model, each with a value
 * @param models of the project
 */
export function documentModel(
  model: ScoredModel,
  params: ReadonlyMap<string, ResolvedParam>,
  models: Models,
): DocumentedModel {
  const words = new SettingWords(params);
  const { range, hysteresis } = model;
  return {
    model: model.name,
    description: model.description ?? null,
    entity: model.entity,
    range: range === undefined ? null : { min: words.number(range.min), max: words.number(range.max) },
    card:
      model.kind === 'combine'
        ? null
        : {
            base: words.number(model.base),
            rules: model.rules.map((rule) => documentRule(rule, words)),
            groups: [...model.groups.values()].map(({ name, min, max }) => ({
              group: name,
              min: min === undefined ? null : words.number(min),
              max: max === undefined ? null : words.number(max),
            })),
          },
    combined: model.kind === 'combine' ? documentCombine(model, words) : null,
    tiers: documentTiers(model, words, models),
    hysteresis: hysteresis === undefined ? null : words.number(hysteresis),
    segments: model.kind === 'combine' ? [] : model.segments.map((segment) => documentSegment(segment, model, words)),
    disqualified: model.disqualify.map(({ id, label, when }) => ({ id, label, when: words.sql(when) })),
    overrides: model.overrides ?? null,
  };
}

function documentCombine({ score, inputs, grade }: CombineModel, words: SettingWords): DocumentedModel['combined'] {
  const axis = ({ input, thresholds }: GradeAxis, namesOf: (count: number) => readonly string[]): DocumentedAxis => {
    const limits = thresholds.map((threshold) => words.number(threshold));
    const steps = namesOf(limits.length + 1).map((name, step) => ({ name, reachedBy: fromOrBelow(limits, step) }));
    return { input, steps };
  };
  return {
    score: words.sql(score),
    inputs,
    grade: grade === undefined ? [] : [axis(grade.letter, gradeLetters), axis(grade.digit, gradeDigits)],
  };
}

function fromOrBelow(thresholds: readonly number[], step: number): string {
  const own = thresholds[step];
  return own === undefined ? `below ${thresholds.at(-1)}` : `from ${own}`;
}

function documentTiers(model: ScoredModel, words: SettingWords, models: Models): readonly DocumentedTier[] {
  const tiers = model.tiers.map((tier, index, all) => ({
    tier: tier.name,
    label: tier.label ?? null,
    reachedBy: reachedBy(tier, all[index - 1], words),
  }));
  const ruledOut = { tier: disqualifiedTier, label: null, reachedBy: 'whoever is ruled out, whatever the score' };
  return isRulingOut(model, models) ? [...tiers, ruledOut] : tiers;
}

/** Whether anybody can be disqualified: a combine rules nobody out that none of its inputs does. */
function isRulingOut(model: Model | undefined, models: Models): boolean {
  if (model === undefined || !isScored(model)) return false;
  if (model.disqualify.length > 0 || model.overrides !== undefined) return true;
  return model.kind === 'combine' && model.inputs.some((input) => isRulingOut(models.get(input.model), models));
}

/** @param above the next higher tier */
function reachedBy({ at, top }: Tier, above: Tier | undefined, words: SettingWords): string {
  if (at !== undefined) return `from ${words.number(at)}`;
  if (top !== undefined) return `the best ${percent(words.number(top))}`;
  return above?.at === undefined ? 'all the rest' : `below ${words.number(above.at)}`;
}

function documentSegment(
  { name, when, rules, tiers }: Segment,
  model: ScoredModel,
  words: SettingWords,
): DocumentedSegment {
  const labelOf = (id: string) =>
    (model.kind === 'scorecard' && model.rules.find((rule) => rule.id === id)?.label) || id;
  const ofRules = [...rules].flatMap(([id, { points, limit, within, decay }]) => {
    const changes = [
      points === undefined ? null : `points ${pointsInWords(points, words)}`,
      limit === undefined ? null : limit === 'none' ? 'no limit' : `limit ${words.number(limit)}`,
      within === undefined ? null : within === 'none' ? 'no window' : `window ${words.duration(within)}`,
      decay === undefined ? null : decay === 'none' ? 'no decay' : `decay ${decayInWords(decay, words)}`,
    ].filter((change) => change !== null);
    return changes.length === 0 ? [] : [`${labelOf(id)}: ${changes.join(', ')}`];
  });
  const ofTiers = [...tiers].map(([tier, at]) => `tier ${tier}: from ${words.number(at)}`);
  return { segment: name, when: when === undefined ? null : words.sql(when), changes: [...ofRules, ...ofTiers] };
}
