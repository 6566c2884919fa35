import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { CardAbsenceRule } from './card.ts';
import { name, numberLiteral } from './literals.ts';
import { daysBack } from './span.ts';

/*
 * Most absence rules ask whether there is an event in their window. Those that repeat, or that an event of another kind
 * ends, need to know for how long there has been none: the age of the newest event, in the unit of the window.
 */

export function asksHowLong({ repeat, recover }: CardAbsenceRule): boolean {
  return repeat !== undefined || recover !== undefined;
}

/** Older than every event; in days or in seconds. */
export const neverAge = numberLiteral(1e12);

/** The number of periods that the rule's limit has room for. */
function mostPeriods({ points, limit, repeat }: CardAbsenceRule): number {
  if (repeat === undefined || limit === undefined || typeof points !== 'number' || points === 0) return 1;
  return Math.ceil(limit / Math.abs(points));
}

/** Days back in which the rule must look: to where its limit is reached, or where it asks since when, without an end. */
export function silenceReach(rule: CardAbsenceRule): number {
  const { within, repeat, recover } = rule;
  if (recover !== undefined) return Number.POSITIVE_INFINITY;
  const more = repeat === undefined ? 0 : (mostPeriods(rule) - 1) * repeat.length;
  return daysBack({ unit: within.unit, length: within.length + more });
}

interface Silence {
  /** The age of the newest event, `neverAge` where there is none. */
  readonly newest: Fragment;
  /** The age of the newest event that ends the penalty; null where there is none. */
  readonly recovered: Fragment | null;
  readonly dialect: Dialect;
}

/**
 * How often the rule gives its points: once as soon as nothing happened for the window, again for each full `repeat` after
 * it, and not at all once a recovery followed.
 */
export function silentPeriods(rule: CardAbsenceRule, { newest, recovered, dialect }: Silence): Fragment {
  const { within, repeat } = rule;
  const since = sql`${newest} - ${numberLiteral(within.length)}`;
  const over = recovered === null ? sql`` : sql` when ${recovered} <= ${since} then 0`;
  const full = sql`floor((${since}) / ${dialect.double(repeat?.length ?? 1)})`;
  const periods = repeat === undefined ? sql`1` : sql`least(${numberLiteral(mostPeriods(rule))}, 1 + ${full})`;
  return sql`case when ${newest} < ${numberLiteral(within.length)} then 0${over} else ${periods} end`;
}

export function recoveryColumn(id: string): Fragment {
  return name(`recovery__${id}`);
}
