import { type AccountState, isCustomer, presentOn, type Scene } from './account-state.ts';
import type { Actor } from './actor.ts';
import type { Deal } from './demo-company.ts';
import type { Random } from './random.ts';
import { subscribe } from './subscription-flow.ts';

/**
 * How fit and behaviour lead to deals: the truth that every score tries to guess. σ is the logistic function, fit is of
 * the account (`hidden-fit.ts`), influence of the person.
 *
 *   attention  = the best three of (behaviour seen × (0.25 + 0.75 × influence)), weighted 1, 0.5 and 0.25
 *   a need     comes to an account with a chance of 0.3 + 3.5 × fit² a year and raises the interest of one to three people
 *   a deal     opens on a working day with probability σ(-12.4 + 3.2 × fit + 1.75 × ln(1 + attention))
 *   it is won  with probability σ(-5.1 + 2.8 × fit + 0.55 × ln(1 + attention at closing) + 0.8 if a decision maker is in it)
 *   a customer opens an expansion deal with a daily probability of 0.0045 × (adoption - 0.35)
 *
 * Neither fit nor behaviour is enough alone, and both leave room for luck.
 */
const truth = {
  needPerYear: (fit: number) => 0.3 + 3.5 * fit * fit,
  opening: (fit: number, attention: number) => sigmoid(-12.4 + 3.2 * fit + 1.75 * Math.log(1 + attention)),
  winning: (fit: number, attention: number, decider: boolean) =>
    sigmoid(-5.1 + 2.8 * fit + 0.55 * Math.log(1 + attention) + (decider ? 0.8 : 0)),
  expansion: (adoption: number) => 0.0045 * Math.max(0, adoption - 0.35),
  winningExpansion: 0.6,
} as const;

/** A need arises: somebody starts to look around, perhaps somebody nobody knew before. */
export function feelNeed(
  state: AccountState,
  actors: readonly Actor[],
  day: number,
  { random, calendar }: Scene,
): void {
  if (isCustomer(state) || state.openDeal !== null) return;
  if (!random.chance(truth.needPerYear(state.fit) / 365)) return;
  const newcomer = actors.find((actor) => {
    const waitDays = calendar.dayOf(actor.person.createdAt) - day;
    return waitDays > 0 && waitDays < 150;
  });
  if (newcomer !== undefined && random.chance(0.5)) {
    newcomer.person.createdAt = calendar.instant(day, random.between(8, 17));
    wake(newcomer, day, random);
  }
  const present = presentOn(actors, day, calendar);
  for (let count = random.int(1, 3); count > 0 && present.length > 0; count -= 1) {
    wake(random.weighted(present.map((actor) => [actor, 0.15 + actor.influence] as const)), day, random);
  }
}

function wake(actor: Actor, day: number, random: Random): void {
  actor.surge = { peak: random.between(0.55, 1), untilDay: day + random.int(20, 65) };
}

/** Opens, wins or loses deals on one day. */
export function moveDeal(state: AccountState, actors: readonly Actor[], day: number, scene: Scene): void {
  const { random, calendar } = scene;
  if (state.openDeal !== null) {
    if (day >= state.openDeal.closeDay) closeDeal(state, state.openDeal.deal, actors, day, scene);
    return;
  }
  if (!calendar.isWorkday(day) || day < state.quietUntilDay) return;
  // Whoever is known since today may have come later in the day than the deal.
  const present = presentOn(actors, day - 1, calendar);
  const probability = isCustomer(state)
    ? truth.expansion(state.adoption)
    : truth.opening(state.fit, attentionOf(present));
  if (present.length > 0 && random.chance(probability)) openDeal(state, present, day, scene);
}

function openDeal(state: AccountState, present: readonly Actor[], day: number, scene: Scene): void {
  const { random, calendar, log } = scene;
  const main = random.weighted(present.map((actor) => [actor, 0.02 + weightOf(actor)] as const));
  const others = present.filter((actor) => actor !== main && random.chance(Math.min(0.85, weightOf(actor) / 9)));
  const group = [main, ...others.slice(0, 4)];
  const seats = Math.min(Math.max(3, Math.round(state.account.employees * random.between(0.05, 0.3))), 400);
  const deal: Deal = {
    id: '',
    account: state.account,
    type: isCustomer(state) ? 'expansion' : 'new_business',
    openedAt: calendar.instant(day, random.between(13, 17)),
    seats,
    amount: random.chance(0.85) ? offer(state, seats, random) : null,
    stage: 'open',
    closedAt: null,
    contacts: group.map((actor) => actor.person),
  };
  log.deals.push(deal);
  const patience = state.account.employees > 1000 ? 1.5 : 1;
  const closeDay = day + Math.max(7, Math.round(Math.exp(3.35 + 0.45 * random.normal()) * patience));
  state.openDeal = { deal, closeDay };
  // While they talk some stay keen and some lose heart: it shows in what they do, and the outcome follows it.
  for (const actor of group) actor.surge = { peak: random.pick([0.1, 0.3, 0.5, 0.75]), untilDay: closeDay };
}

function closeDeal(state: AccountState, deal: Deal, actors: readonly Actor[], day: number, scene: Scene): void {
  const { random, calendar } = scene;
  const group = actors.filter((actor) => deal.contacts.includes(actor.person));
  const decider = group.some((actor) => actor.influence > 0.75);
  const closedAt = calendar.instant(day, random.between(13, 18));
  const won = random.chance(
    deal.type === 'expansion' ? truth.winningExpansion : truth.winning(state.fit, attentionOf(group), decider),
  );
  state.openDeal = null;
  state.quietUntilDay = day + (won ? 120 : 75);
  deal.stage = won ? 'won' : 'lost';
  deal.closedAt = closedAt;
  deal.amount ??= offer(state, deal.seats, random);
  if (won) subscribe(state, deal.seats, closedAt, actors, scene);
  for (const actor of group) {
    actor.surge = null;
    actor.interest *= won ? 0.5 : 0.3;
  }
}

function offer(state: AccountState, seats: number, random: Random): number {
  const perSeat = state.account.employees < 50 ? 29 : state.account.employees < 500 ? 49 : 69;
  return Math.round((seats * perSeat * 12 * random.between(0.75, 1)) / 10) * 10;
}

function weightOf(actor: Actor): number {
  return actor.engagement * (0.25 + 0.75 * actor.influence);
}

function attentionOf(actors: readonly Actor[]): number {
  const [first = 0, second = 0, third = 0] = actors.map(weightOf).sort((left, right) => right - left);
  return first + 0.5 * second + 0.25 * third;
}

function sigmoid(odds: number): number {
  return 1 / (1 + Math.exp(-odds));
}
