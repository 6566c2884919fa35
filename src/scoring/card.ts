import type { ParamValue } from '../project/types.ts';
import type { Fragment } from '../sql/types.ts';
import type { Span } from './span.ts';

/**
 * A scorecard as it is compiled: parameters are values, durations follow the grain, templates are SQL. `meaning` is what
 * stands for a piece of SQL in the fingerprint: its text and the parameters it takes, without the names of schemas and
 * without `as_of`.
 */
export interface Card {
  /** The model's name. */
  readonly name: string;
  readonly entity: string;
  /** The entity's key column, as users call it. */
  readonly key: string;
  readonly people: Relation;
  readonly base: number;
  readonly range: { readonly min: number; readonly max: number } | null;
  readonly round: number | 'none';
  readonly groups: readonly CardGroup[];
  readonly tiers: readonly CardTier[];
  readonly rules: readonly CardRule[];
}

export interface Meaning {
  readonly sql: string;
  readonly params: Readonly<Record<string, ParamValue>>;
}

export interface Expression {
  /** In parentheses where it needs them. */
  readonly fragment: Fragment;
  readonly meaning: Meaning;
}

export interface Relation extends Expression {
  /** Equal for two templates that lead to the same relation. */
  readonly identity: string;
  /** A word for steps that read it, such as `logins`. */
  readonly word: string;
}

export interface CardGroup {
  readonly name: string;
  readonly min?: number;
  readonly max?: number;
}

export interface CardTier {
  readonly name: string;
  readonly at?: number;
}

interface CardRuleBase {
  readonly id: string;
  readonly label: string;
  /** SQL: over the event's row in event rules, over the entity's row in all others. */
  readonly points: number | Expression;
  readonly limit?: number;
  readonly group?: string;
}

export type CardRule = CardEventRule | CardAttributeRule | CardAbsenceRule | CardNumericRule;

export interface CardEventRule extends CardRuleBase {
  readonly kind: 'event';
  readonly events: Relation;
  readonly at: Expression;
  readonly where?: Expression;
  readonly within?: Span;
  readonly count: CardCount;
  readonly maxPerDay?: number;
  readonly decay?: CardDecay;
}

export type CardCount =
  | { readonly kind: 'each' }
  | { readonly kind: 'once' }
  | { readonly kind: 'distinct'; readonly value: Expression };

export type CardDecay =
  | { readonly kind: 'half_life'; readonly span: Span }
  | { readonly kind: 'linear'; readonly span: Span }
  /** `share` is lost at every full `span`. */
  | { readonly kind: 'step'; readonly span: Span; readonly share: number };

export interface CardAttributeRule extends CardRuleBase {
  readonly kind: 'attribute';
  readonly when: Expression;
}

export interface CardAbsenceRule extends CardRuleBase {
  readonly kind: 'absence';
  /** At least one, each relation once. */
  readonly noEvents: readonly AbsentEvents[];
  readonly within: Span;
}

/** `at` and `where` are rendered over each relation, though their text is the same for all. */
export interface AbsentEvents {
  readonly events: Relation;
  readonly at: Expression;
  readonly where?: Expression;
}

export interface CardNumericRule extends CardRuleBase {
  readonly kind: 'numeric';
  readonly value: Expression;
}

/** Whether a rule gives points, takes them, or may do both; what points in SQL do is not known. */
export function signOf(rule: CardRule): 'positive' | 'negative' | 'either' {
  if (typeof rule.points !== 'number' || rule.kind === 'numeric') return 'either';
  return rule.points < 0 ? 'negative' : 'positive';
}
