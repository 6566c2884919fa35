/** The column that holds a rule's points, after its limit. */
export function pointsColumn(ruleId: string): string {
  return `points__${ruleId}`;
}

/** Columns of a score table behind the entity's key, in their order. */
export function scoreColumns(rules: readonly { readonly id: string }[]): readonly string[] {
  return [
    'score',
    'tier',
    'segment',
    ...rules.map((rule) => pointsColumn(rule.id)),
    'reasons',
    'as_of',
    'model_version',
  ];
}
