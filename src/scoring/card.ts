import type { ParamValue } from '../project/setting-types.ts';
import type { Fragment } from '../sql/types.ts';
import type { Span } from './span.ts';

/** What every scored model has as it is compiled: whose score it is, and how it becomes a tier. */
export interface ScoredCard {
  /** The model's name. */
  readonly name: string;
  readonly entity: string;
  /** The entity's key column, as users call it. */
  readonly key: string;
  readonly people: Relation;
  readonly range: { readonly min: number; readonly max: number } | null;
  readonly round: number | 'none';
  readonly tiers: readonly CardTier[];
  /** The first one that matches is an entity's. */
  readonly segments: readonly CardSegment[];
  readonly gates: readonly CardGate[];
  readonly hysteresis?: number;
  /** One row per key. */
  readonly overrides: Relation | null;
}

export interface CardGate {
  readonly id: string;
  readonly label: string;
  readonly when: Expression;
}

export interface CardSegment {
  readonly name: string;
  /** Null: all the rest. */
  readonly when: Expression | null;
  /** Tier → its threshold here. */
  readonly tiers: Readonly<Record<string, number>>;
}

/**
 * A scorecard as it is compiled: parameters are values, durations follow the grain, templates are SQL. `meaning` is what
 * stands for a piece of SQL in the fingerprint: its text and the parameters it takes, without the names of schemas and
 * without `as_of`.
 */
export interface Card extends ScoredCard {
  readonly base: number;
  /** Characters of the reasons; absent: as many as they have. */
  readonly maxReasonsLength?: number;
  readonly groups: readonly CardGroup[];
  readonly rules: readonly CardRule[];
  /** Set where builds keep the sums of days; no part of the score. */
  readonly incremental?: CardIncremental;
}

export interface CardIncremental {
  /** Days that every build reads again, the day of the build before included. */
  readonly lookbackDays: number;
}

export interface Meaning {
  readonly sql: string;
  readonly params: Readonly<Record<string, ParamValue>>;
}

export interface Expression {
  /** In parentheses where it needs them. */
  readonly fragment: Fragment;
  readonly meaning: Meaning;
  /** Whether it may say something else at another `as_of`. */
  readonly readsAsOf?: true;
}

export interface Relation extends Expression {
  /** Equal for two templates that lead to the same relation. */
  readonly identity: string;
  /** A word for steps that read it, such as `logins`. */
  readonly word: string;
  /** Of events: the column with the key of the entity that is scored, where it is not called as the entity calls it. */
  readonly key?: string;
  /** Of events of a card whose builds keep the sums of days: the column that says when a row was loaded. */
  readonly loadedAt?: string;
  /** Whether it is a source of many tables, one per day. */
  readonly isSharded?: true;
  /** Of events: whether each counts by its `member__weight`. */
  readonly isWeighted?: boolean;
}

export interface CardGroup {
  readonly name: string;
  readonly min?: number;
  readonly max?: number;
}

export interface CardTier {
  readonly name: string;
  readonly at?: number;
  /** Instead: the best share of all that are not disqualified. */
  readonly topRatio?: number;
}

interface CardRuleBase {
  readonly id: string;
  readonly label: string;
  /** How reasons name it; its label where absent. */
  readonly words?: CardWords;
  readonly curve?: CardCurve;
  readonly limit?: number;
  readonly group?: string;
  /** Of events, over their row: a link to show beside each of them. No part of the score. */
  readonly link?: Expression;
  /** What stands in its place in a segment; absent where no segment changes it. */
  readonly variants?: readonly CardVariant[];
}

/** The parts of a reason's text, for a single event and for any other number. */
export interface CardWords {
  readonly one: readonly WordPart[];
  readonly many: readonly WordPart[];
}

export type WordPart = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'count' };

export type CardCurve =
  | { readonly kind: 'log'; readonly factor: number }
  | { readonly kind: 'half_at'; readonly at: number };

/** Computed beside the rule for everyone, and taken where the segment is theirs. */
export interface CardVariant {
  readonly segment: string;
  /** With an id of its own. */
  readonly rule: CardRule;
}

/** SQL over the entity's row. */
export type EntityPoints = number | Expression;

export type CardRule = CardEventRule | CardAttributeRule | CardAbsenceRule | CardNumericRule | CardRollupRule;

export interface CardEventRule extends CardRuleBase {
  readonly kind: 'event';
  /** SQL over the event's row; or points for the number of events. */
  readonly points: number | Expression | CardBands;
  readonly events: Relation;
  readonly at: Expression;
  readonly where?: Expression;
  readonly within?: Span;
  /** With `within`, an event counts from this age on. */
  readonly from?: Span;
  readonly count: CardCount;
  readonly maxPerDay?: number;
  readonly decay?: CardDecay;
  readonly recover?: CardRecovery;
  readonly session?: CardSession;
}

export interface CardSession {
  readonly by: { readonly kind: 'value'; readonly value: Expression } | { readonly kind: 'gap'; readonly gap: Span };
  /** Of a session that counts; absent: all do. */
  readonly least?: { readonly measure: 'pages' | 'minutes'; readonly atLeast: number };
}

/** The band with the most events that are reached gives its points once, faded as the newest event is. */
export interface CardBands {
  /** The most events first; at least one. */
  readonly bands: readonly CardBand[];
}

export interface CardBand {
  readonly atLeast: number;
  readonly points: number;
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
  readonly points: EntityPoints;
  readonly when: Expression;
}

export interface CardAbsenceRule extends CardRuleBase {
  readonly kind: 'absence';
  readonly points: EntityPoints;
  /** At least one, each relation once. */
  readonly noEvents: readonly AbsentEvents[];
  readonly within: Span;
  /** In the unit of `within`. */
  readonly repeat?: Span;
  readonly recover?: CardRecovery;
}

/** Over the relation with the events that end a penalty. */
export type CardRecovery = AbsentEvents;

/** `at` and `where` are rendered over each relation, though their text is the same for all. */
export interface AbsentEvents {
  readonly events: Relation;
  readonly at: Expression;
  readonly where?: Expression;
}

export interface CardNumericRule extends CardRuleBase {
  readonly kind: 'numeric';
  readonly points: EntityPoints;
  readonly value: Expression;
}

/** Points times what is made of the rows of a scored model; of an entity that belongs to the card's. */
export interface CardRollupRule extends CardRuleBase {
  readonly kind: 'rollup';
  readonly points: EntityPoints;
  /** The model's rows with the columns of its entity, `member__key` and `owner__key`. */
  readonly rows: Relation;
  readonly agg: CardAgg;
  readonly where?: Expression;
  readonly weight?: Expression;
  /** SQL over the entity's row. */
  readonly per?: Expression;
  readonly atLeast?: number;
}

export type CardAgg =
  | { readonly kind: 'sum' | 'max' | 'avg' | 'count' | 'noisy_or' }
  | { readonly kind: 'top_avg'; readonly top: number }
  | { readonly kind: 'distinct'; readonly value: Expression };

/** Whether the words of a rule need to know how many of its events count. */
export function countsForWords({ words }: CardRule): boolean {
  if (words === undefined) return false;
  const hasCount = [...words.one, ...words.many].some(({ kind }) => kind === 'count');
  return hasCount || JSON.stringify(words.one) !== JSON.stringify(words.many);
}

/** SQL for the points of one event or entity; null where the card says them in numbers. */
export function sqlPointsOf({ points }: CardRule): Expression | null {
  return typeof points === 'object' && 'fragment' in points ? points : null;
}

/** The bands of a rule that gives points for the number of events; null for all others. */
export function bandsOf({ points }: CardRule): readonly CardBand[] | null {
  return typeof points === 'object' && 'bands' in points ? points.bands : null;
}

/** Scores may be below zero, numbers of rows and chances are not. */
function isSumOfScores(rule: CardRule): boolean {
  return (
    rule.kind === 'rollup' && rule.atLeast === undefined && !['count', 'distinct', 'noisy_or'].includes(rule.agg.kind)
  );
}

/** Whether a rule gives points, takes them, or may do both; what points in SQL do is not known. */
export function signOf(rule: CardRule): Sign {
  const signs = [ownSign(rule), ...(rule.variants ?? []).map((variant) => ownSign(variant.rule))];
  const [first = 'either'] = signs;
  return signs.every((sign) => sign === first) ? first : 'either';
}

type Sign = 'positive' | 'negative' | 'either';

function ownSign(rule: CardRule): Sign {
  if (rule.kind === 'numeric' || sqlPointsOf(rule) !== null || isSumOfScores(rule)) return 'either';
  const all = bandsOf(rule)?.map(({ points }) => points) ?? [Number(rule.points)];
  if (all.every((some) => some >= 0)) return 'positive';
  return all.every((some) => some <= 0) ? 'negative' : 'either';
}
