import { type AccountState, isCustomer, presentOn, type Scene } from './account-state.ts';
import { type Actor, liveOneDay } from './actor.ts';
import { feelNeed, moveDeal } from './deal-flow.ts';
import { deskHour } from './desk-hour.ts';
import { isNewsletterDay, readNewsletter } from './read-newsletter.ts';
import { liveWithProduct, startTrial } from './subscription-flow.ts';
import { signUp, visitWebsite } from './visit-website.ts';

/**
 * Plays the whole history of people who belong together, day by day.
 * @param state null for people without an account
 * @param scanned whether a mail gateway follows the links of their mails
 */
export function simulateGroup(
  state: AccountState | null,
  actors: readonly Actor[],
  scanned: boolean,
  scene: Scene,
): void {
  const { random, calendar, log } = scene;
  for (let day = 0; day < calendar.days; day += 1) {
    if (state !== null) {
      feelNeed(state, actors, day, scene);
      liveWithProduct(state, actors, day, scene);
    }
    for (const actor of presentOn(actors, day, calendar)) liveThrough(actor, day);
    if (state !== null) moveDeal(state, actors, day, scene);
  }
  for (const { person } of actors) signUp(person, random, calendar, log);

  function liveThrough(actor: Actor, day: number): void {
    const { person } = actor;
    liveOneDay(actor, day, random, calendar);
    const visitsPerDay = 0.4 * actor.interest * (calendar.isWorkday(day) ? 1 : 0.25);
    if (random.chance(visitsPerDay)) {
      const channel = random.weighted([
        ['direct', 5],
        ['search', 4],
        ['ads', person.source === 'paid_search' ? 3 : 1],
      ] as const);
      visitWebsite(actor, calendar.instant(day, deskHour(person.region, random)), channel, random, log);
      if (state !== null && !state.trialUsed && !isCustomer(state) && random.chance(0.07 * actor.interest)) {
        startTrial(state, actor, actors, day, scene);
      }
    }
    if (person.consent === true && person.email !== null && !actor.unsubscribed && isNewsletterDay(day, calendar)) {
      readNewsletter(actor, day, scanned, random, calendar, log);
    }
  }
}
