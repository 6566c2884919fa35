import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import {
  bandsOf,
  type Card,
  type CardAbsenceRule,
  type CardRollupRule,
  type CardRule,
  countsForWords,
  sqlPointsOf,
} from './card.ts';
import { isKey } from './event-steps.ts';
import { sumSteps } from './event-sums.ts';
import { eventsColumn, newestColumn, sumColumn } from './event-tally.ts';
import { bandPoints } from './frequency.ts';
import { name, numberLiteral } from './literals.ts';
import { sixDecimals } from './memberships.ts';
import type { EventScan } from './plan-scans.ts';
import { planRollups, rolledColumn, rollupSteps } from './rollup-steps.ts';
import { type ScanSteps, scanSteps } from './scan-steps.ts';
import { entityColumns, entityFacts, everyRule } from './segments.ts';
import { column, lastName, type Step } from './select-text.ts';
import { asksHowLong, neverAge, recoveryColumn, silentPeriods } from './silence.ts';
import type { ScoringContext } from './types.ts';

export interface RuleSumOptions {
  readonly context: ScoringContext;
  /** Only the entity of this key, as text. */
  readonly onlyKey?: string;
  /** With what decided each rule: `found__<id>`. */
  readonly explains?: boolean;
  /** The name that a step gets. */
  stepName(wanted: string): string;
}

/** The last step has a row per entity: `entity_key`, and for each rule `sum__<id>`, its points before rounding and limits. */
export function ruleSums(whole: Card, scans: readonly EventScan[], options: RuleSumOptions): readonly Step[] {
  const { context, onlyKey, explains, stepName } = options;
  const card = { ...whole, rules: everyRule(whole) };
  const facts = factsStep(card, options);
  const read = scanSteps(scans, { context, key: card.key, purpose: 'sums', onlyKey, stepName });
  const scanned = new Map<EventScan, string>();
  const steps = [...read.steps];
  for (const [scan, events] of read.events) {
    if (scan.rules.length === 0) continue;
    const summed = sumSteps(scan, events, { dialect: context.dialect, stepName });
    steps.push(...summed);
    scanned.set(scan, lastName(summed));
  }
  const sums: SumSteps = { scanned, recoveries: recoveriesOfSilence(card, read), dialect: context.dialect };
  const rollups = planRollups(card.rules).map((scan) => rollupSteps(scan, options));
  steps.push(...rollups.flat());
  const columns = card.rules.map((rule) => ruleSum(rule, sums));
  const events = card.rules.filter(countsForWords).map((rule) => name(eventsColumn(rule)));
  const found = explains === true ? card.rules.flatMap((rule) => foundColumn(rule, sums)) : [];
  const joins = [...scanned.values(), ...sums.recoveries.values(), ...rollups.map(lastName)].map(
    (step) => sql`left join ${name(step)} on ${name(step)}.entity_key = ${name(facts.name)}.entity_key`,
  );
  const joined: Step = {
    name: stepName('rule_sums'),
    comment: `One row per ${card.entity}: each rule's points before rounding and limits.`,
    select: {
      columns: [sql`${name(facts.name)}.entity_key`, ...entityColumns(card), ...columns, ...events, ...found],
      from: name(facts.name),
      joins,
    },
  };
  return [...steps, facts, joined];
}

interface SumSteps {
  /** The last step of each scan, with the columns that `talliesOf` names. */
  readonly scanned: ReadonlyMap<EventScan, string>;
  /** By the id of an absence rule: the step with the age of the newest event that ends its penalty. */
  readonly recoveries: ReadonlyMap<string, string>;
  readonly dialect: Dialect;
}

function recoveriesOfSilence({ rules }: Card, { recoveries }: ScanSteps): SumSteps['recoveries'] {
  const ofSilence = rules.filter((rule) => rule.kind === 'absence').map(({ id }) => id);
  return new Map([...recoveries].filter(([id]) => ofSilence.includes(id)));
}

/** The one place where the card's SQL meets the entity's row; nothing but the relation's own columns is in reach. */
function factsStep(card: Card, { context: { dialect }, onlyKey, stepName }: RuleSumOptions): Step {
  const key = sql.id(card.key);
  const double = dialect.type({ kind: 'double' });
  const found = card.rules.flatMap((rule): readonly Fragment[] => {
    if (rule.kind === 'event') return [];
    const { id } = rule;
    const points = sqlPointsOf(rule);
    const worth = points === null ? [] : [column(sql`cast(${points.fragment} as ${double})`, `worth__${id}`)];
    if (rule.kind === 'absence') return worth;
    if (rule.kind === 'rollup') {
      return rule.per === undefined ? worth : [...worth, column(sixDecimals(rule.per.fragment, dialect), `per__${id}`)];
    }
    const value = rule.kind === 'attribute' ? rule.when.fragment : sql`cast(${rule.value.fragment} as ${double})`;
    return [column(value, `found__${id}`), ...worth];
  });
  return {
    name: stepName(`${card.entity}_facts`),
    comment: `One row per ${card.entity}, with or without events.`,
    select: {
      columns: [column(key, 'entity_key'), ...entityFacts(card, dialect), ...found],
      from: card.people.fragment,
      where: onlyKey === undefined ? [] : [isKey(key, onlyKey, dialect)],
    },
  };
}

/** Whether something else than the points of events decides a rule, which `found__<id>` then shows. */
export function hasFound(rule: CardRule): boolean {
  return rule.kind !== 'event' || bandsOf(rule) !== null;
}

/** What decided a rule: its predicate or value, or how many events it found. */
function foundColumn(rule: CardRule, sums: SumSteps): readonly Fragment[] {
  if (!hasFound(rule)) return [];
  const found = `found__${rule.id}`;
  switch (rule.kind) {
    case 'event':
      return [column(sql`coalesce(${name(eventsColumn(rule))}, 0)`, found)];
    case 'absence':
      return [column(asksHowLong(rule) ? periodsOf(rule, sums) : eventsInWindow(rule, sums), found)];
    case 'rollup':
      return [column(rollupResult(rule), found)];
    case 'attribute':
    case 'numeric':
      return [name(found)];
    default:
      return rule satisfies never;
  }
}

/** The column `sum__<id>`. */
function ruleSum(rule: CardRule, sums: SumSteps): Fragment {
  const sum = sumColumn(rule);
  if (rule.kind === 'event') {
    const bands = bandsOf(rule);
    if (bands === null) return name(sum);
    const counted = { events: name(eventsColumn(rule)), newest: name(newestColumn(rule)) };
    return column(bandPoints({ bands, decay: rule.decay, ...counted }, sums.dialect), sum);
  }
  const points = typeof rule.points === 'number' ? numberLiteral(rule.points) : name(`worth__${rule.id}`);
  const found = name(`found__${rule.id}`);
  switch (rule.kind) {
    case 'attribute':
      return column(sql`case when ${found} then ${points} else 0 end`, sum);
    case 'numeric':
      return column(sql`${points} * ${found}`, sum);
    case 'absence':
      if (asksHowLong(rule)) return column(sql`${points} * ${periodsOf(rule, sums)}`, sum);
      return column(sql`case when ${eventsInWindow(rule, sums)} = 0 then ${points} else 0 end`, sum);
    case 'rollup': {
      const result = rollupResult(rule);
      const { atLeast } = rule;
      if (atLeast === undefined) return column(sql`${points} * ${result}`, sum);
      return column(sql`case when ${result} >= ${numberLiteral(atLeast)} then ${points} else 0 end`, sum);
    }
    default:
      return rule satisfies never;
  }
}

/** What a roll-up's points are multiplied with; 0 for an entity without rows, and where `per` is not above 0. */
function rollupResult(rule: CardRollupRule): Fragment {
  const rolled = name(rolledColumn(rule));
  const per = name(`per__${rule.id}`);
  return sql`coalesce(${rule.per === undefined ? rolled : sql`case when ${per} > 0 then ${rolled} / ${per} end`}, 0)`;
}

/** The steps of all relations that the rule names. */
function stepsOf(rule: CardAbsenceRule, { scanned }: SumSteps): readonly string[] {
  return [...scanned].flatMap(([scan, step]) => (scan.rules.some((scanRule) => scanRule.rule === rule) ? [step] : []));
}

function periodsOf(rule: CardAbsenceRule, sums: SumSteps): Fragment {
  const ages = stepsOf(rule, sums).map((step) => sql`coalesce(${name(step)}.${name(newestColumn(rule))}, ${neverAge})`);
  const newest = ages.length === 1 ? sql.join(ages) : sql`least(${sql.join(ages)})`;
  const recovery = sums.recoveries.has(rule.id) ? recoveryColumn(rule.id) : null;
  return sql`(${silentPeriods(rule, { newest, recovered: recovery, dialect: sums.dialect })})`;
}

function eventsInWindow(rule: CardAbsenceRule, sums: SumSteps): Fragment {
  const counts = stepsOf(rule, sums).map((step) => sql`coalesce(${name(step)}.${name(eventsColumn(rule))}, 0)`);
  return counts.length === 1 ? sql.join(counts) : sql`(${sql.join(counts, sql.raw(' + '))})`;
}
