import { describe, expect, it } from 'vitest';
import { compileScorecard } from '../../../src/scoring/compile-scorecard.ts';
import {
  type CardFacts,
  type ContextOptions,
  lead,
  type RuleFacts,
  scorecard,
  scoringContext,
} from '../../support/scoring-context.ts';

const rule: RuleFacts = {
  kind: 'event',
  id: 'logged_in',
  label: 'Logged in',
  events: "{{ ref('logins') }}",
  at: 'login_at',
  where: "login_at > {{ param('since') }} and login_at < {{ param('as_of') }}",
  within: { amount: 14, unit: 'day' },
  decay: { kind: 'half_life', halfLife: { amount: 7, unit: 'day' } },
  points: 2,
  limit: 20,
  group: 'usage',
};
const other: RuleFacts = {
  kind: 'attribute',
  id: 'director',
  label: 'Director',
  when: "seniority = 'director'",
  points: 15,
};
const groups: CardFacts['groups'] = new Map([['usage', { name: 'usage', max: 60 }]]);
const base: CardFacts = {
  rules: [rule, other],
  groups,
  range: { min: 0, max: 100 },
  tiers: [{ name: 'hot', at: 50 }, { name: 'cold' }],
};
const params: ContextOptions['params'] = { since: { type: 'date', value: '2025-01-01' } };

function version(facts: CardFacts = base, options: ContextOptions = {}): string {
  const { context, problems } = scoringContext({ params, ...options });
  const { modelVersion } = compileScorecard(scorecard(facts), context);
  expect(problems).toEqual([]);
  return modelVersion;
}

type Change = readonly [what: string, facts: CardFacts, options?: ContextOptions];

const withRule = (facts: object): CardFacts => ({ ...base, rules: [{ ...rule, ...facts } as RuleFacts, other] });

describe('the version of a scorecard', () => {
  it('is short and the same for the same card', () => {
    expect(version()).toMatch(/^[0-9a-f]{12}$/);
    expect(version()).toBe(version());
  });

  const harmless: readonly Change[] = [
    ['as_of', base, { asOf: '2026-03-01T00:00:00.000Z' }],
    [
      'what reasons say',
      { ...withRule({ reason: { one: 'once', many: '{count} times' } }), reasons: { maxLength: 99 } },
    ],
    ['labels and descriptions', withRule({ label: 'Came by', description: 'A login.' })],
    ['the name and description of the card', { ...base, name: 'other_name', description: 'What it means' }],
    ['the order of rules', { ...base, rules: [other, rule] }],
    ['another way to write a duration', withRule({ within: { amount: 2, unit: 'week' } })],
    ['labels of tiers', { ...base, tiers: [{ name: 'hot', at: 50, label: 'Hot lead' }, { name: 'cold' }] }],
    ['versions of models that it does not read', base, { modelVersions: new Map([['accounts', 'f00']]) }],
  ];
  for (const [what, facts, options] of harmless) {
    it(`stays through a change of ${what}`, () => {
      expect(version(facts, options)).toBe(version());
    });
  }

  const changes: readonly Change[] = [
    ['points', withRule({ points: 3 })],
    ['a predicate', withRule({ where: "login_at > {{ param('since') }}" })],
    ['the value of a parameter in SQL', base, { params: { since: { type: 'date', value: '2025-01-02' } } }],
    ['a window', withRule({ within: { amount: 336, unit: 'hour' } })],
    ['a decay', withRule({ decay: { kind: 'linear', to: { amount: 7, unit: 'day' } } })],
    ['a count', withRule({ count: { kind: 'distinct', column: 'url' } })],
    ['max_per_day', withRule({ maxPerDay: 1 })],
    ['a limit', withRule({ limit: 21 })],
    ['the group of a rule', withRule({ group: undefined })],
    ['the limits of a group', { ...base, groups: new Map([['usage', { name: 'usage', max: 61 }]]) }],
    ['the base', { ...base, base: 1 }],
    ['the range', { ...base, range: { min: 0, max: 99 } }],
    ['the rounding', { ...base, round: 1 }],
    ['a threshold', { ...base, tiers: [{ name: 'hot', at: 51 }, { name: 'cold' }] }],
    ['the name of a tier', { ...base, tiers: [{ name: 'top', at: 50 }, { name: 'cold' }] }],
    ['the id of a rule', withRule({ id: 'came_by' })],
    ['the relation of the entity', base, { entities: [{ ...lead, relation: "{{ ref('logins') }}" }] }],
    ['the time zone', base, { timeZone: 'Europe/Berlin' }],
    ['a model that it reads', base, { modelVersions: new Map([['logins', 'f00']]) }],
  ];
  for (const [what, facts, options] of changes) {
    it(`changes with ${what}`, () => {
      expect(version(facts, options)).not.toBe(version());
    });
  }

  it('is the same for a number and for a parameter with that value', () => {
    const card = withRule({ points: { param: 'points' } });
    expect(version(card, { params: { ...params, points: { type: 'integer', value: 2 } } })).toBe(version());
  });
});
