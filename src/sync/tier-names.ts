import type { Model, ScoredModel } from '../project/model-types.ts';
import { allTiers, isScored } from '../project/scored-model.ts';

/** Between the tiers of several models, in the tier of a row. */
export const tierSeparator = ' / ';

/**
 * The tiers that a row of a sync can have, highest first. With several models that have tiers, a row's tier is the tiers
 * of all of them, in the order of the models: a move in any is a move of the row.
 */
export function tierNames(models: readonly Model[]): readonly string[] {
  const [first = [], ...others] = modelsWithTiers(models).map((model) => allTiers(model).map(({ name }) => name));
  return others.reduce(
    (combined, tiers) => combined.flatMap((before) => tiers.map((tier) => before + tierSeparator + tier)),
    first,
  );
}

export function modelsWithTiers(models: readonly Model[]): readonly ScoredModel[] {
  return models.filter(isScored).filter((model) => allTiers(model).length > 0);
}
