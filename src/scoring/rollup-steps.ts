import { sql } from 'kysely';
import { disqualifiedTier } from '../project/scored-model.ts';
import { castTo } from '../sql/cast-to.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { CardRollupRule, CardRule } from './card.ts';
import { isKey } from './event-steps.ts';
import { name, numberLiteral, pointsType } from './literals.ts';
import { memberKey, memberWeight, ownerKey, sixDecimals } from './memberships.ts';
import { allOf, column, lastName, onlyWhen, type Step } from './select-text.ts';
import type { ScoringContext } from './types.ts';

/*
 * From the rows of scored models to one number per entity above. Scores and weights are decimals of six places, whose sums
 * are exact in whatever order they are made; what is divided or multiplied from them becomes a double once, at the end.
 */

/** The roll-ups of a card that read the same model: one pass over its rows. */
export interface RollupScan {
  readonly word: string;
  readonly rows: CardRollupRule['rows'];
  readonly rules: readonly CardRollupRule[];
}

export function planRollups(rules: readonly CardRule[]): readonly RollupScan[] {
  const rollups = rules.flatMap((rule) => (rule.kind === 'rollup' ? [rule] : []));
  return [...Map.groupBy(rollups, ({ rows }) => rows.identity).values()].flatMap((group): readonly RollupScan[] => {
    const [first] = group;
    return first === undefined ? [] : [{ word: first.rows.word, rows: first.rows, rules: group }];
  });
}

export interface RollupStepsOptions {
  readonly context: ScoringContext;
  /** Only the entity of this key, as text. */
  readonly onlyKey?: string;
  stepName(wanted: string): string;
}

/**
 * The rows that roll-ups read, with what the rules say of them. Columns: `entity_key`, `member_key`, `score`, and by rule
 * `fits__` (its `where`), `weight__`, `value__` (of `distinct`) and `rank__` (of the mean of the highest).
 */
export function rollupRowSteps(scan: RollupScan, { context, onlyKey, stepName }: RollupStepsOptions): readonly Step[] {
  const { dialect } = context;
  const key = name(ownerKey);
  const where = [sql`coalesce(tier, '') <> ${sql.lit(disqualifiedTier)}`];
  if (onlyKey !== undefined) where.push(isKey(key, onlyKey, dialect));
  const rows: Step = {
    name: stepName(`${scan.word}_rows`),
    comment: `One row per row of ${scan.word} and whom it belongs to, without disqualified ones.`,
    select: {
      columns: [
        column(key, 'entity_key'),
        column(name(memberKey), 'member_key'),
        column(castTo(dialect, sql`coalesce(score, 0)`, pointsType), 'score'),
        ...scan.rules.flatMap((rule) => ruleColumns(rule, dialect)),
      ],
      from: scan.rows.fragment,
      where,
    },
  };
  const ranks = scan.rules.flatMap((rule) => rankColumn(rule));
  if (ranks.length === 0) return [rows];
  const ranked: Step = {
    name: stepName(`${scan.word}_ranked`),
    comment: 'Ranks the rows of which only the highest count.',
    select: { columns: [sql`*`, ...ranks], from: name(rows.name) },
  };
  return [rows, ranked];
}

/** What the card's SQL says of a row, where nothing but the model's and its entity's columns is in reach. */
function ruleColumns(rule: CardRollupRule, dialect: Dialect): readonly Fragment[] {
  const { id, where, agg } = rule;
  const weight = weightOf(rule, dialect);
  const columns: Fragment[] = [];
  if (where !== undefined) columns.push(column(where.fragment, `fits__${id}`));
  if (weight !== null) columns.push(column(weight, `weight__${id}`));
  if (agg.kind === 'distinct') columns.push(column(agg.value.fragment, `value__${id}`));
  return columns;
}

/** The rule's weight times that of the membership; null where neither has one. */
function weightOf({ weight, rows }: CardRollupRule, dialect: Dialect): Fragment | null {
  const own = weight === undefined ? null : sixDecimals(weight.fragment, dialect);
  const ofMember = rows.isWeighted === true ? name(memberWeight) : null;
  if (own === null || ofMember === null) return own ?? ofMember;
  return castTo(dialect, sql`${own} * ${ofMember}`, pointsType);
}

function hasWeight({ weight, rows }: CardRollupRule): boolean {
  return weight !== undefined || rows.isWeighted === true;
}

/** Of equal scores the heavier row comes first; what is left equal then is equal in effect. */
function rankColumn(rule: CardRollupRule): readonly Fragment[] {
  if (rule.agg.kind !== 'top_avg') return [];
  const { id } = rule;
  const among = [sql`entity_key`, ...(rule.where === undefined ? [] : [sql`coalesce(${name(`fits__${id}`)}, false)`])];
  const order = [sql`score desc`, ...(hasWeight(rule) ? [sql`${name(`weight__${id}`)} desc`] : [])];
  const rank = sql`row_number() over (partition by ${sql.join(among)} order by ${sql.join(order)})`;
  return [column(rank, `rank__${id}`)];
}

/** Under which condition a row takes part in a rule; null where every one does. */
export function takesPart({ id, where, agg }: CardRollupRule): Fragment | null {
  const conditions = where === undefined ? [] : [name(`fits__${id}`)];
  if (agg.kind === 'top_avg') conditions.push(sql`${name(`rank__${id}`)} <= ${numberLiteral(agg.top)}`);
  return allOf(conditions);
}

/** The weight of a row in a rule. */
export function rowWeightIn(rule: CardRollupRule): Fragment {
  return hasWeight(rule) ? name(`weight__${rule.id}`) : sql`1`;
}

/** The column of the sums with what a roll-up makes of its rows, a double; null where there is none. */
export function rolledColumn({ id }: CardRollupRule): string {
  return `rolled__${id}`;
}

/** All steps of a scan, the last with one row per entity that has rows. */
export function rollupSteps(scan: RollupScan, options: RollupStepsOptions): readonly Step[] {
  const rows = rollupRowSteps(scan, options);
  const { dialect } = options.context;
  const double = dialect.type({ kind: 'double' });
  const sums: Step = {
    name: options.stepName(`${scan.word}_rolled_up`),
    comment: `One row per entity with rows of ${scan.word}: what each roll-up makes of them.`,
    select: {
      columns: [
        name('entity_key'),
        ...scan.rules.map((rule) => column(sql`cast(${rolledUp(rule, dialect)} as ${double})`, rolledColumn(rule))),
      ],
      from: name(lastName(rows)),
      groupBy: [name('entity_key')],
    },
  };
  return [...rows, sums];
}

function rolledUp(rule: CardRollupRule, dialect: Dialect): Fragment {
  const { agg } = rule;
  const part = takesPart(rule);
  const of = (value: Fragment) => onlyWhen(part, value);
  const weight = hasWeight(rule) ? name(`weight__${rule.id}`) : null;
  const weighted = weight === null ? sql`score` : sql`score * ${weight}`;
  switch (agg.kind) {
    case 'sum':
      return sql`sum(${of(weighted)})`;
    case 'max':
      return sql`max(${of(weighted)})`;
    case 'count':
      return weight === null ? sql`count(${of(sql`1`)})` : sql`sum(${of(weight)})`;
    case 'avg':
    case 'top_avg': {
      const weights = weight === null ? sql`count(${of(sql`1`)})` : sql`sum(${of(weight)})`;
      return dialect.safeDivide(sql`sum(${of(weighted)})`, weights);
    }
    case 'distinct':
      return sql`count(distinct ${of(name(`value__${rule.id}`))})`;
    case 'noisy_or': {
      // A score of 100 is certain. The logarithm of what is certain is never asked for.
      const chance = sql`least(1, greatest(0, cast(${weighted} as ${dialect.type({ kind: 'double' })}) / 100))`;
      const doubt = sql`ln(case when ${chance} < 1 then 1 - ${chance} end)`;
      return sql`case when max(${of(chance)}) >= 1 then 1 else 1 - exp(sum(${of(doubt)})) end`;
    }
    default:
      return agg satisfies never;
  }
}
