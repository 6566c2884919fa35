import type { CombineModel, Model, ScoredModel, Tier } from './model-types.ts';

/** The tier of those whom a gate rules out; no model has it as its own. */
export const disqualifiedTier = 'disqualified';

/** Whether a model's rows have a score, a tier and reasons, whatever its kind. */
export function isScored(model: Model): model is ScoredModel {
  return model.kind === 'scorecard' || model.kind === 'combine';
}

/** Whether a row may be disqualified: by a gate of the model or of one that it combines, or by hand. */
export function mayDisqualify(model: ScoredModel): boolean {
  return model.kind === 'combine' || model.disqualify.length > 0 || model.overrides !== undefined;
}

/** Every tier that a row may have, highest first; `disqualified` is the last. */
export function allTiers(model: ScoredModel): readonly Tier[] {
  return mayDisqualify(model) ? [...model.tiers, { name: disqualifiedTier }] : model.tiers;
}

/** Every grade that a row may have, the best first: A1, A2 … C3. */
export function gradesOf({ grade }: CombineModel): readonly string[] {
  if (grade === undefined) return [];
  const letters = gradeLetters(grade.letter.thresholds.length + 1);
  const digits = gradeDigits(grade.digit.thresholds.length + 1);
  return letters.flatMap((letter) => digits.map((digit) => `${letter}${digit}`));
}

/** A, B, C … */
export function gradeLetters(count: number): readonly string[] {
  return Array.from({ length: count }, (_, step) => String.fromCharCode('A'.charCodeAt(0) + step));
}

/** 1, 2, 3 … */
export function gradeDigits(count: number): readonly string[] {
  return Array.from({ length: count }, (_, step) => String(step + 1));
}
