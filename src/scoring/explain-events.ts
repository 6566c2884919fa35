import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import { bandsOf, type Card, type CardRule, sqlPointsOf } from './card.ts';
import { ageColumn, atColumn, inWindow, rowWeight } from './event-columns.ts';
import { countsWhen } from './event-marks.ts';
import type { ExplainRequest } from './explain-request.ts';
import { textOf } from './explain-verdict.ts';
import { name, numberLiteral, textLiteral } from './literals.ts';
import { type EventScan, planScans, type ScanRule } from './plan-scans.ts';
import { scanSteps } from './scan-steps.ts';
import { allOf, column, type Step, statement } from './select-text.ts';
import { stepNamer } from './step-namer.ts';
import type { ScoringContext } from './types.ts';

export interface ExplainedEvents {
  /** All that were read, the shown ones among them; events older than all windows of the card are not read. */
  readonly count: number;
  /** How much of `max_per_day` the day of `as_of` has taken; 0 for rules without it. */
  readonly takenToday: number;
  /** Newest first. */
  readonly shown: readonly ExplainedEvent[];
}

export interface ExplainedEvent {
  /** A word for the relation that it stands in, such as `logins`. */
  readonly relation: string;
  /** ISO, UTC. */
  readonly at: string;
  /** Of which each value counts once, or the session; null where the rule looks at neither. */
  readonly value: string | null;
  /** What the rule's `link` gives. */
  readonly link: string | null;
  readonly points: number;
  /** What is left after decay; 0 for an event that does not count. */
  readonly pointsLeft: number;
  /** False for events outside the window, beyond `max_per_day`, and beside the best one of `once` or `distinct`. */
  readonly counts: boolean;
}

/**
 * The events behind the rules of one entity. Columns: rule, relation, event_at, value, link, points, points_left (after
 * decay; 0 for what does not count), counts, and how many events the rule has in the relation and how many of them
 * `max_per_day` has let through today. At least one row per rule and relation with events, as the numbers stand in it.
 * @returns null where no rule counts events
 */
export function eventsQuery(card: Card, context: ScoringContext, request: ExplainRequest): Fragment | null {
  const scans = planScans(card);
  if (scans.length === 0) return null;
  const stepName = stepNamer(card);
  const options = { context, key: card.key, purpose: 'events', onlyKey: request.key, stepName } as const;
  const { steps, events } = scanSteps(scans, options);
  const selects = [...events].flatMap(([scan, from]) =>
    scan.rules.map((scanRule) => eventsOfRule({ scanRule, scan, from }, context.dialect, request)),
  );
  if (selects.length === 0) return null;
  const shown: Step = {
    name: stepName('shown_events'),
    comment: 'The newest events of each rule.',
    select: {
      columns: [sql`*`],
      from: sql`(\n    ${sql.join(selects, sql.raw('\n    union all\n    '))}\n  ) as of_rules`,
    },
  };
  const comment = `One row per rule and event behind the score of one ${card.entity}.`;
  const select = statement(comment, [...steps, shown], { columns: [sql`*`], from: name(shown.name) });
  return sql`${select}\norder by rule, event_at desc, points_left desc, link`;
}

interface RuleOfScan {
  readonly scanRule: ScanRule;
  readonly scan: EventScan;
  readonly from: string;
}

function eventsOfRule({ scanRule, scan, from }: RuleOfScan, dialect: Dialect, { maxEvents }: ExplainRequest): Fragment {
  const { rule, where, instant } = scanRule;
  const counts = countsWhen(scanRule, scan, 'events') ?? sql`true`;
  const at = atColumn(instant);
  const double = dialect.type({ kind: 'double' });
  const columns = [
    column(textLiteral(rule.id, dialect), 'rule'),
    column(textLiteral(scan.word, dialect), 'relation'),
    column(sql`cast(${at} as ${dialect.type({ kind: 'timestamp' })})`, 'event_at'),
    column(sql`cast(${eventValue(rule)} as ${dialect.type({ kind: 'text' })})`, 'value'),
    column(rule.link === undefined ? nullText(dialect) : name(`link__${rule.id}`), 'link'),
    column(sql`cast(${eventWorth(rule)} as ${double})`, 'points'),
    column(
      sql`cast(case when ${counts} then ${eventPoints(scanRule, dialect)} else 0 end as ${double})`,
      'points_left',
    ),
    column(sql`coalesce(${counts}, false)`, 'counts'),
    column(sql`count(*) over ()`, 'events'),
    column(takenToday(scanRule, scan), 'taken_today'),
  ];
  const conditions = where === undefined ? [] : [name(`fits__${rule.id}`)];
  if (scan.instants.length > 1) conditions.push(sql`${ageColumn(instant, 'days')} is not null`);
  const all = allOf(conditions);
  const filter = all === null ? sql`` : sql` where ${all}`;
  const rows = numberLiteral(Math.max(1, maxEvents));
  return sql`(select ${sql.join(columns)} from ${name(from)}${filter} order by ${at} desc limit ${rows})`;
}

/** Only `max_per_day` asks for the days of events that any rule here may be without. */
function takenToday({ rule, ...scanRule }: ScanRule, scan: EventScan): Fragment {
  if (rule.kind !== 'event' || rule.maxPerDay === undefined) return sql`0`;
  const taken = allOf([
    ...inWindow({ rule, ...scanRule }, scan),
    sql`${name(`nth__${rule.id}`)} <= ${numberLiteral(rule.maxPerDay)}`,
    sql`${ageColumn(scanRule.instant, 'days')} = 0`,
  ]);
  return sql`count(case when ${taken} then 1 end) over ()`;
}

function eventValue(rule: CardRule): Fragment {
  if (rule.kind !== 'event') return sql`null`;
  if (rule.count.kind === 'distinct') return name(`value__${rule.id}`);
  return rule.session?.by.kind === 'value' ? name(`visit__${rule.id}`) : sql`null`;
}

function nullText(dialect: Dialect): Fragment {
  return sql`cast(null as ${dialect.type({ kind: 'text' })})`;
}

/** Where rules count events, and for absence, an event by itself gives no points. */
function eventWorth(rule: CardRule): Fragment {
  if (rule.kind === 'absence' || bandsOf(rule) !== null) return sql`0`;
  return sqlPointsOf(rule) === null ? numberLiteral(Number(rule.points)) : name(`worth__${rule.id}`);
}

function eventPoints(scanRule: ScanRule, dialect: Dialect): Fragment {
  const weight = rowWeight(scanRule, dialect);
  const worth = eventWorth(scanRule.rule);
  return weight === null ? worth : sql`${worth} * ${weight}`;
}

type ResultRow = Readonly<Record<string, unknown>>;

/**
 * An absence rule may read several relations; each row says how many events its own has.
 * @param rows those of one rule, newest first
 */
export function readEvents(rows: readonly ResultRow[], { maxEvents }: ExplainRequest): ExplainedEvents {
  const counts = new Map(rows.map((row) => [row.relation, Number(row.events)]));
  const shown = rows.slice(0, maxEvents).map(
    (row): ExplainedEvent => ({
      relation: String(row.relation),
      at: String(row.event_at),
      value: textOf(row.value),
      link: textOf(row.link),
      points: Number(row.points),
      pointsLeft: Number(row.points_left),
      counts: row.counts === true,
    }),
  );
  return {
    count: [...counts.values()].reduce((sum, count) => sum + count, 0),
    takenToday: Number(rows[0]?.taken_today ?? 0),
    shown,
  };
}
