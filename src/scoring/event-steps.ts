import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import { happenedBy, happenedSince } from './age-bounds.ts';
import { ageColumn, atColumn, usesAge } from './event-columns.ts';
import { bestColumn, type Mark, needsMark, nthColumn, type Purpose } from './event-marks.ts';
import { dateLiteral, name } from './literals.ts';
import { type EventScan, type Instant, reachOf, type ScanRule } from './plan-scans.ts';
import { allOf, column, lastName, onlyWhen, type Step } from './select-text.ts';
import type { ScoringContext } from './types.ts';

export interface EventStepsOptions {
  readonly context: ScoringContext;
  /** The entity's key column, which the events carry too. */
  readonly key: string;
  readonly purpose: Purpose;
  /** Only the events of this key, as text. */
  readonly onlyKey?: string;
  /** The name that a step gets. */
  stepName(wanted: string): string;
}

/** The steps that turn a relation's rows into events with their ages, and mark what a count leaves of them; at least one. */
export function eventSteps(scan: EventScan, options: EventStepsOptions): readonly Step[] {
  const { purpose, stepName } = options;
  const needing = (mark: Mark) => scan.rules.filter((rule) => needsMark(rule, scan, purpose, mark));
  const steps = [readStep(scan, options)];
  const add = (wanted: string, comment: string, marks: readonly Fragment[]) => {
    if (marks.length === 0) return;
    steps.push({
      name: stepName(wanted),
      comment,
      select: { columns: [sql`*`, ...marks], from: name(lastName(steps)) },
    });
  };
  const nth = needing('nth').map((rule) => nthColumn(rule, scan));
  add(`${scan.word}_numbered`, 'Counts the events of a day, for max_per_day.', nth);
  const best = needing('best').map((rule) => bestColumn(rule, scan, purpose));
  add(`${scan.word}_ranked`, 'Ranks the events of which only the best one counts.', best);
  return steps;
}

function readStep(scan: EventScan, options: EventStepsOptions): Step {
  const { context, key, onlyKey, stepName } = options;
  const bounds = scan.instants.map((instant) => boundsOf(instant, scan, context));
  const where = [sql`${sql.id(key)} is not null`];
  if (onlyKey !== undefined) where.push(isKey(sql.id(key), onlyKey, context.dialect));
  const anyInstant = bounds.map((both) => sql`(${allOf(both)})`);
  where.push(...(bounds.length === 1 ? bounds.flat() : [sql`(${sql.join(anyInstant, sql.raw(' or '))})`]));
  return {
    name: stepName(`${scan.word}_events`),
    comment: `One row per event of ${scan.word} that may count, read once for all rules.`,
    select: {
      columns: [
        column(sql.id(key), 'entity_key'),
        ...scan.instants.flatMap((instant) => instantColumns(instant, scan, options)),
        ...scan.rules.flatMap((scanRule) => ruleColumns(scanRule, context.dialect)),
      ],
      from: scan.events.fragment,
      where,
    },
  };
}

/** Compares as text, which is how people type a key, whatever its type. */
export function isKey(key: Fragment, text: string, dialect: Dialect): Fragment {
  return sql`cast(${key} as ${dialect.type({ kind: 'text' })}) = ${dialect.bind({ kind: 'text' }, text)}`;
}

/** On the raw column, so that the engine can skip whole blocks of rows; the rules' own windows are exact. */
function boundsOf(instant: Instant, scan: EventScan, context: ScoringContext): readonly Fragment[] {
  const reach = reachOf(scan.rules.filter((scanRule) => scanRule.instant === instant));
  const since = reach === null ? null : happenedSince(instant.at.fragment, reach, context);
  const by = happenedBy(instant.at.fragment, context);
  return since === null ? [by] : [since, by];
}

function instantColumns(
  instant: Instant,
  scan: EventScan,
  { context, purpose }: EventStepsOptions,
): readonly Fragment[] {
  const { dialect, asOf } = context;
  const at = instant.at.fragment;
  const happened = scan.instants.length > 1 ? happenedBy(at, context) : null;
  const rules = scan.rules.filter((scanRule) => scanRule.instant === instant);
  const isNumbered = rules.some((rule) => needsMark(rule, scan, purpose, 'nth'));
  const isMarked = isNumbered || rules.some((rule) => needsMark(rule, scan, purpose, 'best'));
  const isGrain = scan.grain?.kind === 'day' && scan.grain.instant === instant;
  const columns: Fragment[] = [];
  if (purpose === 'events' || isMarked) columns.push(sql`${at} as ${atColumn(instant)}`);
  if (happened !== null || isNumbered || isGrain || rules.some((rule) => usesAge(rule, 'days'))) {
    const days = dialect.daysBetween(at, dateLiteral(asOf.day));
    columns.push(sql`${onlyWhen(happened, days)} as ${ageColumn(instant, 'days')}`);
  }
  if (rules.some((rule) => usesAge(rule, 'seconds'))) {
    const seconds = dialect.secondsBetween(at, dialect.bind({ kind: 'timestamp' }, asOf.instant));
    columns.push(sql`${onlyWhen(happened, seconds)} as ${ageColumn(instant, 'seconds')}`);
  }
  return columns;
}

/** What the card's SQL says of an event. It stands here, where nothing but the relation's own columns is in reach. */
function ruleColumns({ rule, where }: ScanRule, dialect: Dialect): readonly Fragment[] {
  const columns: Fragment[] = [];
  if (where !== undefined) columns.push(column(where.fragment, `fits__${rule.id}`));
  if (rule.kind === 'absence') return columns;
  if (typeof rule.points !== 'number') {
    const worth = sql`coalesce(cast(${rule.points.fragment} as ${dialect.type({ kind: 'double' })}), 0)`;
    columns.push(column(worth, `worth__${rule.id}`));
  }
  if (rule.count.kind === 'distinct') columns.push(column(rule.count.value.fragment, `value__${rule.id}`));
  return columns;
}
