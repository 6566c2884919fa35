import type { Account, Person } from './demo-company.ts';

/**
 * The truth behind the demo, which no exported table states and every score tries to guess. How well an account suits the
 * product is 0.5 × industry + 0.35 × size + 0.15 × region; how much a person's word counts in a purchase is
 * 0.65 × seniority + 0.35 × department; all between 0 and 1. `deal-flow.ts` says how both lead to deals.
 */
export function accountFit(account: Account): number {
  return (
    0.5 * (industryFit[account.industry] ?? 0) + 0.35 * sizeFit(account.employees) + 0.15 * regionFit[account.region]
  );
}

/** Uses the person's true role, also where the CRM has lost it. Students, competitors and staff have no say in any purchase. */
export function personFit(person: Person): number {
  if (person.kind !== 'prospect') return 0;
  return 0.65 * (seniorityFit[person.seniority] ?? 0) + 0.35 * (departmentFit[person.department] ?? 0);
}

const industryFit: Readonly<Record<string, number>> = {
  facilities: 1,
  utilities: 0.95,
  telecom: 0.85,
  construction: 0.8,
  logistics: 0.7,
  manufacturing: 0.55,
  retail: 0.25,
  agency: 0.1,
  nonprofit: 0.1,
  education: 0.05,
};

const regionFit: Readonly<Record<Account['region'], number>> = {
  north_america: 1,
  europe: 0.9,
  asia_pacific: 0.5,
  latin_america: 0.4,
};

const seniorityFit: Readonly<Record<string, number>> = {
  cxo: 0.85,
  vp: 1,
  director: 1,
  manager: 0.7,
  senior: 0.4,
  individual: 0.2,
  intern: 0,
};

const departmentFit: Readonly<Record<string, number>> = {
  operations: 1,
  service: 0.9,
  it: 0.6,
  finance: 0.4,
  procurement: 0.4,
  marketing: 0.1,
  hr: 0.1,
};

/** The product is made for companies of 50 to 1,000 people. */
function sizeFit(employees: number): number {
  if (employees < 10) return 0.05;
  if (employees < 50) return 0.45;
  if (employees < 250) return 0.9;
  if (employees < 1000) return 1;
  if (employees < 5000) return 0.6;
  return 0.35;
}
