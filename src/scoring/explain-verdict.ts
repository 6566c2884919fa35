import type { Dialect, Fragment } from '../sql/types.ts';
import type { ScoredCard } from './card.ts';
import { name, textLiteral } from './literals.ts';
import { entityColumns, gateColumn } from './segments.ts';
import { column } from './select-text.ts';
import { barColumn, barColumns } from './tier-bars.ts';
import type { Verdict } from './verdict.ts';

/** How a computed score became what stands in the table. */
export interface ExplainedVerdict {
  readonly score: number;
  readonly tier: string | null;
  readonly reasons: string;
  /** After range and rounding, before what people set by hand. */
  readonly computedScore: number;
  readonly range: { readonly min: number; readonly max: number } | null;
  readonly round: number | 'none';
  readonly segment: string | null;
  /** The model's gates. */
  readonly gates: readonly { readonly id: string; readonly label: string; readonly holds: boolean }[];
  /** What somebody set by hand, if it has not expired. */
  readonly override: ExplainedOverride | null;
  /** The tier that hysteresis goes by; null where none counts. */
  readonly tierBefore: string | null;
  readonly hysteresis: number | null;
  /** The place by score among all that are not disqualified, in a model with tiers that are shares. */
  readonly rank: { readonly place: number; readonly of: number } | null;
  /** What decides the score beside the data. */
  readonly modelVersion: string;
  /** Highest first. */
  readonly tiers: readonly ExplainedTier[];
}

export interface ExplainedTier {
  readonly name: string;
  /** The threshold of the entity's segment; null for a share of all, and for the last tier. */
  readonly at: number | null;
  /**
   * The score that it takes of this entity: by its segment, and less where hysteresis keeps a tier; of a share of all, the
   * lowest that has it now. Null for the last tier, which takes none.
   */
  readonly from: number | null;
}

export interface ExplainedOverride {
  readonly score: number | null;
  readonly tier: string | null;
  readonly reason: string | null;
  /** ISO, UTC; null: for good. */
  readonly until: string | null;
}

interface VerdictColumns {
  readonly reasons: Fragment;
  /** The last step. */
  readonly from: string;
  readonly modelVersion: string;
  readonly dialect: Dialect;
}

/** The columns that `readVerdict` reads. */
export function verdictColumns(
  card: ScoredCard,
  verdict: Verdict,
  { reasons, from, modelVersion, dialect }: VerdictColumns,
): readonly Fragment[] {
  const overrides = ['override_score', 'override_tier', 'override_reason'].map(name);
  const until = column(dialect.instantText(name('override_until')), 'override_until');
  return [
    column(name('score'), 'computed_score'),
    verdict.score === undefined ? name('score') : column(verdict.score, 'score'),
    column(verdict.tier, 'tier'),
    column(reasons, 'reasons'),
    column(textLiteral(modelVersion, dialect), 'model_version'),
    ...entityColumns(card),
    ...(card.overrides === null ? [] : [...overrides, until]),
    ...(card.hysteresis === undefined ? [] : [name('tier_before')]),
    ...(isRanked(card) ? [name('place_by_score'), name('rivals'), ...barColumns(card, verdict, from, dialect)] : []),
  ];
}

/** Whether a tier depends on the scores of all others. */
export function isRanked({ tiers }: ScoredCard): boolean {
  return tiers.some(({ topRatio }) => topRatio !== undefined);
}

export function readVerdict(card: ScoredCard, row: Readonly<Record<string, unknown>>): ExplainedVerdict {
  const { override_score: score, override_tier: tier } = row;
  const isOverridden = textOf(score) !== null || textOf(tier) !== null;
  // Hysteresis is for computed scores.
  const tierBefore = isOverridden ? null : textOf(row.tier_before);
  return {
    score: Number(row.score),
    tier: textOf(row.tier),
    reasons: textOf(row.reasons) ?? '',
    computedScore: Number(row.computed_score),
    range: card.range,
    round: card.round,
    segment: textOf(row.in_segment),
    gates: card.gates.map(({ id, label }) => ({ id, label, holds: row[gateColumn(id)] === true })),
    override: isOverridden
      ? {
          score: textOf(score) === null ? null : Number(score),
          tier: textOf(tier),
          reason: textOf(row.override_reason),
          until: textOf(row.override_until),
        }
      : null,
    tierBefore,
    hysteresis: card.hysteresis ?? null,
    rank: isRanked(card) ? { place: Number(row.place_by_score), of: Number(row.rivals) } : null,
    modelVersion: textOf(row.model_version) ?? '',
    tiers: card.tiers.map((_, index) => explainedTier(card, index, row, tierBefore)),
  };
}

function explainedTier(
  card: ScoredCard,
  index: number,
  row: Readonly<Record<string, unknown>>,
  tierBefore: string | null,
): ExplainedTier {
  const { tiers, segments, hysteresis = 0 } = card;
  const { name: tier, at: general, topRatio } = tiers[index] ?? { name: '' };
  if (topRatio !== undefined) {
    const bar = textOf(row[barColumn(index)]);
    return { name: tier, at: null, from: bar === null ? null : Number(bar) };
  }
  const at = segments.find(({ name: segment }) => segment === row.in_segment)?.tiers[tier] ?? general;
  if (at === undefined) return { name: tier, at: null, from: null };
  const hadIt = tiers.slice(0, index + 1).some(({ name: before }) => before === tierBefore);
  return { name: tier, at, from: Number((hadIt ? at - hysteresis : at).toFixed(6)) };
}

/** A value as text; null for null and for what the query did not have. */
export function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
