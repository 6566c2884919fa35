import { sql } from 'kysely';
import { castTo } from '../sql/cast-to.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { CardTier, ScoredCard } from './card.ts';
import { decimalLiteral, numberLiteral, textLiteral } from './literals.ts';

/** Beside the score, what tiers may look at; absent where the model has no such tiers. */
export interface TierFacts {
  readonly score: Fragment;
  /** Conditions with their tiers, which come before all others. */
  readonly first?: readonly Fragment[];
  /** The tier before, null for none; for hysteresis. */
  readonly tierBefore?: Fragment;
  /** The place by score among all that are not disqualified, equal for equal scores, and how many they are. */
  readonly place?: Fragment;
  readonly rivals?: Fragment;
}

/**
 * The highest tier that the score reaches; null below the last one, and without tiers. A threshold is inclusive; with
 * hysteresis, it is lower for those who had the tier or a higher one before. A share takes the best ceil(share * rivals),
 * ties included.
 */
export function tierCase(card: ScoredCard, facts: TierFacts, dialect: Dialect): Fragment {
  const { tiers } = card;
  const text = dialect.type({ kind: 'text' });
  const lowest = tiers.find((tier) => isOpen(tier));
  const otherwise = lowest === undefined ? sql`null` : textLiteral(lowest.name, dialect);
  const reached = tiers.flatMap((tier, index) => {
    if (isOpen(tier)) return [];
    const condition =
      tier.topRatio === undefined ? reaches(card, index, facts, dialect) : isAmong(tier.topRatio, facts, dialect);
    return [sql`when ${condition} then ${textLiteral(tier.name, dialect)}`];
  });
  const whens = [...(facts.first ?? []), ...reached];
  if (whens.length === 0) return sql`cast(${otherwise} as ${text})`;
  return sql`case\n    ${sql.join(whens, sql.raw('\n    '))}\n    else ${otherwise}\n  end`;
}

function isOpen({ at, topRatio }: CardTier): boolean {
  return at === undefined && topRatio === undefined;
}

function reaches(card: ScoredCard, index: number, { score, tierBefore }: TierFacts, dialect: Dialect): Fragment {
  const at = threshold(card, index, dialect);
  const { hysteresis, tiers } = card;
  if (hysteresis === undefined || tierBefore === undefined) return sql`${score} >= ${at}`;
  const upTo = tiers.slice(0, index + 1).map(({ name }) => textLiteral(name, dialect));
  const allowance = sql`case when ${tierBefore} in (${sql.join(upTo)}) then ${decimalLiteral(hysteresis, dialect)} else 0 end`;
  return sql`${score} >= ${at} - ${allowance}`;
}

function threshold({ tiers, segments }: ScoredCard, index: number, dialect: Dialect): Fragment {
  const tier = tiers[index];
  const general = decimalLiteral(tier?.at ?? 0, dialect);
  const whens = segments.flatMap((segment) => {
    const own = tier === undefined ? undefined : segment.tiers[tier.name];
    return own === undefined
      ? []
      : [sql`when ${textLiteral(segment.name, dialect)} then ${decimalLiteral(own, dialect)}`];
  });
  return whens.length === 0 ? general : sql`case in_segment ${sql.join(whens, sql.raw(' '))} else ${general} end`;
}

/** Whether a place is among the best share. */
export function isAmong(topRatio: number, { place, rivals }: TierFacts, dialect: Dialect): Fragment {
  // 7% is 0.07000000000000001 as a binary fraction, of which the ceiling could be one too many.
  const share = numberLiteral(Number(topRatio.toPrecision(12)));
  const exact = castTo(dialect, share, { kind: 'decimal', precision: 18, scale: 12 });
  return sql`${place} <= ceil(${exact} * ${rivals})`;
}
