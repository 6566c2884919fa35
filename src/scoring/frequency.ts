import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { CardBand, CardDecay } from './card.ts';
import { decayEnd, weightAt } from './decay.ts';
import { numberLiteral } from './literals.ts';

export interface BandFacts {
  readonly bands: readonly CardBand[];
  readonly decay?: CardDecay;
  /** How many events count. */
  readonly events: Fragment;
  /** The age of the newest one, in the unit of the decay. */
  readonly newest: Fragment;
}

/** The points of the highest band reached, faded as its newest event is. Below all bands: 0. */
export function bandPoints({ bands, decay, events, newest }: BandFacts, dialect: Dialect): Fragment {
  const whens = bands.map(
    ({ atLeast, points }) => sql`when ${events} >= ${numberLiteral(atLeast)} then ${numberLiteral(points)}`,
  );
  const points = sql`case ${sql.join(whens, sql.raw(' '))} else 0 end`;
  if (decay === undefined) return points;
  const weight = weightAt(decay, () => newest, dialect);
  // Events count however old they are, so that the newest one may lie behind the end of the decay.
  return sql`${points} * ${decayEnd(decay) === undefined ? weight : sql`greatest(0, ${weight})`}`;
}
