/**
 * What a sync can send of a scored model beside its table and its entity's columns: where the score came from. Scoreline's
 * history knows it.
 */
export const scoreHistoryColumns = [
  'previous_score',
  'previous_tier',
  'tier_since',
  'crossed_at',
  'crossings',
] as const;

export function isScoreHistoryColumn(column: string): boolean {
  return scoreHistoryColumns.some((known) => known === column.toLowerCase());
}

/** Whether SQL over the columns of a model names one of them. */
export function namesScoreHistory(sqlText: string): boolean {
  const words = sqlText.toLowerCase().match(/[a-z_]+/g) ?? [];
  return words.some(isScoreHistoryColumn);
}
