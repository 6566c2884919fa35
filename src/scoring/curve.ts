import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { CardRule } from './card.ts';
import { numberLiteral } from './literals.ts';

/**
 * A rule's sum bent so that each further point counts for less: a·ln(1 + x), or limit·x/(x + n), which is half of the limit
 * at n. Losses bend like gains.
 */
export function curved({ curve, limit = 0 }: CardRule, sum: Fragment, dialect: Dialect): Fragment {
  if (curve === undefined) return sum;
  const x = sql`cast(${sum} as ${dialect.type({ kind: 'double' })})`;
  switch (curve.kind) {
    case 'log':
      return sql`${numberLiteral(curve.factor)} * sign(${x}) * ln(1 + abs(${x}))`;
    case 'half_at':
      return sql`${numberLiteral(limit)} * ${x} / (abs(${x}) + ${numberLiteral(curve.at)})`;
    default:
      return curve satisfies never;
  }
}
