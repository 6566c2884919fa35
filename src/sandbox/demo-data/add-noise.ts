import type { Calendar } from './calendar.ts';
import type { EventLog, PageView, Person } from './demo-company.ts';
import type { Random } from './random.ts';
import { sessionId } from './visit-website.ts';
import { botAgents, browsers, ownDomain } from './vocabulary.ts';

const site = `https://www.${ownDomain}`;
const crawledPaths = [
  '/',
  '/pricing',
  '/product',
  '/demo',
  '/docs/api',
  '/customers/water-utility',
  '/blog/route-planning-101',
];

/**
 * Some people are in the CRM twice, with the same address in another spelling. From then on about half of what they do is
 * tracked under the second record.
 * @returns the second records
 */
export function addDuplicates(
  people: readonly Person[],
  count: number,
  random: Random,
  calendar: Calendar,
  log: EventLog,
): readonly Person[] {
  const lastDay = calendar.days - 1;
  const candidates = people.filter(
    (person) => person.email !== null && person.kind === 'prospect' && calendar.dayOf(person.createdAt) < lastDay,
  );
  const seconds = new Map<Person, Person>();
  while (seconds.size < Math.min(count, candidates.length)) {
    const person = random.pick(candidates);
    if (!seconds.has(person)) seconds.set(person, secondRecord(person, random, calendar));
  }
  for (const event of [...log.pageViews, ...log.formFills]) {
    const second = event.person === null ? undefined : seconds.get(event.person);
    if (second !== undefined && event.at > second.createdAt && random.chance(0.5)) event.person = second;
  }
  return [...seconds.values()];
}

/** What a form on the website makes of somebody it does not recognise. */
function secondRecord(person: Person, random: Random, calendar: Calendar): Person {
  const firstDay = Math.max(calendar.dayOf(person.createdAt) + 1, 0);
  const email = person.email?.trim() ?? null;
  const spelled = random.chance(0.5)
    ? email?.toUpperCase()
    : ` ${email?.replace(/^./, (letter) => letter.toUpperCase())}`;
  return {
    ...person,
    email: spelled ?? null,
    missing: new Set(['title', 'seniority', 'department', 'region']),
    linked: false,
    consent: person.consent === false ? false : null,
    source: 'website',
    createdAt: calendar.instant(random.int(firstDay, calendar.days - 1), random.between(8, 18)),
  };
}

/** Visits that no person made. A good share of a real site's traffic; a score must not see any of it. */
export function addBots(people: readonly Person[], random: Random, calendar: Calendar, log: EventLog): void {
  // A monitor looks at the prices four times a day.
  for (let day = 0; day < calendar.days; day += 1) {
    for (let hour = 1; hour < 24; hour += 6) {
      addView({
        person: null,
        session: 'monitor',
        at: calendar.instant(day, hour),
        url: `${site}/pricing`,
        userAgent: botAgents.monitor,
      });
    }
  }
  // Crawlers open hundreds of pages in minutes.
  for (let visit = 0; visit < 10; visit += 1) crawl(null, botAgents.crawler);
  // So do browser extensions, under the cookie of a person and with an ordinary user agent.
  const prospects = people.filter((person) => person.kind === 'prospect');
  for (let visit = 0; visit < 15; visit += 1) crawl(random.pick(prospects), random.pick(browsers));

  function crawl(person: Person | null, userAgent: string): void {
    const session = sessionId(random);
    const earliest = person === null ? 0 : Math.max(0, calendar.dayOf(person.createdAt) + 1);
    let at = calendar.instant(
      random.int(Math.min(earliest, calendar.days - 1), calendar.days - 1),
      random.between(0, 20),
    );
    for (let page = random.int(200, 420); page > 0; page -= 1) {
      addView({ person, session, at, url: site + random.pick(crawledPaths), userAgent });
      at += random.int(0, 2) * 500;
    }
  }

  function addView(view: Pick<PageView, 'person' | 'session' | 'at' | 'url' | 'userAgent'>): void {
    log.pageViews.push({ ...view, id: '', at: Math.floor(view.at / 1000) * 1000, referrer: null });
  }
}

/** Visitors nobody knows, people the CRM has deleted, devices whose clock is wrong. */
export function addStrays(random: Random, calendar: Calendar, log: EventLog): void {
  const known = log.pageViews.length;
  for (let count = 0; count < 9000; count += 1) {
    const view = log.pageViews[random.int(0, known - 1)];
    if (view === undefined) continue;
    const at = calendar.instant(random.int(0, calendar.days - 1), random.between(0, 24));
    const ghost = count % 45 === 0 ? { ghost: `P9${random.int(1000, 9999)}` } : {};
    log.pageViews.push({ ...view, ...ghost, person: null, session: sessionId(random), at });
  }
  for (let count = 0; count < 40; count += 1) {
    const view = log.pageViews[random.int(0, known - 1)];
    if (view !== undefined) log.pageViews.push({ ...view, at: calendar.asOfMs + random.int(1, 900) * 43_200_000 });
    const use = log.productEvents[random.int(0, log.productEvents.length - 1)];
    if (use !== undefined) log.productEvents.push({ ...use, at: calendar.asOfMs + random.int(1, 900) * 43_200_000 });
  }
}

/** Trackers deliver at least once: a few rows come twice, with the same id. */
export function repeatSome<T>(rows: readonly T[], share: number, random: Random): T[] {
  return rows.flatMap((row) => (random.chance(share) ? [row, row] : [row]));
}
