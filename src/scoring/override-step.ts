import { sql } from 'kysely';
import { disqualifiedTier } from '../project/scored-model.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { ScoredCard } from './card.ts';
import { name, textLiteral } from './literals.ts';
import { rounded, type StepOptions } from './score-steps.ts';
import { column, type Step } from './select-text.ts';
import type { ScoringContext } from './types.ts';

/** A tier that the model does not have is no tier, and a score that is no number no score. */
export function overridesInForce(
  card: ScoredCard,
  overrides: Fragment,
  { context, dialect, stepName }: StepOptions & { readonly context: ScoringContext },
): Step {
  const text = dialect.type({ kind: 'text' });
  const known = [...card.tiers.map((tier) => tier.name), disqualifiedTier].map((tier) => textLiteral(tier, dialect));
  const value = dialect.roundTo(sql.id('score'), 18, 6);
  const tier = sql.id('tier');
  return {
    name: stepName('overrides_in_force'),
    comment: `One row per ${card.entity} for whom somebody set a score or a tier by hand that has not expired.`,
    select: {
      columns: [
        column(sql.id(card.key), 'override_key'),
        column(rounded(value, card, dialect), 'override_score'),
        column(sql`cast(case when ${tier} in (${sql.join(known)}) then ${tier} end as ${text})`, 'override_tier'),
        column(sql`cast(${sql.id('reason')} as ${text})`, 'override_reason'),
        column(sql.id('until'), 'override_until'),
      ],
      from: sql`${overrideRows(overrides, card.key, dialect)} as overrides`,
      where: [
        sql`(${sql.id('until')} is null or ${sql.id('until')} > ${dialect.bind({ kind: 'timestamp' }, context.asOf.instant)})`,
      ],
    },
  };
}

/** The rows of an overrides model with all of its columns, those that it leaves out null. */
export function overrideRows(overrides: Fragment, key: string, dialect: Dialect): Fragment {
  return dialect.withColumns(overrides, key, [
    ['score', { kind: 'double' }],
    ['tier', { kind: 'text' }],
    ['reason', { kind: 'text' }],
    ['until', { kind: 'timestamp' }],
  ]);
}

/** `Set by hand to 90 instead of 43 (signed a letter of intent)`: both numbers, whole as in all reasons. */
export function overrideWords(dialect: Dialect): Fragment {
  const text = dialect.type({ kind: 'text' });
  const whole = (column: string) => sql`cast(cast(${name(column)} as ${dialect.type({ kind: 'integer' })}) as ${text})`;
  const parts = [
    sql`'Set by hand to '`,
    dialect.joinText([whole('override_score'), sql`override_tier`], ', '),
    sql`case when override_score is not null then concat(' instead of ', ${whole('score')}) end`,
    sql`case when override_reason is not null then concat(' (', override_reason, ')') end`,
  ];
  return sql`case when override_score is not null or override_tier is not null then ${dialect.joinText(parts, '')} end`;
}
