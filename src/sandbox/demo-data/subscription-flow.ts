import { type AccountState, isCustomer, presentOn, type Scene } from './account-state.ts';
import type { Actor } from './actor.ts';
import type { Account, Subscription } from './demo-company.ts';
import { deskHour } from './desk-hour.ts';
import type { Random } from './random.ts';

import { useProduct } from './use-product.ts';

const trialDays = 14;

/** Somebody keen starts a trial, perhaps with a colleague. An account has one trial. */
export function startTrial(
  state: AccountState,
  keen: Actor,
  actors: readonly Actor[],
  day: number,
  scene: Scene,
): void {
  const { random, calendar, log } = scene;
  const startedAt = calendar.instant(day, random.between(10, 17));
  const subscription: Subscription = {
    account: state.account,
    plan: 'trial',
    seats: 5,
    startedAt,
    endedAt: startedAt + trialDays * 86_400_000,
  };
  log.subscriptions.push(subscription);
  state.subscription = subscription;
  state.trialUsed = true;
  state.adoption = 0.2;
  keen.usage = random.between(0.3, 0.9);
  const colleagues = presentOn(actors, day, calendar).filter((actor) => actor !== keen);
  if (colleagues.length > 0 && random.chance(0.5)) random.pick(colleagues).usage = random.between(0.15, 0.6);
}

/** A paid subscription begins (or a larger one takes the place of the current one), and people get to work. */
export function subscribe(
  state: AccountState,
  seats: number,
  startedAt: number,
  actors: readonly Actor[],
  scene: Scene,
): void {
  const { random, calendar, log } = scene;
  const growing = isCustomer(state);
  if (state.subscription !== null) state.subscription.endedAt = startedAt;
  const subscription: Subscription = {
    account: state.account,
    plan: planFor(state.account, random),
    seats: (growing && state.subscription !== null ? state.subscription.seats : 0) + seats,
    startedAt,
    endedAt: null,
  };
  log.subscriptions.push(subscription);
  state.subscription = subscription;
  state.adoption = Math.max(state.adoption, 0.25);
  const present = presentOn(actors, Math.max(calendar.dayOf(startedAt), 0), calendar);
  for (let count = growing ? 1 : random.int(1, 5); count > 0 && present.length > 0; count -= 1) {
    random.pick(present).usage = random.between(0.08, 0.7);
  }
}

/** One day with the product: use, taking it up or letting it go, the end of a trial, and leaving for good. */
export function liveWithProduct(state: AccountState, actors: readonly Actor[], day: number, scene: Scene): void {
  const { random, calendar, log } = scene;
  const { subscription } = state;
  if (subscription === null) return;
  if (subscription.endedAt !== null && calendar.dayOf(subscription.endedAt) <= day) {
    endSubscription(state, actors);
    return;
  }
  state.adoption += (state.adoptionGoal - state.adoption) * 0.01;
  if (isCustomer(state) && random.chance(0.0022 * Math.max(0, 0.5 - state.adoption))) {
    subscription.endedAt = calendar.instant(day, 12);
    endSubscription(state, actors);
    return;
  }
  const dayFactor = calendar.isWorkday(day) ? 1 : 0.12;
  for (const actor of actors) {
    if (actor.usage === 0 || !random.chance(actor.usage * (0.3 + 0.7 * state.adoption) * dayFactor)) continue;
    const startMs = calendar.instant(day, deskHour(actor.person.region, random));
    useProduct(actor, state.account, startMs, state.adoption, random, log);
  }
}

function endSubscription(state: AccountState, actors: readonly Actor[]): void {
  state.subscription = null;
  for (const actor of actors) actor.usage = 0;
}

function planFor(account: Account, random: Random): Subscription['plan'] {
  const size = account.employees * random.between(0.6, 1.6);
  if (size < 60) return 'starter';
  return size < 600 ? 'team' : 'enterprise';
}
