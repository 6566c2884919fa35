import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { CardDecay } from './card.ts';
import { numberLiteral } from './literals.ts';
import type { Span } from './span.ts';

/**
 * The share of its points that an event keeps at an age. Only for ages before `decayEnd`: from there on nothing is left,
 * and whoever counts leaves such events out.
 * @param ageIn a column with the age in the unit asked for
 */
export function weightAt(decay: CardDecay, ageIn: (unit: Span['unit']) => Fragment, dialect: Dialect): Fragment {
  const { unit, length } = decay.span;
  const ratio = sql`${ageIn(unit)} / ${dialect.double(length)}`;
  switch (decay.kind) {
    case 'half_life':
      return sql`power(0.5, ${ratio})`;
    case 'linear':
      return sql`(1 - ${ratio})`;
    case 'step':
      return sql`(1 - ${numberLiteral(decay.share)} * floor(${ratio}))`;
    default:
      return decay satisfies never;
  }
}

/** The age at which nothing is left; undefined where something always is. */
export function decayEnd(decay: CardDecay): Span | undefined {
  switch (decay.kind) {
    case 'half_life':
      return undefined;
    case 'linear':
      return decay.span;
    case 'step':
      return { unit: decay.span.unit, length: decay.span.length * Math.ceil(1 / decay.share) };
    default:
      return decay satisfies never;
  }
}
