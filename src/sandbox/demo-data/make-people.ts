import type { Calendar } from './calendar.ts';
import type { Account, LeadSource, Person, PersonKind, Region } from './demo-company.ts';
import type { Random } from './random.ts';
import {
  competitorDomains,
  firstNames,
  freeMailDomains,
  lastNames,
  ownDomain,
  roles,
  universityDomains,
} from './vocabulary.ts';

/** How many people of each sort the CRM knows, duplicates not counted. */
export interface PeopleCounts {
  readonly atAccounts: number;
  /** Prospects that belong to no account: on free mail, or at companies the CRM does not know. */
  readonly unaffiliated: number;
  readonly students: number;
  readonly competitors: number;
  readonly staff: number;
}

const sources: readonly (readonly [LeadSource, number])[] = [
  ['website', 38],
  ['paid_search', 18],
  ['webinar', 14],
  ['trade_show', 12],
  ['referral', 8],
  ['purchased_list', 10],
];

/** Everybody in the CRM before duplicates come in, each with an address of their own (a few with none). */
export function makePeople(
  counts: PeopleCounts,
  accounts: readonly Account[],
  random: Random,
  calendar: Calendar,
): Person[] {
  const taken = new Set<string>();
  const make = (kind: PersonKind, account: Account | null, domain: string) =>
    makePerson({ kind, account, domain, taken, random, calendar });
  const repeat = (count: number, one: () => Person) => Array.from({ length: count }, one);

  // Every account has somebody; large ones have more.
  const weights = accounts.map(
    (account) => [account, Math.log(2 + account.employees) * random.between(0.3, 2)] as const,
  );
  const homes = [...accounts];
  while (homes.length < counts.atAccounts) homes.push(random.weighted(weights));

  return [
    ...homes.map((account) =>
      make('prospect', account, random.chance(0.06) ? random.pick(freeMailDomains) : account.domain),
    ),
    ...repeat(counts.unaffiliated, () =>
      make(
        'prospect',
        null,
        random.chance(0.75) ? random.pick(freeMailDomains) : `firm-${random.int(100, 999)}.example`,
      ),
    ),
    ...repeat(counts.students, () => make('student', null, random.pick([...universityDomains, 'freemail.example']))),
    ...repeat(counts.competitors, () => make('competitor', null, random.pick(competitorDomains))),
    ...repeat(counts.staff, () => make('staff', null, ownDomain)),
  ];
}

interface Recipe {
  readonly kind: PersonKind;
  readonly account: Account | null;
  readonly domain: string;
  readonly taken: Set<string>;
  readonly random: Random;
  readonly calendar: Calendar;
}

function makePerson({ kind, account, domain, taken, random, calendar }: Recipe): Person {
  const firstName = random.pick(firstNames);
  const lastName = random.pick(lastNames);
  const role = random.weighted(roles.map((item) => [item, item.share] as const));
  const source: LeadSource = kind === 'student' ? 'website' : random.weighted(sources);
  return {
    id: '',
    kind,
    firstName,
    lastName,
    email: random.chance(0.015) ? null : typed(address(firstName, lastName, domain, taken, random), random),
    account,
    linked: account !== null && !random.chance(0.08),
    title: kind === 'student' ? 'Student' : role.title,
    seniority: kind === 'student' ? 'intern' : role.seniority,
    department: role.department,
    region: account?.region ?? random.pick<Region>(['north_america', 'europe', 'asia_pacific', 'latin_america']),
    missing: new Set([
      ...(random.chance(kind === 'student' ? 0.3 : 0.05) ? ['title' as const] : []),
      ...(kind === 'student' || random.chance(0.14) ? ['seniority' as const] : []),
      ...(kind === 'student' || random.chance(0.1) ? ['department' as const] : []),
      ...(random.chance(0.06) ? ['region' as const] : []),
    ]),
    source,
    consent: consent(source, random),
    createdAt: calendar.instant(createdDay(calendar, random), random.between(7, 19)),
  };
}

/** A third was known before the history begins; the rest arrives at a slowly growing pace. */
function createdDay(calendar: Calendar, random: Random): number {
  if (random.chance(0.33)) return random.int(-600, -1);
  return Math.floor(Math.sqrt(random.between(0.08, 1)) * (calendar.days - 1));
}

function consent(source: LeadSource, random: Random): boolean | null {
  if (source === 'purchased_list') return random.chance(0.5) ? null : false;
  return random.weighted<boolean | null>([
    [true, 72],
    [false, 18],
    [null, 10],
  ]);
}

function address(first: string, last: string, domain: string, taken: Set<string>, random: Random): string {
  const plain = (text: string) =>
    text
      .normalize('NFD')
      .replace(/ø/g, 'o')
      .replace(/[^A-Za-z]/g, '')
      .toLowerCase();
  const local = random.weighted([
    [`${plain(first)}.${plain(last)}`, 70],
    [`${plain(first).charAt(0)}${plain(last)}`, 20],
    [plain(first), 10],
  ]);
  let candidate = `${local}@${domain}`;
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${local}${number}@${domain}`;
  taken.add(candidate);
  return candidate;
}

/** Some addresses come from forms that keep what was typed. */
function typed(email: string, random: Random): string {
  return random.weighted([
    [email, 90],
    [email.replace(/^./, (letter) => letter.toUpperCase()), 5],
    [email.toUpperCase(), 2],
    [` ${email} `, 3],
  ]);
}
