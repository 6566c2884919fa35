import type { AbsentEvents, Card, CardAbsenceRule, CardEventRule, Expression } from './card.ts';
import { decayEnd } from './decay.ts';
import { daysBack, type Span } from './span.ts';

/**
 * One pass over a relation of events, for all rules that read it. A row of the relation has as many instants as rules name
 * different `at`s (opened, clicked), and an age for each.
 */
export interface EventScan {
  /** Begins the names of its steps; no two scans share one. */
  readonly word: string;
  readonly events: AbsentEvents['events'];
  readonly instants: readonly Instant[];
  readonly rules: readonly ScanRule[];
  readonly grain: InnerGrain | null;
}

/** Its columns are `age_days`, `age_seconds` and `event_at`, with the suffix. */
export interface Instant {
  readonly at: Expression;
  readonly suffix: string;
}

export interface ScanRule {
  readonly rule: CardEventRule | CardAbsenceRule;
  readonly where?: Expression;
  readonly instant: Instant;
  /** Ages below all of these count; at most one for each unit. */
  readonly windows: readonly Span[];
  /** The age at which nothing is left, where events that old still take part in what comes before decay. */
  readonly fadedAt?: Span;
}

/**
 * Some rules need the events of an entity put together before they are summed: by day for `max_per_day`, by value for
 * `distinct`. One such grouping fits into a pass over the events; for what it does not fit there are window functions,
 * which take about twice the time.
 */
export type InnerGrain =
  | { readonly kind: 'day'; readonly instant: Instant }
  | { readonly kind: 'value'; readonly value: Expression; readonly column: string };

/** Groups the rules that count events by the relation they read. */
export function planScans(card: Card): readonly EventScan[] {
  const reads = card.rules.flatMap(readsOf);
  const relations = Map.groupBy(reads, (read) => read.events.identity);
  const words = new Set<string>();
  return [...relations.values()].flatMap((group): readonly EventScan[] => {
    const [first] = group;
    if (first === undefined) return [];
    let word = first.events.word;
    for (let number = 2; words.has(word); number += 1) word = `${first.events.word}_${number}`;
    words.add(word);
    const instants = instantsOf(group);
    const rules = group.map(({ rule, at, where }): ScanRule => {
      const instant = instants.find((known) => known.at.meaning.sql === at.meaning.sql) ?? { at, suffix: '' };
      return { rule, where, instant, ...agesOf(rule) };
    });
    const grain = rules.map(neededGrain).find((needed) => needed !== null) ?? null;
    return [{ word, events: first.events, instants, rules, grain }];
  });
}

interface Read extends AbsentEvents {
  readonly rule: CardEventRule | CardAbsenceRule;
}

function readsOf(rule: Card['rules'][number]): readonly Read[] {
  switch (rule.kind) {
    case 'event':
      return [{ rule, events: rule.events, at: rule.at, where: rule.where }];
    case 'absence':
      return rule.noEvents.map((absent) => ({ rule, ...absent }));
    case 'attribute':
    case 'numeric':
      return [];
    default:
      return rule satisfies never;
  }
}

function instantsOf(reads: readonly Read[]): readonly Instant[] {
  const distinct = new Map(reads.map(({ at }) => [at.meaning.sql, at]));
  return [...distinct.values()].map((at, index) => ({ at, suffix: index === 0 ? '' : `_${index + 1}` }));
}

/**
 * The end of a decay works like a window, with one exception: where ages differ within a day, the earliest event of a day
 * takes its place under `max_per_day` though nothing may be left of it.
 */
function agesOf(rule: CardEventRule | CardAbsenceRule): Pick<ScanRule, 'windows' | 'fadedAt'> {
  const within = rule.within === undefined ? [] : [rule.within];
  const end = rule.kind === 'event' && rule.decay !== undefined ? decayEnd(rule.decay) : undefined;
  if (end === undefined) return { windows: within };
  if (rule.kind === 'event' && rule.maxPerDay !== undefined && end.unit === 'seconds') {
    return { windows: within, fadedAt: end };
  }
  const ofUnit = Map.groupBy([...within, end], ({ unit }) => unit);
  const shortest = (spans: readonly Span[]) => spans.reduce((a, b) => (b.length < a.length ? b : a));
  return { windows: [...ofUnit.values()].map(shortest) };
}

/** How far back the scan must read, in days before the day of `as_of`; null where a rule reads everything. */
export function reachOf(rules: readonly ScanRule[]): number | null {
  const reaches = rules.map(({ windows, fadedAt }) =>
    Math.min(...[...windows, ...(fadedAt === undefined ? [] : [fadedAt])].map(daysBack)),
  );
  const furthest = Math.max(...reaches);
  return Number.isFinite(furthest) ? furthest : null;
}

/** The grouping that a rule cannot do without, other than by window functions. */
function neededGrain({ rule, instant }: ScanRule): InnerGrain | null {
  if (rule.kind === 'absence') return null;
  const { count, maxPerDay } = rule;
  if (count.kind === 'distinct' && maxPerDay === undefined) {
    return { kind: 'value', value: count.value, column: `value__${rule.id}` };
  }
  return maxPerDay !== undefined && isAlikeByDay(rule) ? { kind: 'day', instant } : null;
}

/** Whether events of one day are worth the same, so that it matters only how many of them count. */
function isAlikeByDay(rule: ScanRule['rule']): boolean {
  if (rule.kind === 'absence') return true;
  return rule.count.kind !== 'distinct' && typeof rule.points === 'number' && rule.decay?.span.unit !== 'seconds';
}

/** Whether a rule is summed up from the groups of the scan's inner grain: by their number of events, or by their best one. */
export function fitsGrain(scanRule: ScanRule, grain: InnerGrain | null): boolean {
  const { rule, instant } = scanRule;
  switch (grain?.kind) {
    case undefined:
      return false;
    case 'day':
      return grain.instant === instant && isAlikeByDay(rule);
    case 'value': {
      const needed = neededGrain(scanRule);
      return needed?.kind === 'value' && needed.value.meaning.sql === grain.value.meaning.sql;
    }
  }
}
