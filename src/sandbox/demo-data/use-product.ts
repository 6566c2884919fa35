import type { Actor } from './actor.ts';
import type { Account, EventLog } from './demo-company.ts';
import type { Random } from './random.ts';
import { productFeatures } from './vocabulary.ts';

/** One person's day in the product. `breadth` (0 to 1) says how much of it the account has taken up. */
export function useProduct(
  actor: Actor,
  account: Account,
  startMs: number,
  breadth: number,
  random: Random,
  log: EventLog,
): void {
  let at = startMs;
  const record = (
    event: 'session_started' | 'feature_used' | 'seats_invited',
    feature: string | null,
    seats: number | null,
  ) => log.productEvents.push({ id: '', person: actor.person, account, event, feature, seats, at });

  record('session_started', null, null);
  const known = productFeatures.slice(0, 2 + Math.round(breadth * (productFeatures.length - 2)));
  for (let count = random.poisson(0.6 + breadth); count > 0; count -= 1) {
    at += random.int(30, 1800) * 1000;
    record('feature_used', random.pick(known), null);
  }
  if (random.chance(0.03 * breadth)) record('seats_invited', null, random.int(1, 6));
  actor.engagement += 2;
}
