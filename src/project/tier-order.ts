interface TierMove {
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * Compares tiers: the highest first, behind them those that no model has any more, by name, and no tier at all last.
 * @param tiers as the model has them, the highest first
 */
export function byTier(tiers: readonly string[]): (a: string | null, b: string | null) => number {
  const rank = (tier: string | null) => {
    if (tier === null) return tiers.length + 1;
    const place = tiers.indexOf(tier);
    return place < 0 ? tiers.length : place;
  };
  return (a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    return a === b || a === null || b === null ? 0 : a < b ? -1 : 1;
  };
}

/** By where they come from, then by where they go. */
export function inTierOrder<Move extends TierMove>(moves: readonly Move[], tiers: readonly string[]): readonly Move[] {
  const compare = byTier(tiers);
  return [...moves].sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
}
