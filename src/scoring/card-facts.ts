import { sql } from 'kysely';
import { rulePointsColumn } from '../project/scorecard-columns.ts';
import type { Fragment } from '../sql/types.ts';
import { bandsOf, type Card, type CardGroup, type CardRule } from './card.ts';
import { numberLiteral, numberText } from './literals.ts';

/** What a built card's table is asked besides its tests, in the same pass: whether its parts do anything. */
export interface CardFacts {
  /** Aggregates over the table, each with a name. */
  readonly columns: readonly Fragment[];
  /** @param row the values of `columns`; @param rows all rows of the table. @returns a sentence for each part that does not */
  remarksOn(row: Readonly<Record<string, unknown>>, rows: number): readonly string[];
}

/** One question: the rows that some conditions hold for, or a sum, and what to say of it. */
interface Fact {
  readonly values: readonly Fragment[];
  remark(values: readonly number[], rows: number): string | null;
}

/** Above this share of all points, the other rules hardly matter. */
const mostShare = 0.8;

export function cardFacts(card: Card): CardFacts {
  const facts: readonly Fact[] = [
    ...card.rules.map(neverFires),
    ...card.rules.flatMap((rule) => limitBinds(rule) ?? []),
    ...card.groups.flatMap((group) => groupBinds(group, card.rules)),
    ...(card.rules.length < 3 ? [] : [carriesMost(card.rules)]),
  ];
  const nameOf = (fact: number, value: number) => `fact_${fact}_${value}`;
  return {
    columns: facts.flatMap(({ values }, fact) =>
      values.map((value, index) => sql`${value} as ${sql.id(nameOf(fact, index))}`),
    ),
    remarksOn: (row, rows) =>
      rows === 0
        ? []
        : facts.flatMap(({ values, remark }, fact) => {
            const found = values.map((_, index) => Number(row[nameOf(fact, index)]));
            return remark(found, rows) ?? [];
          }),
  };
}

function countWhere(condition: Fragment): Fragment {
  return sql`count(case when ${condition} then 1 end)`;
}

function pointsOf({ id }: CardRule): Fragment {
  return sql.id(rulePointsColumn(id));
}

function neverFires(rule: CardRule): Fact {
  return {
    values: [countWhere(sql`${pointsOf(rule)} <> 0`)],
    remark: ([fires], rows) =>
      fires === 0 ? `rule \`${rule.id}\` never fires: it gives points to 0 of ${counted(rows)}` : null,
  };
}

/** Only where points could differ from row to row, were it not for the limit. */
function limitBinds(rule: CardRule): Fact | null {
  const { limit, curve, variants } = rule;
  if (limit === undefined || curve?.kind === 'half_at' || variants !== undefined || !varies(rule)) return null;
  const points = pointsOf(rule);
  return {
    values: [countWhere(sql`${points} <> 0`), countWhere(sql`abs(${points}) >= ${numberLiteral(limit)}`)],
    remark: ([fires = 0, bound]) =>
      fires > 1 && fires === bound
        ? `the limit of ${numberText(limit)} of rule \`${rule.id}\` always binds: all ${counted(fires)} with points from it have just that`
        : null,
  };
}

function varies(rule: CardRule): boolean {
  switch (rule.kind) {
    case 'event':
      return rule.count.kind !== 'once' && bandsOf(rule) === null;
    case 'numeric':
      return true;
    case 'rollup':
      return rule.atLeast === undefined;
    case 'attribute':
    case 'absence':
      return false;
    default:
      return rule satisfies never;
  }
}

function groupBinds({ name, min, max }: CardGroup, rules: readonly CardRule[]): readonly Fact[] {
  const members = rules.filter((rule) => rule.group === name).map(pointsOf);
  if (members.length === 0) return [];
  const sum = sql`(${sql.join(members, sql.raw(' + '))})`;
  const fact = (word: string, bound: number, side: '>' | '<'): Fact => ({
    values: [
      countWhere(sql`${sum} ${sql.raw(side)} 0`),
      countWhere(sql`${sum} ${sql.raw(`${side}=`)} ${numberLiteral(bound)}`),
    ],
    remark: ([reached = 0, bounded]) =>
      reached > 1 && reached === bounded
        ? `the ${word} of ${numberText(bound)} of group \`${name}\` always binds: all ${counted(reached)} with such points have just that`
        : null,
  });
  return [
    ...(max === undefined || max <= 0 ? [] : [fact('max', max, '>')]),
    ...(min === undefined || min >= 0 ? [] : [fact('min', min, '<')]),
  ];
}

function carriesMost(rules: readonly CardRule[]): Fact {
  return {
    values: rules.map((rule) => sql`sum(abs(${pointsOf(rule)}))`),
    remark: (sums, rows) => {
      const total = sums.reduce((sum, some) => sum + some, 0);
      const index = sums.findIndex((sum) => sum > mostShare * total);
      const rule = rules[index];
      if (rule === undefined || rows < 2) return null;
      const percent = Math.floor((100 * (sums[index] ?? 0)) / total);
      return `rule \`${rule.id}\` carries ${percent} % of all points of the card: the others hardly matter`;
    },
  };
}

function counted(rows: number): string {
  return `${rows.toLocaleString('en-US')} row${rows === 1 ? '' : 's'}`;
}
