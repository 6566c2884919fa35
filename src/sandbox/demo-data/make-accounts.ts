import type { Calendar } from './calendar.ts';
import type { Account, Region } from './demo-company.ts';
import type { Random } from './random.ts';
import { companyFirstWords, industries } from './vocabulary.ts';

const regionShares: readonly (readonly [Region, number])[] = [
  ['north_america', 42],
  ['europe', 34],
  ['asia_pacific', 15],
  ['latin_america', 9],
];

/** Companies with distinct domains, most of them known long before the history begins. */
export function makeAccounts(count: number, random: Random, calendar: Calendar): Account[] {
  const byDomain = new Map<string, Account>();
  while (byDomain.size < count) {
    const industry = random.weighted(industries.map((item) => [item, item.share] as const));
    const name = `${random.pick(companyFirstWords)} ${random.pick(industry.companyWords)}`;
    const domain = `${slug(name)}.example`;
    if (byDomain.has(domain)) continue;
    byDomain.set(domain, {
      id: '',
      name,
      domain,
      website: website(domain, random),
      industry: industry.name,
      employees: employees(random),
      region: random.weighted(regionShares),
      missing: new Set([
        ...(random.chance(0.08) ? ['industry' as const] : []),
        ...(random.chance(0.07) ? ['employees' as const] : []),
        ...(random.chance(0.04) ? ['region' as const] : []),
      ]),
      createdAt: calendar.instant(random.int(-900, -5), random.between(8, 18)),
    });
  }
  return [...byDomain.values()];
}

/** Most companies have 20 to 2,000 people, a few far more. */
function employees(random: Random): number {
  const count = Math.round(Math.exp(5.1 + 1.5 * random.normal()));
  return Math.min(Math.max(count, 3), 12_000);
}

/** The same domain in the ways people type it into a CRM. */
function website(domain: string, random: Random): string | null {
  return random.weighted<string | null>([
    [domain, 70],
    [`www.${domain}`, 8],
    [`https://www.${domain}/`, 9],
    [`http://${domain}`, 4],
    [domain.charAt(0).toUpperCase() + domain.slice(1), 6],
    [null, 3],
  ]);
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/&/g, 'and')
    .replace(/, inc\.$/, '')
    .replace(/[^a-z0-9]+/g, '-');
}
