import { beforeAll, describe, expect, it } from 'vitest';
import type { DemoCompany, Person } from '../../../src/sandbox/demo-data/demo-company.ts';
import { demoTables } from '../../../src/sandbox/demo-data/demo-tables.ts';
import { csvText } from '../../../src/sandbox/demo-data/generate-demo-data.ts';
import { accountFit } from '../../../src/sandbox/demo-data/hidden-fit.ts';
import { demoScale } from '../../../src/sandbox/demo-data/make-cast.ts';
import { simulateCompany } from '../../../src/sandbox/demo-data/simulate-company.ts';

const dayMs = 86_400_000;
let company: DemoCompany;
let viewsOf: Map<Person | null, readonly number[]>;

beforeAll(() => {
  company = simulateCompany(11, Date.parse('2026-06-30T00:00:00Z'), demoScale);
  const grouped = Map.groupBy(company.pageViews, (view) => view.person);
  viewsOf = new Map([...grouped].map(([person, views]) => [person, views.map((view) => view.at)]));
});

/** Page views a week of those who take part in new deals, in a stretch of weeks counted from the opening. */
function weeklyViews(fromWeek: number, toWeek: number): number {
  let views = 0;
  for (const deal of company.deals.filter((item) => item.type === 'new_business')) {
    for (const person of deal.contacts) {
      for (const at of viewsOf.get(person) ?? []) {
        const week = (at - deal.openedAt) / dayMs / 7;
        if (week >= fromWeek && week < toWeek) views += 1;
      }
    }
  }
  return views / (toWeek - fromWeek);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('simulateCompany', () => {
  it('makes another company from another seed, and the same one from the same', () => {
    const scale = { ...demoScale, accounts: 5, atAccounts: 20, unaffiliated: 5, duplicates: 2 };
    const [one, again, other] = [1, 1, 2].map((seed) => {
      const tables = demoTables(simulateCompany(seed, Date.parse('2026-06-30T00:00:00Z'), scale));
      return tables.map((table) => csvText(table));
    });
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('lets interest rise before a deal opens and fade when it is over', () => {
    const longBefore = weeklyViews(-16, -10);
    expect(weeklyViews(-6, -3)).toBeGreaterThan(2 * longBefore);
    expect(weeklyViews(-2, 0)).toBeGreaterThan(5 * longBefore);
    expect(weeklyViews(12, 18)).toBeLessThan(weeklyViews(-2, 0) / 5);
  });

  it('opens and wins more deals where the fit is good', () => {
    const customersFirst = company.deals.filter((deal) => deal.type === 'new_business');
    const opened = new Set(customersFirst.map((deal) => deal.account));
    const others = company.accounts.filter((account) => !opened.has(account));
    expect(mean([...opened].map(accountFit))).toBeGreaterThan(mean(others.map(accountFit)) + 0.1);
    const fits = (stage: string) =>
      customersFirst.filter((deal) => deal.stage === stage).map((deal) => accountFit(deal.account));
    expect(mean(fits('won'))).toBeGreaterThan(mean(fits('lost')));
  });

  it('has deals won, lost and open, spread over the whole history', () => {
    const byStage = Map.groupBy(company.deals, (deal) => deal.stage);
    expect(byStage.get('won')?.length).toBeGreaterThan(80);
    expect(byStage.get('lost')?.length).toBeGreaterThan(80);
    expect(byStage.get('open')?.length).toBeGreaterThan(5);
    const quarters = Map.groupBy(company.deals, (deal) =>
      Math.floor((deal.openedAt - Date.parse('2025-01-01')) / (91 * dayMs)),
    );
    for (const quarter of [0, 1, 2, 3, 4, 5]) expect(quarters.get(quarter)?.length).toBeGreaterThan(25);
  });

  it('closes no deal before it opens and keeps product use inside subscriptions', () => {
    for (const deal of company.deals) {
      expect(deal.closedAt === null).toBe(deal.stage === 'open');
      if (deal.closedAt !== null) expect(deal.closedAt).toBeGreaterThan(deal.openedAt);
    }
    const subscribed = new Set(company.subscriptions.map((subscription) => subscription.account));
    expect(company.productEvents.filter((event) => !subscribed.has(event.account))).toEqual([]);
  });

  it('is as messy as a real export', () => {
    const { people, pageViews, accounts } = company;
    const spelled = people.flatMap(({ email }) => (email === null ? [] : [email]));
    const addresses = Map.groupBy(spelled, (email) => email.trim().toLowerCase());
    expect([...addresses.values()].filter((records) => records.length > 1).length).toBe(demoScale.duplicates);
    expect(spelled.some((email) => email !== email.trim())).toBe(true);
    expect(people.filter(({ email }) => email === null).length).toBeGreaterThan(20);
    expect(people.filter(({ missing }) => missing.has('seniority')).length).toBeGreaterThan(200);
    expect(accounts.filter(({ website }) => website === null).length).toBeGreaterThan(3);
    expect(pageViews.filter(({ person, ghost }) => person === null && ghost === undefined).length).toBeGreaterThan(
      5000,
    );
    expect(pageViews.some(({ ghost }) => ghost !== undefined)).toBe(true);
    expect(new Set(pageViews.map(({ id }) => id)).size).toBeLessThan(pageViews.length);
    const sessions = Map.groupBy(
      pageViews.filter(({ person }) => person !== null),
      ({ session }) => session,
    );
    expect([...sessions.values()].filter((views) => views.length >= 200).length).toBeGreaterThan(10);
  });
});
