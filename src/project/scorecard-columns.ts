import type { ScoredModel } from './model-types.ts';

/** What stands in every scored model's table beside the entity's key and `points__<rule id>`. */
export const scorecardColumns = ['score', 'tier', 'segment', 'reasons', 'as_of', 'model_version'] as const;

/** A letter and a digit, in the table of a `combine` that has a grade. */
export const gradeColumn = 'grade';

/** Beside them where the model has overrides: whether the row is set by hand, and the score that it would have else. */
export const overrideColumns = ['overridden', 'computed_score'] as const;

/** The columns of a model's rules, or of the scores that it combines. */
export function pointsColumns(model: ScoredModel): readonly string[] {
  const names = model.kind === 'combine' ? model.inputs.map(({ name }) => name) : model.rules.map(({ id }) => id);
  return names.map(rulePointsColumn);
}

/** The column of one rule's points; in a `combine`, of one input's score. */
export function rulePointsColumn(ruleId: string): string {
  return `points__${ruleId}`;
}

export function isScorecardColumn(column: string): boolean {
  return scorecardColumns.some((known) => known === column) || column.startsWith(rulePointsColumn(''));
}
