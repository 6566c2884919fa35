import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { happenedBefore, happenedFrom, happenedSince, loadedFrom, shifted } from './age-bounds.ts';
import type { Card } from './card.ts';
import { ageColumn } from './event-columns.ts';
import { type EventStepsOptions, readStep } from './event-steps.ts';
import { dayCounts, totalsStep } from './event-sums.ts';
import { aggregateText } from './event-tally.ts';
import { dateLiteral, name } from './literals.ts';
import { type EventScan, type Instant, scanReach } from './plan-scans.ts';
import { column, lastName, type SelectText, type Step } from './select-text.ts';
import type { ScoringContext } from './types.ts';

/*
 * A card with `incremental` is summed up in two steps: from the events to one row per entity and day, with how many events
 * of the day fit each rule (whole numbers), and from those rows to the points, where windows, decay, `max_per_day`, bands
 * and curves are applied. A build in full takes both steps; one that kept the rows takes the first step only for days
 * whose events may have changed, and replaces the whole rows of those days.
 */

/** What a build kept of a scan. */
export interface KeptDays {
  /** As it stands behind FROM: `entity_key`, `day`, and the columns of `dayCounts`. */
  readonly table: Fragment;
  /** Days from this one on, ISO, are read again. */
  readonly since: string;
  /** So are these days before, ISO, in their order. */
  readonly lateDays: readonly string[];
}

/** By the scan's word; a scan that is not here is read whole. */
export type KeptScans = ReadonlyMap<string, KeptDays>;

/** The one time that a scan of such a card goes by. */
export function instantOf({ instants, word }: EventScan): Instant {
  const [only, ...others] = instants;
  if (only === undefined || others.length > 0)
    throw new RangeError(`${word} goes by ${instants.length} times, not by one`);
  return only;
}

/** Days further back, too: what another build counted that was earlier. */
export function reachingBack(scan: EventScan, days: number): EventScan {
  return { ...scan, rules: scan.rules.map((rule) => ({ ...rule, reachDays: rule.reachDays + days })) };
}

export interface LoadedSince {
  /** ISO day: later days are read again in any case. */
  readonly since: string;
  /** ISO. */
  readonly loadedSince: string;
}

/**
 * Days before a day of which an event was loaded at an instant or later, or does not say when; a row each, `day`. Two
 * halves, since engines skip blocks by either condition, but not by the one or the other.
 * @returns null where events do not say when they were loaded
 */
export function lateDays(
  scan: EventScan,
  { since, loadedSince }: LoadedSince,
  context: ScoringContext,
): SelectText | null {
  const { loadedAt, fragment } = scan.events;
  if (loadedAt === undefined) return null;
  const at = instantOf(scan).at.fragment;
  const reach = scanReach(scan);
  const oldest = reach === null ? null : happenedSince(at, reach, context);
  const day = context.dialect.day(at);
  const loaded = sql`events.${sql.id(loadedAt)}`;
  const all = sql`select * from ${fragment} as events where`;
  return {
    columns: [column(day, 'day')],
    from: sql`(
    ${all} ${loadedFrom(loaded, loadedSince, context)}
    union all
    ${all} ${loaded} is null
  ) as events`,
    where: [happenedBefore(at, since, context), ...(oldest === null ? [] : [oldest])],
    groupBy: [day],
  };
}

/** Whether the rows of a day are read again. @param day a column */
function isReadAgain(day: Fragment, { since, lateDays: late }: KeptDays): Fragment {
  const days = late.length === 0 ? sql`` : sql` or ${day} in (${sql.join(late.map(dateLiteral))})`;
  return sql`(${day} >= ${dateLiteral(since)}${days})`;
}

/** Whether the rows of a day are of no use any more: they are read again, or so old that no rule counts them. */
export function isOutdated(day: Fragment, scan: EventScan, kept: KeptDays, { asOf }: ScoringContext): Fragment {
  const reach = scanReach(scan);
  const readAgain = isReadAgain(day, kept);
  return reach === null ? readAgain : sql`${readAgain} or ${day} < ${dateLiteral(shifted(asOf.day, 1 - reach))}`;
}

/**
 * One row per entity and day, `entity_key`, `day` and the columns of `dayCounts`, from the events. The last step has them.
 * @param kept only days that are read again; null: all
 */
export function dayRows(scan: EventScan, kept: KeptDays | null, options: EventStepsOptions): readonly Step[] {
  const events = kept === null ? scan.events.fragment : eventsReadAgain(scan, kept, options.context);
  const read = readStep({ ...scan, events: { ...scan.events, fragment: events } }, { ...options, withDays: true });
  const counts = [...dayCounts(scan)].map(([as, aggregate]) => column(aggregateText(aggregate), as));
  const grouped: Step = {
    name: options.stepName(`${scan.word}_days`),
    comment: `One row per entity and day: how many events of ${scan.word} fit the rules.`,
    select: {
      columns: [name('entity_key'), sql`event_day as day`, ...counts],
      from: name(read.name),
      groupBy: [name('entity_key'), name('event_day')],
    },
  };
  return [read, grouped];
}

/** A part for each run of days, with plain bounds by which engines leave out the blocks of all others. */
function eventsReadAgain(scan: EventScan, { since, lateDays: late }: KeptDays, context: ScoringContext): Fragment {
  const at = instantOf(scan).at.fragment;
  const runs: { readonly from: string; before: string }[] = [];
  for (const day of late) {
    const last = runs.at(-1);
    if (last?.before === day) last.before = shifted(day, 1);
    else runs.push({ from: day, before: shifted(day, 1) });
  }
  const bounds = runs.map(({ from, before }) => {
    return sql`${happenedFrom(at, from, context)} and ${happenedBefore(at, before, context)}`;
  });
  const parts = [...bounds, happenedFrom(at, since, context)].map(
    (bound) => sql`select * from ${scan.events.fragment} as events where ${bound}`,
  );
  return sql`(\n    ${sql.join(parts, sql.raw('\n    union all\n    '))}\n  ) as events`;
}

/** The steps that sum up a scan from the rows that were kept and those of days that are read again; as those of `sumSteps`. */
export function keptSumSteps(scan: EventScan, kept: KeptDays, options: EventStepsOptions): readonly Step[] {
  const { context, stepName } = options;
  const rows = dayRows(scan, kept, options);
  const counts = [...dayCounts(scan).keys()].map(name);
  const columns = sql.join([name('entity_key'), name('day'), ...counts]);
  const age = context.dialect.daysBetween(name('day'), dateLiteral(context.asOf.day));
  const days: Step = {
    name: stepName(`${scan.word}_by_day`),
    comment: 'One row per entity and day: what was kept, and days that were read again.',
    select: {
      columns: [name('entity_key'), sql`${age} as ${ageColumn(instantOf(scan), 'days')}`, ...counts],
      from: sql`(
    select ${columns} from ${kept.table} where not ${isReadAgain(name('day'), kept)}
    union all
    select ${columns} from ${name(lastName(rows))}
  ) as days`,
    },
  };
  return [...rows, days, totalsStep(scan, days.name, { dialect: context.dialect, stepName })];
}

/** The first day that is read again after a build as of a day. */
export function readAgainFrom({ incremental }: Card, day: string): string {
  return shifted(day, 1 - (incremental?.lookbackDays ?? 1));
}
