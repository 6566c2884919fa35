import { createCalendar } from './calendar.ts';
import type { Account, Person } from './demo-company.ts';
import { demoAsOf, demoSeed } from './generate-demo-data.ts';
import { demoScale, makeCast, streams } from './make-cast.ts';
import { createRandom, type Random } from './random.ts';

import { firstNames, lastNames } from './vocabulary.ts';

/** Records to put into a sandbox before the first run (`POST /_sandbox/records` takes each list as it is). */
export interface DemoHubSpotRecords {
  readonly contacts: readonly SeedRecord[];
  readonly companies: readonly SeedRecord[];
}

interface SeedRecord {
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * What the made-up company's HubSpot holds before Scoreline writes to it: most of the CRM's people and accounts, but not
 * all, and others that no model knows. A few contacts were entered in capitals, and a few know the CRM's address as a
 * second one only. No two records share an address or a domain. Takes the options that made the data.
 */
export function demoHubSpotRecords(
  options: { readonly seed?: number; readonly asOf?: string } = {},
): DemoHubSpotRecords {
  const seed = options.seed ?? demoSeed;
  const { accounts, people } = makeCast(seed, demoScale, createCalendar(Date.parse(options.asOf ?? demoAsOf)));
  const random = createRandom(seed, streams.hubspot);
  return {
    contacts: [
      ...people.flatMap((person, index) => (random.chance(0.93) ? contactsOf(person, index, random) : [])),
      ...Array.from({ length: 250 }, (_, index) => stranger(index, random)),
    ],
    companies: [
      ...accounts.flatMap((account) => (account.website !== null && random.chance(0.85) ? [companyOf(account)] : [])),
      ...Array.from({ length: 40 }, (_, index) => ({
        properties: { name: `Supplier ${index + 1}`, domain: `supplier-${index + 1}.example` },
      })),
    ],
  };
}

/** @returns one contact, or none for a person without an address */
function contactsOf(person: Person, index: number, random: Random): SeedRecord[] {
  if (person.email === null) return [];
  const email = person.email.trim().toLowerCase();
  const names = { firstname: person.firstName, lastname: person.lastName, lifecyclestage: 'lead' };
  if (random.chance(0.01)) {
    return [{ properties: { ...names, email: `private-${index}@freemail.example`, hs_additional_emails: email } }];
  }
  return [{ properties: { ...names, email: random.chance(0.03) ? email.toUpperCase() : email } }];
}

/** Partners, applicants, old newsletter readers: in HubSpot and nowhere else. */
function stranger(index: number, random: Random): SeedRecord {
  return {
    properties: {
      firstname: random.pick(firstNames),
      lastname: random.pick(lastNames),
      email: `reader-${index + 1}@elsewhere.example`,
      lifecyclestage: 'subscriber',
    },
  };
}

function companyOf(account: Account): SeedRecord {
  return { properties: { name: account.name, domain: account.domain } };
}
