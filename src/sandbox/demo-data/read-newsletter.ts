import type { Actor } from './actor.ts';
import type { Calendar } from './calendar.ts';
import type { EventLog } from './demo-company.ts';
import type { Random } from './random.ts';
import { visitWebsite } from './visit-website.ts';

/** Every second Tuesday. */
export function isNewsletterDay(day: number, calendar: Calendar): boolean {
  return calendar.weekday(day) === 2 && Math.floor(day / 7) % 2 === 0;
}

/**
 * Sends one issue to a person and plays what follows: opened, clicked, unsubscribed, or nothing. At companies whose mail
 * gateway follows every link (`scanned`), an opening and a click come within seconds, before anybody has seen the mail.
 */
export function readNewsletter(
  actor: Actor,
  day: number,
  scanned: boolean,
  random: Random,
  calendar: Calendar,
  log: EventLog,
): void {
  const { person, interest } = actor;
  const campaign = `newsletter-${new Date(calendar.instant(day, 0)).toISOString().slice(0, 10)}`;
  const record = (event: 'sent' | 'opened' | 'clicked' | 'unsubscribed', at: number) =>
    log.emailEvents.push({ id: '', person, campaign, event, at });

  const sentAt = calendar.instant(day, 8) + random.int(0, 1200) * 1000;
  record('sent', sentAt);
  if (scanned) {
    record('opened', sentAt + random.int(1, 2) * 1000);
    record('clicked', sentAt + random.int(2, 4) * 1000);
  }
  const openedAt = sentAt + 60_000 + Math.floor(random.between(0, 30) * 3_600_000 * random.float());
  if (openedAt >= calendar.asOfMs || !random.chance(0.11 + 0.5 * interest)) return;
  record('opened', openedAt);
  if (random.chance(0.06 + 0.45 * interest)) {
    const clickedAt = openedAt + random.int(10, 240) * 1000;
    record('clicked', clickedAt);
    actor.engagement += 3;
    visitWebsite(actor, clickedAt + 2000, 'newsletter', random, log);
  } else if (random.chance(0.012)) {
    record('unsubscribed', openedAt + random.int(5, 60) * 1000);
    actor.unsubscribed = true;
    actor.interest *= 0.3;
  }
}
