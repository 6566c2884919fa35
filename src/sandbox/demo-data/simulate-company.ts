import { type AccountState, createAccountState, type Scene } from './account-state.ts';
import { type Actor, createActor } from './actor.ts';
import { addBots, addDuplicates, addStrays, repeatSome } from './add-noise.ts';
import { createCalendar } from './calendar.ts';
import type { DemoCompany, EventLog } from './demo-company.ts';
import { makeCast, type Scale, streams } from './make-cast.ts';
import { createRandom } from './random.ts';
import { simulateGroup } from './simulate-group.ts';
import { subscribe } from './subscription-flow.ts';

/** Makes the company and plays its history. The same arguments give the same records. */
export function simulateCompany(seed: number, asOfMs: number, scale: Scale): DemoCompany {
  const calendar = createCalendar(asOfMs);
  const { accounts, people } = makeCast(seed, scale, calendar);
  const log = emptyLog();

  const byAccount = Map.groupBy(people, (person) => person.account);
  accounts.forEach((account, index) => {
    const scene: Scene = { random: createRandom(seed, streams.firstAccount + index), calendar, log };
    const actors = (byAccount.get(account) ?? []).map((person) => createActor(person, scene.random));
    const state = createAccountState(account, scene.random);
    if (scene.random.chance(0.22 * state.fit)) startAsCustomer(state, actors, scene);
    simulateGroup(state, actors, scene.random.chance(0.04), scene);
  });
  const others: Scene = { random: createRandom(seed, streams.others), calendar, log };
  const loners = (byAccount.get(null) ?? []).map((person) => createActor(person, others.random));
  simulateGroup(null, loners, false, others);
  dropLater(log, asOfMs);

  const noise = createRandom(seed, streams.noise);
  const duplicates = addDuplicates(people, scale.duplicates, noise, calendar, log);
  addBots(people, noise, calendar, log);
  addStrays(noise, calendar, log);

  return {
    accounts: numbered(accounts, 'A', byCreation),
    people: numbered([...people, ...duplicates], 'P', byCreation),
    subscriptions: log.subscriptions.sort((left, right) => left.startedAt - right.startedAt),
    deals: numbered(log.deals, 'D', (left, right) => left.openedAt - right.openedAt),
    pageViews: repeatSome(numbered(log.pageViews, 'V', byTime), 0.004, noise),
    formFills: numbered(log.formFills, 'F', byTime),
    emailEvents: numbered(log.emailEvents, 'E', byTime),
    productEvents: numbered(log.productEvents, 'U', byTime),
  };
}

function emptyLog(): EventLog {
  return { pageViews: [], formFills: [], emailEvents: [], productEvents: [], subscriptions: [], deals: [] };
}

/** Had been a customer for a while when the history begins. */
function startAsCustomer(state: AccountState, actors: readonly Actor[], scene: Scene): void {
  const { random, calendar } = scene;
  state.adoption = state.adoptionGoal;
  const seats = Math.min(Math.max(3, Math.round(state.account.employees * random.between(0.05, 0.3))), 400);
  subscribe(state, seats, calendar.instant(-random.int(20, 400), 15), actors, scene);
}

/** A day's work may reach past the end of the last day; what has not happened yet is not in the tables. */
function dropLater(log: EventLog, asOfMs: number): void {
  for (const events of [log.pageViews, log.formFills, log.emailEvents, log.productEvents]) {
    let kept = 0;
    for (const event of events) if (event.at < asOfMs) events[kept++] = event;
    events.length = kept;
  }
}

/** Ids as systems give them: in the order of creation. */
function numbered<T extends { id: string }>(
  records: readonly T[],
  prefix: string,
  order: (left: T, right: T) => number,
): readonly T[] {
  const sorted = records.toSorted(order);
  const digits = String(sorted.length).length;
  sorted.forEach((record, index) => {
    record.id = `${prefix}${String(index + 1).padStart(digits, '0')}`;
  });
  return sorted;
}

const byTime = (left: { readonly at: number }, right: { readonly at: number }) => left.at - right.at;
const byCreation = (left: { readonly createdAt: number }, right: { readonly createdAt: number }) =>
  left.createdAt - right.createdAt;
