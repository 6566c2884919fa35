import type { Calendar } from './calendar.ts';
import type { Person } from './demo-company.ts';
import { personFit } from './hidden-fit.ts';
import type { Random } from './random.ts';

/** A person while the simulation runs. */
export interface Actor {
  readonly person: Person;
  /** How much this person's word counts in a purchase, 0 to 1. */
  readonly influence: number;
  /** How much the product is on this person's mind today, 0 to 1. Behaviour follows it; nothing exported states it. */
  interest: number;
  /** What interest falls back to. */
  readonly idleInterest: number;
  /** Interest climbs towards `peak` until the day is over, then fades. */
  surge: { peak: number; untilDay: number } | null;
  /** What has been seen of this person: points of visits, forms, clicks and product use that halve in about twelve days. */
  engagement: number;
  unsubscribed: boolean;
  /** Chance of using the product on a working day while the account has it. */
  usage: number;
}

/** Daily factors: seen behaviour halves in 12 days, interest without a cause in 9. */
const engagementKept = 0.944;
const interestKept = 0.926;
const climb = 0.14;

export function createActor(person: Person, random: Random): Actor {
  const restless = { prospect: 0.014, student: 0.03, competitor: 0.12, staff: 0.35 }[person.kind];
  return {
    person,
    influence: personFit(person),
    interest: 0,
    idleInterest: restless * random.between(0.3, 1.5),
    surge: null,
    engagement: 0,
    unsubscribed: false,
    usage: 0,
  };
}

/** One day passes in a person's mind. Curiosity comes to everybody, also to those who will never buy. */
export function liveOneDay(actor: Actor, day: number, random: Random, calendar: Calendar): void {
  actor.engagement *= engagementKept;
  const createdDay = calendar.dayOf(actor.person.createdAt);
  if (day === createdDay) actor.interest = Math.max(actor.interest, random.between(0.08, 0.4));
  if (actor.surge !== null && day > actor.surge.untilDay) actor.surge = null;
  if (actor.surge === null && random.chance(curiosityPerDay[actor.person.kind])) {
    actor.surge = { peak: random.between(0.2, 0.6), untilDay: day + random.int(4, 18) };
  }
  if (actor.surge !== null) {
    actor.interest += (actor.surge.peak - actor.interest) * climb;
  } else {
    actor.interest = actor.idleInterest + (actor.interest - actor.idleInterest) * interestKept;
  }
}

const curiosityPerDay = { prospect: 0.35 / 365, student: 1.2 / 365, competitor: 2 / 365, staff: 0 } as const;
