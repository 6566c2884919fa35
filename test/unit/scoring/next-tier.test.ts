import { expect, test } from 'vitest';
import type { CardRule } from '../../../src/scoring/card.ts';
import type { ExplainedRule } from '../../../src/scoring/explained-rule.ts';
import { nextTier, tierAbove } from '../../../src/scoring/next-tier.ts';
import { readCard } from '../../../src/scoring/read-card.ts';
import { movesOf } from '../../../src/scoring/rule-moves.ts';
import { type RuleFacts, scorecard, scoringContext } from '../../support/scoring-context.ts';

const days = (amount: number) => ({ amount, unit: 'day' }) as const;
const event = { kind: 'event', events: "{{ ref('logins') }}", at: 'login_at' } as const;

const cardOf = (...rules: readonly RuleFacts[]) => readCard(scorecard({ rules }), scoringContext().context).card;

const ruleOf = (facts: RuleFacts): CardRule => {
  const [rule] = cardOf(facts).rules;
  if (rule === undefined) throw new TypeError('The card has no rule');
  return rule;
};

const line = (facts: Partial<ExplainedRule> = {}): ExplainedRule => ({
  id: 'rule_1',
  label: 'A rule',
  kind: 'event',
  beforeLimit: facts.points ?? 0,
  points: 0,
  found: null,
  events: { count: 0, takenToday: 0, shown: [] },
  members: null,
  ...facts,
});

const points = (facts: RuleFacts, of: Partial<ExplainedRule> = {}) =>
  movesOf(ruleOf(facts), line(of)).map(({ kind, times, points: then }) => [kind, times, then]);

test('each further event adds its points, up to the limit', () => {
  expect(points({ ...event, points: 4, limit: 11 }, { points: 2 }).slice(0, 4)).toEqual([
    ['more', 1, 6],
    ['more', 2, 10],
    ['more', 3, 11],
    ['more', 4, 11],
  ]);
  expect(points({ ...event, points: 4, limit: 11 }, { points: 11, beforeLimit: 30 })).toEqual([]);
  expect(points({ ...event, points: -4 }, { points: -4 })).toEqual([]);
});

test('no more events of a day count than the rule lets count', () => {
  const taken = { events: { count: 2, takenToday: 2, shown: [] } };
  expect(points({ ...event, points: 4, maxPerDay: 3 }, taken)).toEqual([['more', 1, 4]]);
  expect(points({ ...event, points: 4, maxPerDay: 2 }, taken)).toEqual([]);
});

test('events that must be older to count do not count now', () => {
  expect(points({ ...event, points: 4, between: { from: days(7), to: days(30) } })).toEqual([]);
});

test('an event that counts once is worth what it lost', () => {
  expect(points({ ...event, points: 10, count: { kind: 'once' } }, { points: 2.5 })).toEqual([['more', 1, 10]]);
  expect(points({ ...event, points: 10, count: { kind: 'once' } }, { points: 10 })).toEqual([]);
});

test('a band is reached by the events that it lacks', () => {
  const bands = {
    bands: [
      { atLeast: 10, points: 20 },
      { atLeast: 3, points: 8 },
    ],
  };
  const moves = points({ ...event, points: bands }, { found: '1' });
  expect([moves[0], moves.at(-1)]).toEqual([
    ['more', 2, 8],
    ['more', 10, 20],
  ]);
});

test('a curve bends what is added', () => {
  const [first] = points(
    { ...event, points: 10, curve: { kind: 'half_at', at: 10 }, limit: 40 },
    { beforeCurve: 10, points: 20 },
  );
  expect(first).toEqual(['more', 1, expect.closeTo((40 * 20) / 30, 6)]);
});

test('points in SQL are those of the newest event that counts, and unknown without one', () => {
  const at = '2026-01-30T00:00:00.000Z';
  const shown = [{ relation: 'logins', at, value: null, link: null, points: 24, pointsLeft: 12, counts: true }];
  const events = { count: 1, takenToday: 0, shown };
  const facts = { ...event, points: { sql: 'pages' }, limit: 40 };
  expect(movesOf(ruleOf(facts), line({ points: 12, events }))[0]).toEqual({
    kind: 'more',
    times: 1,
    points: 36,
    like: at,
  });
  expect(points(facts)).toEqual([]);
});

test('a silence ends by an event, another penalty only where the rule says by which', () => {
  const silent: RuleFacts = {
    kind: 'absence',
    noEvents: ["{{ ref('logins') }}"],
    at: 'login_at',
    within: days(30),
    points: -10,
  };
  expect(points(silent, { kind: 'absence', points: -10 })).toEqual([['end', 1, 0]]);
  expect(points(silent, { kind: 'absence' })).toEqual([]);
  const recover = { on: "{{ ref('logins') }}", at: 'login_at' };
  expect(points({ ...event, points: -5, recover }, { points: -5 })).toEqual([['end', 1, 0]]);
});

const ladder = {
  tiers: [
    { name: 'hot', at: 20, from: 20 },
    { name: 'warm', at: 10, from: 10 },
    { name: 'cold', at: null, from: null },
  ],
  segment: null,
  override: null,
};

test('what somebody does comes before what somebody is, and one event before two', () => {
  const card = cardOf(
    { kind: 'attribute', when: 'true', points: 10 },
    { ...event, points: 5 },
    { ...event, points: 12 },
    { ...event, points: 9 },
    { kind: 'attribute', when: 'true', points: 3 },
  );
  const rules = card.rules.map(({ id, kind }) => line({ id, kind, found: kind === 'attribute' ? 'false' : null }));
  const next = nextTier(card, { ...ladder, score: 1, tier: 'cold', rules } as unknown as Parameters<
    typeof nextTier
  >[1]);
  expect(next).toMatchObject({ tier: 'warm', from: 10, missing: 9 });
  expect(next?.ways.map(({ rule, times, score }) => [rule, times, score])).toEqual([
    ['rule_3', 1, 12],
    ['rule_2', 2, 10],
    ['rule_4', 2, 18],
  ]);
});

test('there is none above the top, for the disqualified, and where somebody set it by hand', () => {
  const above = (facts: object) =>
    tierAbove({ ...ladder, score: 12.5, tier: 'warm', ...facts } as unknown as Parameters<typeof tierAbove>[0]);
  expect(above({})).toEqual({ tier: 'hot', from: 20, missing: 7.5 });
  expect(above({ tier: 'hot' })).toBeNull();
  expect(above({ tier: 'disqualified' })).toBeNull();
  expect(above({ override: { score: 12.5, tier: null, reason: null, until: null } })).toBeNull();
  expect(above({ tier: null, tiers: ladder.tiers.slice(0, 2), score: 1 })).toMatchObject({ tier: 'warm', missing: 9 });
});
