import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Duration } from '../../src/project/setting-types.ts';
import { type CardFacts, type RuleFacts, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

/** All tests are as of noon of 31 January. */
const days = (amount: number): Duration => ({ amount, unit: 'day' });

type EventFacts = Extract<RuleFacts, { readonly kind: 'event' }>;

const pricing = (facts: Partial<EventFacts> = {}): EventFacts => ({
  kind: 'event',
  label: 'Viewed pricing',
  events: "{{ ref('views') }}",
  at: 'viewed_at',
  within: days(90),
  points: 10,
  ...facts,
});

const own = { one: 'Pricing, once in {window}', many: 'Pricing, {count} in {window}' };

/** The reasons of leads 1 (three views, two of them today) and 2 (one view), and of lead 3. */
async function reasons(facts: CardFacts): Promise<readonly unknown[]> {
  const rows = await world.score(scorecard(facts), { tables: ['leads', 'views'] });
  return ['1', '2', '3'].map((lead) => rows.get(lead)?.reasons);
}

beforeAll(async () => {
  await world.table('leads', { lead_id: 'integer', plan: 'varchar' }, [
    { lead_id: 1, plan: 'pro' },
    { lead_id: 2, plan: 'free' },
    { lead_id: 3, plan: 'free' },
  ]);
  await world.table('views', { lead_id: 'integer', viewed_at: 'timestamp', url: 'varchar' }, [
    { lead_id: 1, viewed_at: '2026-01-31 08:00:00', url: '/a' },
    { lead_id: 1, viewed_at: '2026-01-31 09:00:00', url: '/b' },
    { lead_id: 1, viewed_at: '2026-01-03 09:00:00', url: '/b' },
    { lead_id: 2, viewed_at: '2026-01-29 09:00:00', url: '/a' },
  ]);
});

describe('a reason', () => {
  it('says how many events there were, and within which time', async () => {
    expect(await reasons({ rules: [pricing()] })).toEqual([
      'Viewed pricing 3 times in 90 days (+30)',
      'Viewed pricing once in 90 days (+10)',
      '',
    ]);
  });

  it.each<[string, Partial<EventFacts>, string]>([
    ['points in SQL', { points: { sql: 'lead_id' } }, 'Viewed pricing 3 times in 90 days (+3)'],
    ['decay', { decay: { kind: 'half_life', halfLife: days(28) } }, 'Viewed pricing 3 times in 90 days (+25)'],
    ['distinct values', { count: { kind: 'distinct', column: 'url' } }, 'Viewed pricing: 2 in 90 days (+20)'],
    ['max_per_day', { maxPerDay: 1 }, 'Viewed pricing 2 times in 90 days (+20)'],
    ['a limit', { limit: 15 }, 'Viewed pricing 3 times in 90 days (+15)'],
    ['losses', { points: -2 }, 'Viewed pricing 3 times in 90 days (-6)'],
    ['bands', { points: { bands: [{ atLeast: 2, points: 7 }] } }, 'Viewed pricing 3 times in 90 days (+7)'],
    ['sessions', { session: { by: { kind: 'gap', gap: days(1) } } }, 'Viewed pricing 2 times in 90 days (+20)'],
    ['faded ones', { decay: { kind: 'linear', to: days(5) } }, 'Viewed pricing 2 times in 90 days (+20)'],
    ['no window', { within: undefined }, 'Viewed pricing 3 times (+30)'],
    [
      'a window that ended',
      { within: undefined, between: { from: days(7), to: days(90) } },
      'Viewed pricing once (+10)',
    ],
    ['hours', { within: { amount: 36, unit: 'hour' } }, 'Viewed pricing 2 times in 36 hours (+20)'],
    ['a single day', { within: days(1) }, 'Viewed pricing 2 times in 1 day (+20)'],
    ['words of its own', { count: { kind: 'once' }, reason: own }, 'Pricing, 3 in 90 days (+10)'],
    ['at_least in words of its own', { atLeast: 2, reason: own }, 'Pricing, 3 in 90 days (+10)'],
    ['a fixed text', { reason: { one: "Didn't go", many: "Didn't go" } }, "Didn't go (+30)"],
  ])('counts what counts, with %s', async (_, facts, expected) => {
    expect((await reasons({ rules: [pricing(facts)] }))[0]).toBe(expected);
  });

  it.each<[string, RuleFacts]>([
    ['once', pricing({ count: { kind: 'once' } })],
    ['at least so many', pricing({ atLeast: 2 })],
    [
      'so many sessions',
      pricing({ session: { by: { kind: 'gap', gap: days(1) }, least: { measure: 'count', atLeast: 2 } } }),
    ],
    ['an attribute', { kind: 'attribute', label: 'Viewed pricing', when: 'lead_id = 1', points: 10 }],
    ['a number', { kind: 'numeric', label: 'Viewed pricing', value: 'lead_id', points: 10 }],
  ])('is the label alone for %s', async (_, rule) => {
    expect((await reasons({ rules: [rule] }))[0]).toBe('Viewed pricing (+10)');
  });

  it('is counted beside rules that need events by day or by value', async () => {
    const rules = [pricing({ maxPerDay: 1 }), pricing(), pricing({ count: { kind: 'once' }, reason: own })];
    const byDay = 'Viewed pricing 2 times in 90 days (+20)';
    const each = 'Viewed pricing 3 times in 90 days (+30)';
    const once = 'Pricing, 3 in 90 days (+10)';
    expect((await reasons({ rules }))[0]).toBe(`${each}; ${byDay}; ${once}`);
    const distinct = pricing({ count: { kind: 'distinct', column: 'url' } });
    const byValue = 'Viewed pricing: 2 in 90 days (+20)';
    expect((await reasons({ rules: [distinct, pricing()] }))[0]).toBe(`${each}; ${byValue}`);
  });

  it.each<[Duration | 'none', string]>([
    [days(7), 'Viewed pricing 2 times in 7 days (+20)'],
    ['none', 'Viewed pricing 3 times (+30)'],
  ])('tells the window of the segment (%j)', async (within, expected) => {
    const segments = [
      { name: 'pro', when: "plan = 'pro'", rules: new Map([['rule_1', { within }]]), tiers: new Map() },
    ];
    expect(await reasons({ rules: [pricing()], segments })).toEqual([
      expected,
      'Viewed pricing once in 90 days (+10)',
      '',
    ]);
  });

  it('follows the template of the card, unless the rule has its own or nothing to fill it with', async () => {
    const events = { one: 'In {window} einmal {label}', many: 'In {window} {count}-mal {label}' };
    const word = { one: 'Stunde', many: 'Stunden' };
    const units = { day: { one: 'Tag', many: 'Tagen' }, hour: word, minute: word };
    const rules = [pricing(), pricing({ within: undefined, points: 9 }), pricing({ points: 8, reason: own })];
    expect((await reasons({ rules, reasons: { events, units } }))[0]).toBe(
      'In 90 Tagen 3-mal Viewed pricing (+30); Viewed pricing (+27); Pricing, 3 in 90 Tagen (+24)',
    );
  });

  it('leaves out what a template has in brackets around the window, where there is none', async () => {
    const events = { one: '{label}[ (in {window})] [x]', many: '{count}-mal {label}[ (in {window})] [x]' };
    const rules = [pricing(), pricing({ within: undefined, points: 9 })];
    expect((await reasons({ rules, reasons: { events } }))[0]).toBe(
      '3-mal Viewed pricing (in 90 days) [x] (+30); 3-mal Viewed pricing [x] (+27)',
    );
  });

  it('says nothing of numbers where the card wants labels alone', async () => {
    const label = { one: '{label}', many: '{label}' };
    const rules = [pricing(), pricing({ count: { kind: 'distinct', column: 'url' } })];
    expect((await reasons({ rules, reasons: { events: label, distinct: label } }))[0]).toBe(
      'Viewed pricing (+30); Viewed pricing (+20)',
    );
  });

  it('is cut at the length that the card allows', async () => {
    expect((await reasons({ rules: [pricing()], reasons: { maxLength: 20 } }))[0]).toBe('Viewed pricing 3 ti…');
    expect((await reasons({ rules: [pricing()], reasons: { maxLength: 39 } }))[0]).toBe(
      'Viewed pricing 3 times in 90 days (+30)',
    );
  });
});
