import { sql } from 'kysely';
import { rulePointsColumn } from '../project/scorecard-columns.ts';
import type { ScorecardModel } from '../project/types.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { Card, CardRule } from './card.ts';
import { cardSteps } from './card-steps.ts';
import { ageColumn, atColumn, rowWeight } from './event-columns.ts';
import { countsWhen } from './event-marks.ts';
import { eventSteps } from './event-steps.ts';
import { name, numberLiteral, textLiteral } from './literals.ts';
import { type EventScan, planScans, type ScanRule } from './plan-scans.ts';
import { readCard } from './read-card.ts';
import { reasonsText } from './reasons.ts';
import { groupColumn, groupSum, roundedPoints, tier, usedGroups } from './score-steps.ts';
import { allOf, column, lastName, type Step, statement } from './select-text.ts';
import { stepNamer } from './step-namer.ts';
import type { ScoringContext } from './types.ts';

export interface ExplainRequest {
  /** The entity's key as people type it. */
  readonly key: string;
  /** The newest so many events of each rule are shown. */
  readonly maxEvents: number;
}

/** Two queries that show where a score comes from; `readExplanation` makes one value of their rows. */
export interface ExplainQueries {
  readonly card: Card;
  /** One row, or none where the entity is unknown: every line of the sum. */
  readonly sum: Fragment;
  /** The events behind the rules; null where no rule counts events. */
  readonly events: Fragment | null;
}

/**
 * Explains one entity's score, from the same steps as the score itself, so that the two cannot disagree. Problems go to
 * `context.report`, and the result is usable only if there were none.
 */
export function explainScorecard(
  model: ScorecardModel,
  context: ScoringContext,
  request: ExplainRequest,
): ExplainQueries {
  const { card } = readCard(model, context);
  return { card, sum: sumQuery(card, context, request), events: eventsQuery(card, context, request) };
}

function sumQuery(card: Card, context: ScoringContext, { key }: ExplainRequest): Fragment {
  const { dialect } = context;
  const steps = cardSteps(card, context, key);
  const text = dialect.type({ kind: 'text' });
  const rules = card.rules.flatMap((rule) => {
    const found = name(`found__${rule.id}`);
    return [
      column(roundedPoints(rule, dialect), `before_limit__${rule.id}`),
      name(rulePointsColumn(rule.id)),
      ...(rule.kind === 'event' ? [] : [sql`cast(${found} as ${text}) as ${found}`]),
    ];
  });
  const groups = usedGroups(card).flatMap((group) => [
    column(groupSum(card, group), `before_${groupColumn(group)}`),
    name(groupColumn(group)),
  ]);
  const results = [
    name('total'),
    name('score'),
    column(tier(card, dialect), 'tier'),
    column(reasonsText(card, dialect), 'reasons'),
  ];
  return statement(`One row: every line of the sum that is one ${card.entity}'s score.`, steps, {
    columns: [name('entity_key'), ...rules, ...groups, ...results],
    from: name(lastName(steps)),
  });
}

/**
 * Columns: rule, relation, event_at, points, points_left (after decay; 0 for what does not count), counts, and how many
 * events the rule has in the relation.
 */
function eventsQuery(card: Card, context: ScoringContext, request: ExplainRequest): Fragment | null {
  const scans = planScans(card);
  if (scans.length === 0) return null;
  const stepName = stepNamer(card);
  const steps: Step[] = [];
  const selects: Fragment[] = [];
  for (const scan of scans) {
    const options = { context, key: card.key, purpose: 'events', onlyKey: request.key, stepName } as const;
    const added = eventSteps(scan, options);
    const from = lastName(added);
    steps.push(...added);
    selects.push(...scan.rules.map((scanRule) => eventsOfRule({ scanRule, scan, from }, context.dialect, request)));
  }
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
  return sql`${select}\norder by rule, event_at desc`;
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
    column(sql`cast(${rule.kind === 'absence' ? sql`0` : eventWorth(rule)} as ${double})`, 'points'),
    column(sql`cast(case when ${counts} then ${eventPoints(scanRule)} else 0 end as ${double})`, 'points_left'),
    column(sql`coalesce(${counts}, false)`, 'counts'),
    column(sql`count(*) over ()`, 'events'),
  ];
  const conditions = where === undefined ? [] : [name(`fits__${rule.id}`)];
  if (scan.instants.length > 1) conditions.push(sql`${ageColumn(instant, 'days')} is not null`);
  const all = allOf(conditions);
  const filter = all === null ? sql`` : sql` where ${all}`;
  return sql`(select ${sql.join(columns)} from ${name(from)}${filter} order by ${at} desc limit ${numberLiteral(maxEvents)})`;
}

function eventWorth({ id, points }: CardRule): Fragment {
  return typeof points === 'number' ? numberLiteral(points) : name(`worth__${id}`);
}

/** An absence rule counts events, but they give no points. */
function eventPoints(scanRule: ScanRule): Fragment {
  if (scanRule.rule.kind === 'absence') return sql`0`;
  const weight = rowWeight(scanRule);
  const worth = eventWorth(scanRule.rule);
  return weight === null ? worth : sql`${worth} * ${weight}`;
}
