import type { RuleShape } from '../shapes/rule-schema.ts';

export interface RuleContradiction {
  /** The key that cannot stand beside the others. */
  readonly key: keyof RuleShape;
  /** Goes on after ``rule `id` ``. */
  readonly message: string;
  readonly hint: string;
}

/** Options of one rule that contradict each other, whatever the values of parameters. */
export function ruleContradictions(shape: RuleShape): readonly RuleContradiction[] {
  const found: RuleContradiction[] = [];
  const refuse = (key: keyof RuleShape, message: string, hint: string) => found.push({ key, message, hint });
  if (shape.between !== undefined && shape.within !== undefined) {
    refuse(
      'between',
      'has both `within` and `between`: expected one of them',
      '`within` is the window up to now, `between` one that ended before.',
    );
  }
  if (shape.bands !== undefined) {
    const hint = 'Each band has points of its own: leave the other out.';
    if (shape.points !== undefined) refuse('points', 'has both `points` and `bands`: expected one of them', hint);
    if (shape.at_least !== undefined) refuse('at_least', 'has both `bands` and `at_least`: expected one of them', hint);
  }
  const frequency = shape.bands !== undefined ? 'bands' : shape.at_least !== undefined ? 'at_least' : null;
  if (frequency !== null && shape.count === 'once') {
    const message = `has \`count: once\`, which leaves \`${frequency}\` no more than one event to count`;
    refuse('count', message, `Points of \`${frequency}\` are given once anyway: leave \`count\` out.`);
  }
  if (shape.session !== undefined) {
    const counts = 'Sessions count, each once, for points in numbers.';
    if (typeof shape.count === 'object') refuse('count', 'has `session` and `count: { distinct }`', counts);
    if (typeof shape.points === 'string') refuse('points', 'has `session` and points in SQL', counts);
    if (shape.session.measure === 'count' && frequency !== null) {
      const message = `has \`session: { measure: count }\` and \`${frequency}\`, which both count sessions`;
      refuse(frequency, message, 'Leave one of them out.');
    }
    if (shape.session.measure === 'count' && shape.count === 'once') {
      refuse(
        'count',
        'has `count: once`, which leaves `session: { measure: count }` no more than one',
        'Leave `count` out.',
      );
    }
  }
  if (shape.curve?.half_at !== undefined && shape.limit === undefined) {
    const message = 'has `curve: { half_at }` without `limit`, which its points come near';
    refuse('curve', message, 'Add a `limit`, or write `curve: { log: 10 }`.');
  }
  if (shape.repeat !== undefined && shape.limit === undefined) {
    const message = 'has `repeat` without `limit`: who never had such an event would lose points without an end';
    refuse('repeat', message, 'Add a `limit`, such as five times the points.');
  }
  if (shape.repeat !== undefined && typeof shape.points === 'string') {
    refuse('points', 'has `repeat` and points in SQL', 'Write a number: it says how often `limit` has room for it.');
  }
  if (shape.at_least !== undefined && shape.events !== undefined && typeof shape.points === 'string') {
    const message = 'gives its points once with `at_least`, so that SQL over an event has no one event to look at';
    refuse('points', message, 'Write a number, or put the condition on events into `where`.');
  }
  return found;
}
