import { beforeAll, describe, expect, it } from 'vitest';
import { type DemoHubSpotRecords, demoHubSpotRecords } from '../../../src/sandbox/demo-data/demo-hubspot-records.ts';
import { demoAsOf, demoSeed } from '../../../src/sandbox/demo-data/generate-demo-data.ts';
import { demoScale } from '../../../src/sandbox/demo-data/make-cast.ts';
import { simulateCompany } from '../../../src/sandbox/demo-data/simulate-company.ts';
import { startSandbox } from '../../../src/sandbox/start-sandbox.ts';

let records: DemoHubSpotRecords;
let addresses: ReadonlySet<string>;
let domains: ReadonlySet<string>;

beforeAll(() => {
  records = demoHubSpotRecords();
  const company = simulateCompany(demoSeed, Date.parse(demoAsOf), demoScale);
  addresses = new Set(company.people.flatMap(({ email }) => (email === null ? [] : [email.trim().toLowerCase()])));
  domains = new Set(company.accounts.flatMap(({ website, domain }) => (website === null ? [] : [domain])));
});

const known = (values: readonly (string | undefined)[], among: ReadonlySet<string>) =>
  values.filter((value) => value !== undefined && among.has(value.toLowerCase())).length;

describe('demoHubSpotRecords', () => {
  it('has most of the people, some by their second address only, and others that no model knows', () => {
    const primary = records.contacts.map(({ properties }) => properties.email);
    const secondary = records.contacts.map(({ properties }) => properties.hs_additional_emails);
    const found = known(primary, addresses) + known(secondary, addresses);
    expect(found / addresses.size).toBeGreaterThan(0.88);
    expect(found / addresses.size).toBeLessThan(0.98);
    expect(known(secondary, addresses)).toBeGreaterThan(20);
    expect(primary.some((email) => email !== email?.toLowerCase())).toBe(true);
    expect(records.contacts.length - found).toBeGreaterThan(200);
  });

  it('has most of the companies', () => {
    const found = known(
      records.companies.map(({ properties }) => properties.domain),
      domains,
    );
    expect(found / domains.size).toBeGreaterThan(0.75);
    expect(found / domains.size).toBeLessThan(0.95);
    expect(new Set(records.companies.map(({ properties }) => properties.domain)).size).toBe(records.companies.length);
  });

  it('is taken by a local HubSpot as it is', async () => {
    const sandbox = await startSandbox();
    try {
      for (const object of ['contacts', 'companies'] as const) {
        const answer = await fetch(`${sandbox.url}/_sandbox/records`, {
          method: 'POST',
          body: JSON.stringify({ object, records: records[object] }),
        });
        expect(answer.status, await answer.text()).toBeLessThan(300);
      }
    } finally {
      await sandbox.close();
    }
  });
});
