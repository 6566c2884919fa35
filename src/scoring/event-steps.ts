import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import { daysBefore, happenedBy, happenedSince } from './age-bounds.ts';
import { sqlPointsOf } from './card.ts';
import { ageColumn, atColumn, usesAge } from './event-columns.ts';
import { bestColumn, type Mark, needsMark, needsSessions, nthColumn, type Purpose } from './event-marks.ts';
import { dateLiteral, name } from './literals.ts';
import { type EventScan, type Instant, type ScanRule, scanReach } from './plan-scans.ts';
import { allOf, column, onlyWhen, type Step } from './select-text.ts';
import { opensColumn, sessionColumn, startColumn } from './session-marks.ts';
import type { Span } from './span.ts';
import type { ScoringContext } from './types.ts';

export interface EventStepsOptions {
  readonly context: ScoringContext;
  /** The entity's key column, which events carry too where their relation names no other. */
  readonly key: string;
  readonly purpose: Purpose;
  /** With the calendar day of each event, `event_day`. */
  readonly withDays?: true;
  /** Only the events of this key, as text. */
  readonly onlyKey?: string;
  /** The name that a step gets. */
  stepName(wanted: string): string;
}

/** The steps that mark what a count leaves of a scan's events; may be none. */
export function markSteps(scan: EventScan, events: string, options: EventStepsOptions): readonly Step[] {
  const { purpose, stepName } = options;
  const needing = (mark: Mark) => scan.rules.filter((rule) => needsMark(rule, scan, purpose, mark));
  const steps: Step[] = [];
  const add = (wanted: string, comment: string, marks: readonly Fragment[]) => {
    if (marks.length === 0) return;
    steps.push({
      name: stepName(wanted),
      comment,
      select: { columns: [sql`*`, ...marks], from: name(steps.at(-1)?.name ?? events) },
    });
  };
  const ofSessions = scan.rules.filter((rule) => needsSessions(rule));
  const marked = (mark: (rule: ScanRule, of: EventScan) => Fragment | null) =>
    ofSessions.flatMap((rule) => mark(rule, scan) ?? []);
  add(`${scan.word}_starts`, 'Marks where a session starts, after a pause.', marked(startColumn));
  add(`${scan.word}_in_sessions`, "Numbers each entity's sessions.", marked(sessionColumn));
  add(`${scan.word}_sessions`, 'Marks the first event of each session that counts.', marked(opensColumn));
  const nth = needing('nth').map((rule) => nthColumn(rule, scan));
  add(`${scan.word}_numbered`, 'Counts the events of a day, for max_per_day.', nth);
  const best = needing('best').map((rule) => bestColumn(rule, scan, options));
  add(`${scan.word}_ranked`, 'Ranks the events of which only the best one counts.', best);
  return steps;
}

/** The step that turns a relation's rows into events with their ages. */
export function readStep(scan: EventScan, options: EventStepsOptions): Step {
  const { context, onlyKey, stepName } = options;
  const key = scan.events.key ?? options.key;
  const bounds = scan.instants.map((instant) => boundsOf(instant, scan, context));
  const where = [sql`${sql.id(key)} is not null`, ...tablesOf(scan, context)];
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
        ...scan.rules.flatMap((scanRule) => ruleColumns(scanRule, options)),
        ...scan.recoveries.flatMap(({ rule, where: ends }) =>
          ends === undefined ? [] : [column(ends.fragment, `ends__${rule.id}`)],
        ),
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

/** Which of a source's tables, one per day, hold events that may count. */
function tablesOf(scan: EventScan, { asOf, dialect }: ScoringContext): readonly Fragment[] {
  if (scan.events.isSharded !== true || dialect.tablesOfDays === undefined) return [];
  const reach = scanReach(scan);
  const since = reach === null ? null : daysBefore(asOf.day, reach - 1);
  return [dialect.tablesOfDays(since, asOf.day)];
}

/** On the raw column, so that the engine can skip whole blocks of rows; the rules' own windows are exact. */
function boundsOf(instant: Instant, scan: EventScan, context: ScoringContext): readonly Fragment[] {
  const reach = scanReach(scan, instant);
  const since = reach === null ? null : happenedSince(instant.at.fragment, reach, context);
  const by = happenedBy(instant.at.fragment, context);
  return since === null ? [by] : [since, by];
}

function instantColumns(
  instant: Instant,
  scan: EventScan,
  { context, purpose, withDays }: EventStepsOptions,
): readonly Fragment[] {
  const { dialect, asOf } = context;
  const at = instant.at.fragment;
  const happened = scan.instants.length > 1 ? happenedBy(at, context) : null;
  const rules = scan.rules.filter((scanRule) => scanRule.instant === instant);
  const recoveries = scan.recoveries.filter((recovery) => recovery.instant === instant);
  const isUsed = (unit: Span['unit']) =>
    rules.some((rule) => usesAge(rule, unit)) || recoveries.some((recovery) => recovery.unit === unit);
  const isNumbered = rules.some((rule) => needsMark(rule, scan, purpose, 'nth'));
  const isMarked =
    isNumbered || rules.some(needsSessions) || rules.some((rule) => needsMark(rule, scan, purpose, 'best'));
  const isGrain = scan.grain?.kind === 'day' && scan.grain.instant === instant;
  const columns: Fragment[] = withDays === true ? [column(dialect.day(at), 'event_day')] : [];
  if (purpose === 'events' || isMarked) columns.push(sql`${at} as ${atColumn(instant)}`);
  if (happened !== null || isNumbered || isGrain || isUsed('days')) {
    const days = dialect.daysBetween(at, dateLiteral(asOf.day));
    columns.push(sql`${onlyWhen(happened, days)} as ${ageColumn(instant, 'days')}`);
  }
  if (isUsed('seconds')) {
    const seconds = dialect.secondsBetween(at, dialect.bind({ kind: 'timestamp' }, asOf.instant));
    columns.push(sql`${onlyWhen(happened, seconds)} as ${ageColumn(instant, 'seconds')}`);
  }
  return columns;
}

/** What the card's SQL says of an event. It stands here, where nothing but the relation's own columns is in reach. */
function ruleColumns(
  { rule, where }: ScanRule,
  { purpose, context: { dialect } }: EventStepsOptions,
): readonly Fragment[] {
  const columns: Fragment[] = [];
  if (where !== undefined) columns.push(column(where.fragment, `fits__${rule.id}`));
  if (rule.kind === 'absence') return columns;
  const points = sqlPointsOf(rule);
  if (points !== null) {
    const worth = sql`coalesce(cast(${points.fragment} as ${dialect.type({ kind: 'double' })}), 0)`;
    columns.push(column(worth, `worth__${rule.id}`));
  }
  if (rule.session?.by.kind === 'value') columns.push(column(rule.session.by.value.fragment, `visit__${rule.id}`));
  if (rule.count.kind === 'distinct') columns.push(column(rule.count.value.fragment, `value__${rule.id}`));
  if (rule.link !== undefined && purpose === 'events') {
    columns.push(column(sql`cast(${rule.link.fragment} as ${dialect.type({ kind: 'text' })})`, `link__${rule.id}`));
  }
  return columns;
}
