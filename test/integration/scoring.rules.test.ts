import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decay } from '../../src/project/rule-types.ts';
import type { Duration } from '../../src/project/setting-types.ts';
import { type RuleFacts, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';
import { testWarehouse } from '../support/temp-warehouse.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

/** All tests are as of noon of 31 January. */
const days = (amount: number): Duration => ({ amount, unit: 'day' });
const hours = (amount: number): Duration => ({ amount, unit: 'hour' });

const logins = "{{ ref('logins') }}";
type EventFacts = Extract<RuleFacts, { readonly kind: 'event' }>;

const loggedIn = (facts: Partial<EventFacts>): EventFacts => ({
  kind: 'event',
  events: logins,
  at: 'login_at',
  points: 10,
  ...facts,
});

async function points(...rules: readonly RuleFacts[]): Promise<Readonly<Record<string, readonly string[]>>> {
  const rows = await world.score(scorecard({ rules }));
  const ids = rules.map((rule, index) => rule.id ?? `rule_${index + 1}`);
  return Object.fromEntries([...rows].map(([key, row]) => [key, ids.map((id) => String(row[`points__${id}`]))]));
}

beforeAll(async () => {
  await world.table(
    'leads',
    { lead_id: 'integer', seniority: 'varchar', seats: 'integer', revenue: 'double', order: 'integer' },
    [
      { lead_id: 1, seniority: 'director', seats: 10, revenue: 1.5, order: 7 },
      { lead_id: 2, seniority: 'intern', seats: 0, revenue: -2 },
      { lead_id: 3 },
    ],
  );
  await world.table(
    'logins',
    { lead_id: 'integer', login_at: 'timestamp', device: 'varchar', url: 'varchar', amount: 'double' },
    [
      { lead_id: 1, login_at: '2026-01-31 12:00:00', device: 'web', url: '/a', amount: 4 },
      { lead_id: 1, login_at: '2026-01-31 08:00:00', device: 'ios', url: '/b', amount: -6 },
      { lead_id: 1, login_at: '2026-01-31 07:00:00', device: null, url: '/a', amount: null },
      { lead_id: 1, login_at: '2026-01-17 23:00:00', device: 'web', url: '/a', amount: 8 },
      { lead_id: 1, login_at: '2026-01-31 12:00:01', device: 'web', url: '/later', amount: 100 },
      { lead_id: 1, login_at: null, device: 'web', url: '/never', amount: 100 },
      { lead_id: 2, login_at: '2025-12-01 00:00:00', device: 'web', url: null, amount: 1 },
      { lead_id: null, login_at: '2026-01-30 00:00:00', device: 'web', url: '/a', amount: 100 },
      { lead_id: 77, login_at: '2026-01-30 00:00:00', device: 'web', url: '/a', amount: 100 },
    ],
  );
});

describe('an event rule', () => {
  it('counts each event up to as_of; an event without a key, a time or an entity counts for nobody', async () => {
    expect(await points(loggedIn({}))).toEqual({ 1: ['40.000000'], 2: ['10.000000'], 3: ['0.000000'] });
  });

  it('takes a null predicate for false, and keeps the predicate together', async () => {
    const rules = [
      loggedIn({ where: "device <> 'ios'" }),
      loggedIn({ where: "device = 'web' or device = 'ios'", within: days(1) }),
    ];
    expect(await points(...rules)).toMatchObject({ 1: ['20.000000', '20.000000'], 3: ['0.000000', '0.000000'] });
  });

  it('takes points from SQL over the event, null for 0', async () => {
    expect(
      await points(loggedIn({ points: { sql: 'amount' } }), loggedIn({ points: { sql: 'amount * 2 + 1' } })),
    ).toMatchObject({
      1: ['6.000000', '15.000000'],
      2: ['1.000000', '3.000000'],
    });
  });

  it('counts once the event worth most after decay, be it a gain or a loss', async () => {
    const decay: Decay = { kind: 'half_life', halfLife: days(7) };
    const once = { kind: 'once' } as const;
    const rules = [
      loggedIn({ count: once }),
      loggedIn({ count: once, points: { sql: 'amount' } }),
      // 8 points of 14 days ago are worth 2, and less than the 6 that were lost today.
      loggedIn({ count: once, points: { sql: 'amount' }, decay }),
      loggedIn({ count: once, points: -10, decay, where: "url = '/a'" }),
    ];
    expect(await points(...rules)).toMatchObject({ 1: ['10.000000', '8.000000', '-6.000000', '-10.000000'] });
  });

  it('counts the best event of each distinct value, and leaves null out', async () => {
    const distinct = { kind: 'distinct', column: 'url' } as const;
    const rules = [
      loggedIn({ count: distinct }),
      loggedIn({ count: distinct, points: { sql: 'amount' } }),
      loggedIn({ count: distinct, decay: { kind: 'linear', to: days(28) }, where: "device = 'web'", within: days(30) }),
    ];
    expect(await points(...rules)).toEqual({
      1: ['20.000000', '2.000000', '10.000000'],
      2: ['0.000000', '0.000000', '0.000000'],
      3: ['0.000000', '0.000000', '0.000000'],
    });
  });

  it('counts at most max_per_day events a day, the earliest first', async () => {
    const rules = [
      loggedIn({ maxPerDay: 1 }),
      loggedIn({ maxPerDay: 2 }),
      // The earliest of the 31st has no amount, the second one -6; the 17th adds 8.
      loggedIn({ maxPerDay: 2, points: { sql: 'amount' } }),
      // Filters come first: of the events with an amount, the earliest of the day is the one with -6.
      loggedIn({ maxPerDay: 1, points: { sql: 'amount' }, where: 'amount is not null' }),
      // The earliest one of the day is 5 hours old.
      loggedIn({ maxPerDay: 1, within: days(1), decay: { kind: 'linear', to: hours(10) } }),
    ];
    expect(await points(...rules)).toMatchObject({ 1: ['20.000000', '30.000000', '2.000000', '2.000000', '5.000000'] });
  });

  it('counts the earliest event of a day even if nothing is left of it', async () => {
    // On the 31st at 07:00, five hours before noon; the other two events of the day are younger.
    const rule = loggedIn({ maxPerDay: 1, decay: { kind: 'linear', to: hours(5) } });
    expect(await points(rule)).toMatchObject({ 1: ['0.000000'] });
  });

  it('lets events of one moment compete by their points', async () => {
    await world.table('visits', { lead_id: 'integer', day: 'date', amount: 'integer' }, [
      { lead_id: 1, day: '2026-01-30', amount: 1 },
      { lead_id: 1, day: '2026-01-30', amount: 5 },
      { lead_id: 1, day: '2026-01-30', amount: 3 },
    ]);
    const rule: RuleFacts = { kind: 'event', events: 'visits', at: 'day', maxPerDay: 2, points: { sql: 'amount' } };
    expect(await points(rule)).toMatchObject({ 1: ['8.000000'] });
  });

  it('combines max_per_day and distinct values', async () => {
    const rule = loggedIn({ maxPerDay: 2, count: { kind: 'distinct', column: 'url' }, points: { sql: 'amount' } });
    // On the 31st, /a without an amount and /b with -6 are the first two; of /a, the 17th is best.
    expect(await points(rule)).toMatchObject({ 1: ['2.000000'] });
  });

  it('fades by half-life, evenly, or in steps', async () => {
    const old = { where: 'amount = 8' };
    const rules = [
      loggedIn({ ...old, decay: { kind: 'half_life', halfLife: days(7) } }),
      loggedIn({ ...old, decay: { kind: 'half_life', halfLife: { amount: 4, unit: 'week' } } }),
      loggedIn({ ...old, decay: { kind: 'linear', to: days(20) } }),
      loggedIn({ ...old, decay: { kind: 'linear', to: days(14) } }),
      loggedIn({ ...old, decay: { kind: 'step', every: days(5), by: 0.3 } }),
      loggedIn({ ...old, decay: { kind: 'step', every: days(14), by: 1 } }),
      loggedIn({ ...old, decay: { kind: 'step', every: days(15), by: 1 } }),
    ];
    expect((await points(...rules))[1]).toEqual([
      '2.500000',
      '7.071068',
      '3.000000',
      '0.000000',
      '4.000000',
      '0.000000',
      '10.000000',
    ]);
  });

  it('caps its points in absolute value', async () => {
    const rules = [
      loggedIn({ limit: 25 }),
      loggedIn({ points: -10, limit: 25 }),
      loggedIn({ points: { sql: '-amount' }, limit: 2.5 }),
    ];
    expect(await points(...rules)).toMatchObject({
      1: ['25.000000', '-25.000000', '-2.500000'],
      2: ['10.000000', '-10.000000', '-1.000000'],
    });
  });

  it('reads columns that are called like keywords', async () => {
    await world.table('odd', { lead_id: 'integer', at: 'timestamp', order: 'integer', group: 'varchar' }, [
      { lead_id: 1, at: '2026-01-30 00:00:00', order: 3, group: 'x' },
    ]);
    const rule: RuleFacts = {
      kind: 'event',
      events: 'odd',
      at: 'at',
      points: { sql: 'order' },
      count: { kind: 'distinct', column: 'group' },
    };
    expect(await points(rule, { kind: 'numeric', value: 'order', points: 2 })).toMatchObject({
      1: ['3.000000', '14.000000'],
    });
  });

  it('counts by any of several times of an event', async () => {
    await world.table('mails', { lead_id: 'integer', opened_at: 'timestamptz', clicked_at: 'timestamptz' }, [
      { lead_id: 1, opened_at: '2026-01-31 09:00:00+00', clicked_at: '2026-01-31 14:00:00+00' },
      { lead_id: 1, opened_at: '2026-01-01 09:00:00+00', clicked_at: '2026-01-01 10:00:00+00' },
      { lead_id: 2, opened_at: '2026-01-31 09:00:00+00', clicked_at: null },
    ]);
    const rules: readonly RuleFacts[] = [
      { kind: 'event', events: 'mails', at: 'opened_at', points: 1 },
      { kind: 'event', events: 'mails', at: 'clicked_at', points: 1 },
      { kind: 'event', events: 'mails', at: 'clicked_at', points: 1, within: days(5) },
    ];
    expect(await points(...rules)).toMatchObject({
      1: ['2.000000', '1.000000', '0.000000'],
      2: ['1.000000', '0.000000', '0.000000'],
    });
  });
});

describe('an attribute rule', () => {
  it('gives its points where the predicate holds', async () => {
    const when = "seniority in ('director', 'vp')";
    const rules: readonly RuleFacts[] = [
      { kind: 'attribute', when, points: 15 },
      { kind: 'attribute', when: `not (${when})`, points: -2.5 },
      { kind: 'attribute', when, points: { sql: 'seats * revenue' } },
    ];
    expect(await points(...rules)).toEqual({
      1: ['15.000000', '0.000000', '15.000000'],
      2: ['0.000000', '-2.500000', '0.000000'],
      3: ['0.000000', '0.000000', '0.000000'],
    });
  });
});

describe('a numeric rule', () => {
  // Of the others, some refuse to divide by 0.
  it.skipIf(testWarehouse() !== 'duckdb')(
    'gives its points times the value; what is null or no number gives none',
    async () => {
      const rules: readonly RuleFacts[] = [
        { kind: 'numeric', value: 'ln(1 + seats)', points: 5, limit: 20 },
        { kind: 'numeric', value: 'revenue', points: { sql: 'seats' } },
        { kind: 'numeric', value: 'revenue / 0e0', points: 1, limit: 10 },
      ];
      expect(await points(...rules)).toEqual({
        1: ['11.989476', '15.000000', '0.000000'],
        2: ['0.000000', '0.000000', '0.000000'],
        3: ['0.000000', '0.000000', '0.000000'],
      });
    },
  );
});

describe('an absence rule', () => {
  it('fires where none of its relations has an event in the window', async () => {
    await world.table('forms', { lead_id: 'integer', login_at: 'timestamp' }, [
      { lead_id: 3, login_at: '2026-01-25 10:00:00' },
    ]);
    const absence = { kind: 'absence', at: 'login_at', points: -10 } as const;
    const rules: readonly RuleFacts[] = [
      { ...absence, noEvents: [logins], within: days(30) },
      { ...absence, noEvents: [logins, 'forms'], within: days(30) },
      { ...absence, noEvents: [logins], within: days(30), where: "device = 'web'" },
      { ...absence, noEvents: [logins], within: hours(3), points: { sql: 'coalesce(seats, 0) - 4' } },
    ].map((rule, index) =>
      index === 2 ? { ...rule, noEvents: ["{{ ref('logins') }}", '{{ ref("logins") }}'] } : rule,
    );
    expect(await points(...rules)).toEqual({
      1: ['0.000000', '0.000000', '0.000000', '0.000000'],
      2: ['-10.000000', '-10.000000', '-10.000000', '-4.000000'],
      3: ['-10.000000', '0.000000', '-10.000000', '-4.000000'],
    });
  });
});

describe('rules that share a pass over their events', () => {
  const distinct = { kind: 'distinct', column: 'url' } as const;
  const halfLife: Decay = { kind: 'half_life', halfLife: days(7) };
  const byHour: Decay = { kind: 'linear', to: hours(30) };
  const amount = { sql: 'amount' };
  const absence = { kind: 'absence', noEvents: [logins], at: 'login_at', within: days(10), points: -5 } as const;
  const rules: readonly RuleFacts[] = [
    loggedIn({ maxPerDay: 1 }),
    loggedIn({ maxPerDay: 2, decay: halfLife, within: hours(4) }),
    loggedIn({ maxPerDay: 2, decay: byHour }),
    loggedIn({ maxPerDay: 2, points: amount }),
    loggedIn({ maxPerDay: 1, count: { kind: 'once' }, decay: halfLife }),
    loggedIn({ maxPerDay: 1, where: "device = 'web'" }),
    loggedIn({ count: distinct }),
    loggedIn({ count: distinct, decay: halfLife, points: amount }),
    loggedIn({ count: distinct, maxPerDay: 1 }),
    loggedIn({ count: { kind: 'distinct', column: 'device' }, where: "url = '/a'" }),
    loggedIn({}),
    loggedIn({ decay: halfLife }),
    loggedIn({ decay: byHour, points: amount }),
    loggedIn({ count: { kind: 'once' } }),
    loggedIn({ count: { kind: 'once' }, points: amount, decay: halfLife }),
    absence,
    { ...absence, where: "device = 'ios'" },
    { ...absence, within: hours(2) },
  ].map((rule, index): RuleFacts => ({ ...rule, id: `rule_${index + 1}` }));

  it('count what each of them counts alone, whatever their order', async () => {
    const alone = new Map<string, string>();
    for (const rule of rules) alone.set(rule.id ?? '', String((await points(rule))[1]));
    expect(new Set(alone.values()).size).toBeGreaterThan(8);
    for (let turn = 0; turn < rules.length; turn += 2) {
      const turned = [...rules.slice(turn), ...rules.slice(0, turn)];
      const together = (await points(...turned))[1] ?? [];
      const byRule = new Map(turned.map((rule, index) => [rule.id, together[index]]));
      for (const [id, alonePoints] of alone) expect([turn, id, byRule.get(id)]).toEqual([turn, id, alonePoints]);
    }
  });
});
