import type { Actor } from './actor.ts';
import type { Calendar } from './calendar.ts';
import type { EventLog, Person } from './demo-company.ts';
import type { Random } from './random.ts';
import { browsers, ownDomain, productFeatures } from './vocabulary.ts';

const site = `https://www.${ownDomain}`;

interface Page {
  readonly path: string;
  readonly weight: number;
  /** How much more often it is opened by somebody full of interest. */
  readonly pull: number;
  /** What an attentive salesperson makes of it. */
  readonly points: number;
}

const pages: readonly Page[] = [
  { path: '/', weight: 2, pull: 0, points: 0.3 },
  ...[
    'field-service-trends',
    'route-planning-101',
    'paperless-work-orders',
    'hiring-technicians',
    'heatwave-schedules',
  ].map((slug) => ({ path: `/blog/${slug}`, weight: 1, pull: 0, points: 0.3 })),
  { path: '/product', weight: 1.1, pull: 1, points: 1 },
  ...productFeatures.slice(0, 5).map((slug) => ({
    path: `/features/${slug.replace('_', '-')}`,
    weight: 0.3,
    pull: 2,
    points: 1,
  })),
  { path: '/pricing', weight: 0.28, pull: 7, points: 4 },
  { path: '/pricing/enterprise', weight: 0.05, pull: 6, points: 4 },
  { path: '/customers/water-utility', weight: 0.3, pull: 2, points: 1.5 },
  { path: '/customers/lift-maintenance', weight: 0.3, pull: 2, points: 1.5 },
  { path: '/docs/getting-started', weight: 0.3, pull: 2, points: 1 },
  { path: '/docs/api', weight: 0.25, pull: 1.5, points: 1 },
  { path: '/demo', weight: 0.08, pull: 9, points: 4 },
  { path: '/webinars', weight: 0.4, pull: 0.5, points: 1 },
  { path: '/careers', weight: 0.35, pull: -0.8, points: 0 },
  { path: '/about', weight: 0.4, pull: 0, points: 0.2 },
  { path: '/legal/privacy', weight: 0.15, pull: 0, points: 0 },
];

interface Form {
  readonly form: string;
  readonly path: string;
  /** Chance per visit at no interest, and what full interest adds. */
  readonly base: number;
  readonly pull: number;
  readonly points: number;
}

const forms: readonly Form[] = [
  { form: 'newsletter_signup', path: '/blog', base: 0.012, pull: 0, points: 1 },
  { form: 'whitepaper_download', path: '/resources/field-service-guide', base: 0.02, pull: 0.05, points: 6 },
  { form: 'webinar_registration', path: '/webinars', base: 0.014, pull: 0.05, points: 7 },
  { form: 'contact_sales', path: '/contact', base: 0.001, pull: 0.04, points: 15 },
  { form: 'demo_request', path: '/demo', base: 0.0005, pull: 0.07, points: 22 },
];

/** One session: a few pages, sometimes a form. More interest means more pages, and those nearer to a purchase. */
export function visitWebsite(
  actor: Actor,
  startMs: number,
  channel: 'direct' | 'search' | 'ads' | 'newsletter',
  random: Random,
  log: EventLog,
): void {
  const { person, interest } = actor;
  const session = sessionId(random);
  const userAgent = random.pick(browsers);
  const weights = pages.map((page) => [page, Math.max(page.weight * (1 + page.pull * interest), 0)] as const);
  const count = 1 + random.poisson(1.3 + 3 * interest);
  let at = startMs;
  let previous = referrerOf(channel);
  for (let index = 0; index < count; index += 1) {
    const page = random.weighted(weights);
    const url = `${site}${spelled(page.path, random)}${index === 0 ? query(channel, startMs, random) : ''}`;
    log.pageViews.push({ id: '', person, at, session, url, referrer: previous, userAgent });
    actor.engagement += page.points;
    previous = site + page.path;
    at += random.int(8, 180) * 1000;
  }
  if (person.kind === 'competitor' || person.kind === 'staff') return;
  for (const { form, path, base, pull, points } of forms) {
    if (!random.chance(base + pull * interest)) continue;
    log.formFills.push({ id: '', person, at, form, url: site + path });
    actor.engagement += points;
    at += 60_000;
  }
}

/** How the CRM came to know somebody: the form that made the record. */
export function signUp(person: Person, random: Random, calendar: Calendar, log: EventLog): void {
  const form = { website: 'newsletter_signup', paid_search: 'whitepaper_download', webinar: 'webinar_registration' };
  const name = form[person.source as keyof typeof form];
  if (name === undefined || calendar.dayOf(person.createdAt) < 0) return;
  const url = site + (forms.find((item) => item.form === name)?.path ?? '/');
  log.formFills.push({ id: '', person, at: person.createdAt - random.int(1, 20) * 1000, form: name, url });
}

export function sessionId(random: Random): string {
  return `s${random.int(0x10000000, 0x7fffffff).toString(16)}`;
}

function query(channel: string, atMs: number, random: Random): string {
  const month = new Date(atMs).toISOString().slice(0, 7);
  if (channel === 'newsletter') return `?utm_source=newsletter&utm_medium=email&utm_campaign=${month}`;
  if (channel === 'ads')
    return `?utm_source=ads&utm_medium=cpc&utm_campaign=brand-${month}&click=${random.int(1e6, 9e6)}`;
  return random.chance(0.05) ? '?ref=footer#top' : '';
}

function referrerOf(channel: string): string | null {
  if (channel === 'search') return 'https://search.example/';
  if (channel === 'ads') return 'https://ads.example/click';
  return null;
}

/** Links written by hand differ in case and in the slash at the end. */
function spelled(path: string, random: Random): string {
  if (path === '/' || !random.chance(0.06)) return path;
  return random.chance(0.5) ? `${path}/` : path.replace(/\/([a-z])/, (match) => match.toUpperCase());
}
