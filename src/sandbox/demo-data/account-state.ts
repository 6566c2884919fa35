import type { Actor } from './actor.ts';
import type { Calendar } from './calendar.ts';
import type { Account, Deal, EventLog, Subscription } from './demo-company.ts';
import { accountFit } from './hidden-fit.ts';
import type { Random } from './random.ts';

/**
 * An account on its way: no deal, then an open deal, then won (it becomes a customer) or lost (a pause, after which it
 * may start again). A trial can come at any time before; a customer may open expansion deals, or leave.
 */
export interface AccountState {
  readonly account: Account;
  readonly fit: number;
  openDeal: { readonly deal: Deal; readonly closeDay: number } | null;
  /** The current one, trials included. */
  subscription: Subscription | null;
  trialUsed: boolean;
  /** No deal opens before this day. */
  quietUntilDay: number;
  /** How well the product has been taken up, 0 to 1; it drifts towards `adoptionGoal`. */
  adoption: number;
  readonly adoptionGoal: number;
}

/** What every part of the simulation is handed. */
export interface Scene {
  readonly random: Random;
  readonly calendar: Calendar;
  readonly log: EventLog;
}

export function createAccountState(account: Account, random: Random): AccountState {
  return {
    account,
    fit: accountFit(account),
    openDeal: null,
    subscription: null,
    trialUsed: false,
    quietUntilDay: 0,
    adoption: 0,
    adoptionGoal: random.between(0.1, 1),
  };
}

export function isCustomer(state: AccountState): boolean {
  return state.subscription !== null && state.subscription.plan !== 'trial';
}

/** Those the CRM knows on a day. */
export function presentOn(actors: readonly Actor[], day: number, calendar: Calendar): readonly Actor[] {
  return actors.filter((actor) => calendar.dayOf(actor.person.createdAt) <= day);
}
