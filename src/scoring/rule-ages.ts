import { bandsOf, type CardAbsenceRule, type CardEventRule } from './card.ts';
import { decayEnd } from './decay.ts';
import { silenceReach } from './silence.ts';
import { daysBack, type Span } from './span.ts';

/** Which ages a rule counts, each end in the unit that it is written in. */
export interface RuleAges {
  /** Ages below all of these count; at most one for each unit. */
  readonly windows: readonly Span[];
  /** Ages below this one do not count. */
  readonly from?: Span;
  /** The age at which nothing is left, where events that old still take part in what comes before decay. */
  readonly fadedAt?: Span;
  /** Of a rule that counts sessions: the windows, with `from`, of the events that sessions are made of. */
  readonly inSession?: readonly Span[];
}

/**
 * The end of a decay works like a window, with one exception: where ages differ within a day, the earliest event of a day
 * takes its place under `max_per_day` though nothing may be left of it.
 */
export function agesOf(rule: CardEventRule | CardAbsenceRule): RuleAges {
  const within = rule.within === undefined ? [] : [rule.within];
  if (rule.kind === 'event' && rule.session !== undefined) {
    const { session: _, from, ...ofSessions } = rule;
    return { ...agesOf({ ...ofSessions, within: undefined }), from, inSession: within };
  }
  if (rule.kind === 'absence') return { windows: within };
  const { from, decay, maxPerDay } = rule;
  const end = decay === undefined ? undefined : decayEnd(decay);
  // Bands count events before decay.
  if (end === undefined || bandsOf(rule) !== null) return { windows: within, from };
  if (maxPerDay !== undefined && end.unit === 'seconds') return { windows: within, from, fadedAt: end };
  const ofUnit = Map.groupBy([...within, end], ({ unit }) => unit);
  const shortest = (spans: readonly Span[]) => spans.reduce((a, b) => (b.length < a.length ? b : a));
  return { windows: [...ofUnit.values()].map(shortest), from };
}

/** How far back a rule looks, in days before the day of `as_of`; infinite where it looks at everything. */
export function reachOf(rule: CardEventRule | CardAbsenceRule): number {
  if (rule.kind === 'absence') return silenceReach(rule);
  const { windows, fadedAt, inSession } = agesOf(rule);
  // Sessions are made before anything decays.
  if (inSession !== undefined) return Math.min(...inSession.map(daysBack));
  return Math.min(...[...windows, ...(fadedAt === undefined ? [] : [fadedAt])].map(daysBack));
}

/** How far back events matter that end a penalty: as far as penalties; for silence, ever since it began. */
export function recoveryReachOf(rule: CardEventRule | CardAbsenceRule): number {
  return rule.kind === 'absence' ? Number.POSITIVE_INFINITY : reachOf(rule);
}
