import { describe, expect, it } from 'vitest';
import type { ScorecardModel } from '../../../src/project/model-types.ts';
import { compileScorecard } from '../../../src/scoring/compile-scorecard.ts';
import type { Bind } from '../../../src/sql/types.ts';
import { type ContextOptions, type RuleFacts, scorecard, scoringContext } from '../../support/scoring-context.ts';

const days = (amount: number) => ({ amount, unit: 'day' }) as const;
const logins = "{{ ref('logins') }}";

function compiled(card: ScorecardModel, options: ContextOptions = {}) {
  const { context, problems } = scoringContext({ tables: ['leads', 'logins', 'views'], ...options });
  const { select, refs } = compileScorecard(card, context);
  expect(problems).toEqual([]);
  return { ...context.dialect.compile(select), refs };
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe('the SQL of a scorecard', () => {
  it('is laid out for people to read', async () => {
    const card = scorecard({
      name: 'lead_engagement',
      range: { min: 0, max: 100 },
      round: 0.01,
      groups: new Map([['usage', { name: 'usage', max: 60 }]]),
      tiers: [{ name: 'hot', at: 75 }, { name: 'cold' }],
      rules: [
        {
          kind: 'event',
          id: 'logged_in',
          label: 'Logged in',
          events: logins,
          at: 'login_at',
          where: "device = 'web'",
          within: days(30),
          decay: { kind: 'half_life', halfLife: days(14) },
          points: 2,
          limit: 20,
          group: 'usage',
        },
        { kind: 'attribute', id: 'director', label: 'Director or above', when: "seniority = 'director'", points: 15 },
        {
          kind: 'absence',
          id: 'silent',
          label: 'Silent 30 days',
          noEvents: [logins],
          at: 'login_at',
          within: days(30),
          points: -10,
        },
      ],
    });
    const { text, binds } = compiled(card);
    await expect(`${text}\n`).toMatchFileSnapshot('../../fixtures/scoring/small-card.duckdb.sql');
    const asOf: Bind = { type: { kind: 'timestamp' }, value: '2026-01-31T12:00:00.000Z' };
    expect(binds).toEqual([asOf]);
  });

  it('reads each relation once, however many rules and templates name it', () => {
    const event = { kind: 'event', at: 'login_at', within: days(30) } as const;
    const rules: readonly RuleFacts[] = [
      { ...event, events: logins },
      { ...event, events: '{{ ref("logins") }}', maxPerDay: 2 },
      { ...event, events: logins, count: { kind: 'distinct', column: 'url' } },
      { ...event, events: logins, at: 'seen_at', count: { kind: 'once' }, points: { sql: 'amount' } },
      { kind: 'absence', noEvents: [logins, "{{ ref('views') }}"], at: 'login_at', within: days(7) },
      { ...event, events: "{{ ref('views') }}" },
    ];
    const { text, refs } = compiled(scorecard({ rules }));
    expect(count(text, '"main"."logins"')).toBe(1);
    expect(count(text, '"main"."views"')).toBe(1);
    expect(count(text, '"main"."leads"')).toBe(1);
    expect([...refs].sort()).toEqual(['leads', 'logins', 'views']);
  });

  it('skips events that are older than the widest window', () => {
    const event = { kind: 'event', events: logins, at: 'login_at' } as const;
    const linear: RuleFacts = { ...event, decay: { kind: 'linear', to: days(60) } };
    const recent: RuleFacts = { ...event, within: { amount: 6, unit: 'hour' } };
    expect(compiled(scorecard({ rules: [recent, linear] })).text).toContain(`"login_at" >= date '2025-12-02'`);
    expect(compiled(scorecard({ rules: [recent] })).text).toContain(`"login_at" >= date '2026-01-29'`);
    expect(compiled(scorecard({ rules: [linear, event] })).text).not.toContain('"login_at" >= date');
  });

  it('uses window functions only where a count cannot be had from an aggregate', () => {
    const event = { kind: 'event', events: logins, at: 'login_at' } as const;
    const halfLife = { kind: 'half_life', halfLife: days(7) } as const;
    const plain: readonly RuleFacts[] = [
      { ...event, decay: halfLife, maxPerDay: 3 },
      { ...event, count: { kind: 'once' }, decay: halfLife },
      { ...event, points: { sql: 'amount' }, decay: halfLife },
    ];
    expect(compiled(scorecard({ rules: plain })).text).not.toContain(' over (');
    const single = compiled(
      scorecard({ rules: [{ ...event, count: { kind: 'distinct', column: 'url' }, decay: halfLife }] }),
    );
    expect(single.text).not.toContain(' over (');
    const varied = compiled(scorecard({ rules: [{ ...event, points: { sql: 'amount' }, maxPerDay: 3 }] }));
    expect(varied.text).toContain(' over (');
  });

  it('gives its steps names that the card itself does not use', () => {
    const event = { kind: 'event', at: 'login_at' } as const;
    const rules: readonly RuleFacts[] = [
      { ...event, events: logins },
      { ...event, events: 'logins_events' },
      { ...event, events: 'other.logins' },
      { kind: 'attribute', when: 'lead_id in (select lead_id from scores)' },
    ];
    const { text } = compiled(scorecard({ rules }));
    expect(text).toContain('\nlogins_events_step as (');
    expect(text).toContain('\nlogins_events_events as (');
    expect(text).toContain('\nlogins_2_events as (');
    expect(text).toContain('\nscores_step as (');
  });

  it('takes parameters for numbers and durations, and binds those in SQL', () => {
    const params = {
      half_life: { type: 'duration', value: '7d' },
      points: { type: 'integer', value: 3 },
      device: { type: 'string', value: "o'web" },
    } as const;
    const rule: RuleFacts = {
      kind: 'event',
      events: logins,
      at: 'login_at',
      where: "device = {{ param('device') }}",
      points: { param: 'points' },
      decay: { kind: 'half_life', halfLife: { param: 'half_life' } },
    };
    const { text, binds } = compiled(scorecard({ rules: [rule] }), { params });
    expect(text).toContain('3 * sum(case when fits__rule_1 then power(0.5, age_days / 7.0) end)');
    expect(text).not.toContain("o'web");
    expect(binds.map(({ value }) => value)).toEqual(["o'web", '2026-01-31T12:00:00.000Z']);
  });
});
