/** What stands in every scorecard's table beside the entity's key and `points__<rule id>`. */
export const scorecardColumns = ['score', 'tier', 'segment', 'reasons', 'as_of', 'model_version'] as const;

/** The column of one rule's points. */
export function rulePointsColumn(ruleId: string): string {
  return `points__${ruleId}`;
}

export function isScorecardColumn(column: string): boolean {
  return scorecardColumns.some((known) => known === column) || column.startsWith(rulePointsColumn(''));
}
