import {
  type AbsentEvents,
  type Card,
  type CardAbsenceRule,
  type CardEventRule,
  type Expression,
  sqlPointsOf,
} from './card.ts';
import { agesOf, type RuleAges, reachOf, recoveryReachOf } from './rule-ages.ts';
import { everyRule } from './segments.ts';
import { asksHowLong } from './silence.ts';
import type { Span } from './span.ts';

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
  /** Penalties that events of this relation end. */
  readonly recoveries: readonly ScanRecovery[];
  readonly grain: InnerGrain | null;
}

/** Its columns are `age_days`, `age_seconds` and `event_at`, with the suffix. */
export interface Instant {
  readonly at: Expression;
  readonly suffix: string;
}

interface ScanRead {
  readonly rule: CardEventRule | CardAbsenceRule;
  readonly where?: Expression;
  readonly instant: Instant;
  /** How far back it looks; may be infinite. */
  readonly reachDays: number;
}

export interface ScanRule extends ScanRead, RuleAges {}

export interface ScanRecovery extends ScanRead {
  /** Of the ages that are compared with those of the penalty. */
  readonly unit: Span['unit'];
}

/**
 * Some rules need the events of an entity put together before they are summed: by day for `max_per_day`, by value for
 * `distinct`. One such grouping fits into a pass over the events; for what it does not fit there are window functions,
 * which take about twice the time.
 */
export type InnerGrain =
  | { readonly kind: 'day'; readonly instant: Instant }
  | { readonly kind: 'value'; readonly value: Expression; readonly column: string };

/** Groups the rules that count events by the relation they read; where sums of days are kept, also by the time they go by. */
export function planScans(card: Card): readonly EventScan[] {
  const reads = everyRule(card).flatMap(readsOf);
  const relations = Map.groupBy(reads, ({ events, at }) =>
    card.incremental === undefined ? events.identity : JSON.stringify([events.identity, at.meaning.sql]),
  );
  const words = new Set<string>();
  return [...relations.values()].flatMap((group): readonly EventScan[] => {
    const [first] = group;
    if (first === undefined) return [];
    let word = first.events.word;
    for (let number = 2; words.has(word); number += 1) word = `${first.events.word}_${number}`;
    words.add(word);
    const instants = instantsOf(group);
    const instantOf = ({ at }: Read) =>
      instants.find((known) => known.at.meaning.sql === at.meaning.sql) ?? { at, suffix: '' };
    const rules = group.flatMap((read): readonly ScanRule[] => {
      const { rule, where } = read;
      if (read.ends === true) return [];
      return [{ rule, where, instant: instantOf(read), reachDays: reachOf(rule), ...agesOf(rule) }];
    });
    const recoveries = group.flatMap((read): readonly ScanRecovery[] => {
      const { rule, where } = read;
      if (read.ends !== true) return [];
      const unit = rule.kind === 'absence' ? rule.within.unit : 'seconds';
      return [{ rule, where, instant: instantOf(read), reachDays: recoveryReachOf(rule), unit }];
    });
    const grain = card.incremental === undefined ? sharedGrain(rules) : dayGrain(instants);
    return [{ word, events: first.events, instants, rules, recoveries, grain }];
  });
}

interface Read extends AbsentEvents {
  readonly rule: CardEventRule | CardAbsenceRule;
  /** Whether these are the events that end the rule's penalty, rather than those that it counts. */
  readonly ends?: true;
}

function readsOf(rule: Card['rules'][number]): readonly Read[] {
  switch (rule.kind) {
    case 'event':
      return [{ rule, events: rule.events, at: rule.at, where: rule.where }, ...recoveryOf(rule)];
    case 'absence':
      return [...rule.noEvents.map((absent) => ({ rule, ...absent })), ...recoveryOf(rule)];
    case 'attribute':
    case 'numeric':
    case 'rollup':
      return [];
    default:
      return rule satisfies never;
  }
}

function recoveryOf(rule: Read['rule']): readonly Read[] {
  return rule.recover === undefined ? [] : [{ rule, ends: true, ...rule.recover }];
}

function instantsOf(reads: readonly Read[]): readonly Instant[] {
  const distinct = new Map(reads.map(({ at }) => [at.meaning.sql, at]));
  return [...distinct.values()].map((at, index) => ({ at, suffix: index === 0 ? '' : `_${index + 1}` }));
}

/**
 * Every event of a scan that may change a score, as rules that count it: what ends a penalty, too; for rules that ask how
 * long it was silent, events from before their window; for those on sessions, what sessions are made of.
 */
export function scanReads({ rules, recoveries }: EventScan): readonly ScanRule[] {
  const counted = rules.map((read) => {
    if (read.rule.kind === 'absence' && asksHowLong(read.rule)) return { ...read, windows: [] };
    return read.inSession === undefined ? read : { ...read, windows: read.inSession };
  });
  return [...counted, ...recoveries.map((recovery) => ({ ...recovery, windows: [] }))];
}

/** How far back a scan must read for those of its reads at an instant, or at any, in days; null: without an end. */
export function scanReach({ rules, recoveries }: EventScan, instant?: Instant): number | null {
  const here = [...rules, ...recoveries].filter((read) => instant === undefined || read.instant === instant);
  const furthest = Math.max(...here.map(({ reachDays }) => reachDays));
  return Number.isFinite(furthest) ? furthest : null;
}

function sharedGrain(rules: readonly ScanRule[]): InnerGrain | null {
  return rules.map(neededGrain).find((needed) => needed !== null) ?? null;
}

/** Of a card whose builds keep the sums of days: whatever is built, in full or not, goes through the same sums. */
function dayGrain([instant]: readonly Instant[]): InnerGrain | null {
  return instant === undefined ? null : { kind: 'day', instant };
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
  if (rule.kind === 'absence') return !asksHowLong(rule) || rule.within.unit === 'days';
  return rule.count.kind !== 'distinct' && sqlPointsOf(rule) === null && rule.decay?.span.unit !== 'seconds';
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
