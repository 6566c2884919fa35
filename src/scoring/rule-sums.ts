import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import type { Card, CardAbsenceRule, CardRule } from './card.ts';
import { eventSteps, isKey } from './event-steps.ts';
import { sumColumn, sumSteps } from './event-sums.ts';
import { name, numberLiteral } from './literals.ts';
import type { EventScan } from './plan-scans.ts';
import { column, lastName, type Step } from './select-text.ts';
import type { ScoringContext } from './types.ts';

export interface RuleSumOptions {
  readonly context: ScoringContext;
  /** Only the entity of this key, as text, and with it what decided each rule: `found__<id>`. */
  readonly onlyKey?: string;
  /** The name that a step gets. */
  stepName(wanted: string): string;
}

/** The last step has a row per entity: `entity_key`, and for each rule `sum__<id>`, its points before rounding and limits. */
export function ruleSums(card: Card, scans: readonly EventScan[], options: RuleSumOptions): readonly Step[] {
  const { context, onlyKey, stepName } = options;
  const facts = factsStep(card, options);
  const sums = new Map<EventScan, string>();
  const steps: Step[] = [];
  for (const scan of scans) {
    const events = eventSteps(scan, { context, key: card.key, purpose: 'sums', onlyKey, stepName });
    const summed = sumSteps(scan, lastName(events), stepName);
    steps.push(...events, ...summed);
    sums.set(scan, lastName(summed));
  }
  const columns = card.rules.map((rule) => ruleSum(rule, sums));
  const found = onlyKey === undefined ? [] : card.rules.flatMap((rule) => foundColumn(rule, sums));
  const joins = [...sums.values()].map(
    (step) => sql`left join ${name(step)} on ${name(step)}.entity_key = ${name(facts.name)}.entity_key`,
  );
  const joined: Step = {
    name: stepName('rule_sums'),
    comment: `One row per ${card.entity}: each rule's points before rounding and limits.`,
    select: { columns: [sql`${name(facts.name)}.entity_key`, ...columns, ...found], from: name(facts.name), joins },
  };
  return [...steps, facts, joined];
}

/** The last step of each scan, with `sum__<id>` of its event rules and `events__<id>` of its absence rules. */
type SumSteps = ReadonlyMap<EventScan, string>;

/** The one place where the card's SQL meets the entity's row; nothing but the relation's own columns is in reach. */
function factsStep(card: Card, { context: { dialect }, onlyKey, stepName }: RuleSumOptions): Step {
  const key = sql.id(card.key);
  const double = dialect.type({ kind: 'double' });
  const found = card.rules.flatMap((rule): readonly Fragment[] => {
    if (rule.kind === 'event') return [];
    const { id, points } = rule;
    const worth =
      typeof points === 'number' ? [] : [column(sql`cast(${points.fragment} as ${double})`, `worth__${id}`)];
    if (rule.kind === 'absence') return worth;
    const value = rule.kind === 'attribute' ? rule.when.fragment : sql`cast(${rule.value.fragment} as ${double})`;
    return [column(value, `found__${id}`), ...worth];
  });
  return {
    name: stepName(`${card.entity}_facts`),
    comment: `One row per ${card.entity}, with or without events.`,
    select: {
      columns: [column(key, 'entity_key'), ...found],
      from: card.people.fragment,
      where: onlyKey === undefined ? [] : [isKey(key, onlyKey, dialect)],
    },
  };
}

/** What decided a rule that no event decides: its predicate or value, or how many events an absence rule found. */
function foundColumn(rule: CardRule, sums: SumSteps): readonly Fragment[] {
  if (rule.kind === 'event') return [];
  return rule.kind === 'absence'
    ? [column(eventsInWindow(rule, sums), `found__${rule.id}`)]
    : [name(`found__${rule.id}`)];
}

/** The column `sum__<id>`. */
function ruleSum(rule: CardRule, sums: SumSteps): Fragment {
  const sum = `sum__${rule.id}`;
  if (rule.kind === 'event') return name(sum);
  const points = typeof rule.points === 'number' ? numberLiteral(rule.points) : name(`worth__${rule.id}`);
  const found = name(`found__${rule.id}`);
  switch (rule.kind) {
    case 'attribute':
      return column(sql`case when ${found} then ${points} else 0 end`, sum);
    case 'numeric':
      return column(sql`${points} * ${found}`, sum);
    case 'absence':
      return column(sql`case when ${eventsInWindow(rule, sums)} = 0 then ${points} else 0 end`, sum);
    default:
      return rule satisfies never;
  }
}

/** Of all relations that the rule names. */
function eventsInWindow(rule: CardAbsenceRule, sums: SumSteps): Fragment {
  const reading = [...sums].filter(([scan]) => scan.rules.some((scanRule) => scanRule.rule === rule));
  const counts = reading.map(([, step]) => sql`coalesce(${name(step)}.${name(sumColumn(rule))}, 0)`);
  return counts.length === 1 ? sql.join(counts) : sql`(${sql.join(counts, sql.raw(' + '))})`;
}
