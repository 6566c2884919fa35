import type { CardRule } from './card.ts';
import type { ExplainedEvents } from './explain-events.ts';
import type { ExplainedMembers } from './explain-members.ts';

/** One line of a sum, and what is behind it. */
export interface ExplainedRule {
  readonly id: string;
  readonly label: string;
  readonly kind: CardRule['kind'];
  readonly group?: string;
  /** The sum that the rule's curve bends into `beforeLimit`; absent where it has none. */
  readonly beforeCurve?: number;
  readonly beforeLimit: number;
  readonly limit?: number;
  /** After the limit: the column `points__<id>`. */
  readonly points: number;
  /**
   * What decided the rule, as text: the value of its predicate (`true`, `false`) or of its expression, or how many events
   * an absence rule, or one with `at_least` or `bands`, found, or how often an absence rule
   * with `repeat` or `recover` gives its points, or what a roll-up makes of its rows. Null where the value is null, and where events have points.
   */
  readonly found: string | null;
  /** Of event and absence rules, those that fulfil `where`. */
  readonly events: ExplainedEvents | null;
  /** Of roll-ups. */
  readonly members: ExplainedMembers | null;
}
