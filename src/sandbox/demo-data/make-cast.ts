import type { Calendar } from './calendar.ts';
import type { Account, Person } from './demo-company.ts';
import { makeAccounts } from './make-accounts.ts';
import { makePeople, type PeopleCounts } from './make-people.ts';
import { createRandom } from './random.ts';

/** How large the made-up company's CRM is. */
export interface Scale extends PeopleCounts {
  readonly accounts: number;
  /** Records of people who are in already. */
  readonly duplicates: number;
}

/** 5,000 records of people. */
export const demoScale: Scale = {
  accounts: 400,
  atAccounts: 3720,
  unaffiliated: 890,
  students: 160,
  competitors: 40,
  staff: 30,
  duplicates: 160,
};

/** Streams of chance: each part has its own; accounts count from `firstAccount`. */
export const streams = { accounts: 1, people: 2, others: 3, noise: 4, hubspot: 5, firstAccount: 1000 } as const;

/** Everybody who takes part, before anything happens: accounts and people, duplicates not among them. */
export function makeCast(
  seed: number,
  scale: Scale,
  calendar: Calendar,
): { readonly accounts: readonly Account[]; readonly people: readonly Person[] } {
  const accounts = makeAccounts(scale.accounts, createRandom(seed, streams.accounts), calendar);
  return { accounts, people: makePeople(scale, accounts, createRandom(seed, streams.people), calendar) };
}
