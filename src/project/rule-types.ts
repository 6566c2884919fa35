import type { DurationSetting, NumberSetting, SqlExpression } from './setting-types.ts';

export type Points = NumberSetting | SqlExpression;

/** Points for frequency, in the file's order: the band with the most events that are reached gives its points, once. */
export interface Bands {
  readonly bands: readonly Band[];
}

export interface Band {
  readonly atLeast: NumberSetting;
  readonly points: NumberSetting;
}

interface RuleBase {
  readonly id: string;
  /** In a marketer's words; made from the id where absent. */
  readonly label: string;
  readonly description?: string;
  /** How a reason names the rule, instead of its label. */
  readonly reason?: ReasonTemplate;
  /** Bends the sum of the rule's points before the limit; not of attributes and absence, which have one value. */
  readonly curve?: Curve;
  /** Cap on this rule's points, in absolute value. */
  readonly limit?: NumberSetting;
  readonly group?: string;
}

/** `{label}`, `{count}` and `{window}` are filled in; `[ in {window}]` goes where there is none. `one` is for a single event. */
export interface ReasonTemplate {
  readonly one: string;
  readonly many: string;
}

export type Curve =
  /** factor × ln(1 + sum) */
  | { readonly kind: 'log'; readonly factor: NumberSetting }
  /** limit × sum / (sum + at): half of the limit where the sum is `at`. */
  | { readonly kind: 'half_at'; readonly at: NumberSetting };

export type Rule = EventRule | AttributeRule | AbsenceRule | NumericRule | RollupRule;

export interface EventRule extends RuleBase {
  readonly kind: 'event';
  /** A template that names a relation: one row per event, carrying the key of the entity or of one that belongs to it. */
  readonly events: string;
  /** Columns of the events that say whose they are; absent: those that their SQL shows. */
  readonly by?: readonly string[];
  /** SQL over the event's row. */
  readonly at: string;
  readonly where?: string;
  /** SQL over the event's row: a link that `explain` shows beside the event. */
  readonly link?: string;
  readonly points: Points | Bands;
  /** The points are given once, where at least so many events count. */
  readonly atLeast?: NumberSetting;
  readonly within?: DurationSetting;
  /** Instead of `within`: events at least as old as `from` and younger than `to`. */
  readonly between?: { readonly from: DurationSetting; readonly to: DurationSetting };
  readonly count:
    | { readonly kind: 'each' }
    | { readonly kind: 'once' }
    | { readonly kind: 'distinct'; readonly column: string };
  readonly maxPerDay?: NumberSetting;
  readonly decay?: Decay;
  readonly recover?: Recovery;
  /** Sessions count instead of events. */
  readonly session?: Session;
}

/** Events of an entity that belong together; a session stands at its first event. */
export interface Session {
  readonly by: /** Events that share a value of the column; without a value, an event is in no session. */
    | { readonly kind: 'column'; readonly column: string }
    /** A session ends where no event follows for so long. */
    | { readonly kind: 'gap'; readonly gap: DurationSetting };
  /** Sessions of so many events or minutes count; of `count`, so many sessions give the points, once. Absent: all count. */
  readonly least?: { readonly measure: 'pages' | 'minutes' | 'count'; readonly atLeast: NumberSetting };
}

/** A penalty ends when such an event follows. */
export interface Recovery {
  /** A template that names a relation of events. */
  readonly on: string;
  readonly at: string;
  readonly where?: string;
}

export type Decay =
  | { readonly kind: 'half_life'; readonly halfLife: DurationSetting }
  | { readonly kind: 'linear'; readonly to: DurationSetting }
  /** `by` is a share, 0 to 1, lost at every full `every`. */
  | { readonly kind: 'step'; readonly every: DurationSetting; readonly by: NumberSetting };

export interface AttributeRule extends RuleBase {
  readonly kind: 'attribute';
  readonly when: string;
  readonly points: Points;
}

/** Fires where none of the relations has an event of the entity in the window. */
export interface AbsenceRule extends RuleBase {
  readonly kind: 'absence';
  readonly noEvents: readonly string[];
  readonly by?: readonly string[];
  readonly at: string;
  readonly where?: string;
  readonly points: Points;
  readonly within: DurationSetting;
  /** The points are given again after each full period of more silence. */
  readonly repeat?: DurationSetting;
  readonly recover?: Recovery;
}

/** Points times the value of a SQL expression over the entity's row. */
export interface NumericRule extends RuleBase {
  readonly kind: 'numeric';
  readonly value: string;
  readonly points: Points;
}

/** Points times what is made of the rows of a child entity's scored model; disqualified ones are left out. */
export interface RollupRule extends RuleBase {
  readonly kind: 'rollup';
  /** The model's name. */
  readonly rollup: string;
  readonly agg: RollupAgg;
  /** SQL over the model's row and its entity's columns, as are `weight` and the column of `distinct`. */
  readonly where?: string;
  readonly weight?: string;
  /** SQL over this card's entity, by which the result is divided. */
  readonly per?: string;
  /** The points are given once, where the result is at least this. */
  readonly atLeast?: NumberSetting;
  readonly points: Points;
}

export type RollupAgg =
  | { readonly kind: 'sum' | 'max' | 'avg' | 'count' | 'noisy_or' }
  /** The mean of the highest so many. */
  | { readonly kind: 'top_avg'; readonly top: number }
  | { readonly kind: 'distinct'; readonly column: string };
