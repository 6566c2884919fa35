import fc from 'fast-check';
import type { Aliases, Belonging, Entity } from '../../src/project/entity-types.ts';
import type { RollupAgg } from '../../src/project/rule-types.ts';
import type { DataRow } from './reference-score.ts';
import { type RuleFacts, scorecard } from './scoring-context.ts';

/* Random people, accounts and holdings, how they belong together, and cards of accounts and holdings over them. */

export const tables = {
  people: { person_id: 'varchar', account_id: 'varchar', role: 'varchar', department: 'varchar' },
  accounts: { account_id: 'varchar', holding_id: 'varchar', seats: 'integer' },
  holdings: { holding_id: 'varchar', seats: 'integer' },
  person_score: { person_id: 'varchar', score: 'decimal(18,2)', tier: 'varchar' },
  memberships: { person_id: 'varchar', account_id: 'varchar', share: 'double' },
  stakes: { account_id: 'varchar', holding_id: 'varchar', share: 'double' },
  identities: { visitor_id: 'varchar', person_id: 'varchar', known_at: 'timestamptz' },
  visits: { person_id: 'varchar', visitor_id: 'varchar', visited_at: 'timestamptz', amount: 'integer' },
} as const;

export type AccountTables = Readonly<Record<keyof typeof tables, readonly DataRow[]>>;

const people = ['p1', 'p2', 'p3', 'p4', 'p5'] as const;
const orNull = <T>(...values: readonly T[]) => fc.constantFrom<T | null>(...values, null);
const personId = orNull(...people, 'gone');
const accountId = orNull('a1', 'a2', 'a3', 'gone');
const holdingId = orNull('h1', 'h2');
const share = fc.constantFrom(0, 0.25, 0.5, 1);
const seats = orNull(-2, 0, 4, 10);
const rowsOf = (row: fc.Arbitrary<DataRow>, maxLength: number) => fc.array(row, { maxLength, size: 'max' });
const each = (keys: readonly string[], column: string, rest: Record<string, fc.Arbitrary<unknown>>) =>
  fc.tuple(...keys.map((key) => fc.record({ [column]: fc.constant(key), ...rest }) as fc.Arbitrary<DataRow>));

/** Before and after the instant of the test, and around midnight. */
export const asOf = '2026-01-31T12:00:00.000Z';
const instant = fc
  .constantFrom(0, -1, 1, 5, 700, 725, 2000, 9000, 14_400, 43_000)
  .map((minutes) => new Date(Date.parse(asOf) - minutes * 60_000).toISOString());

/** Other ids are of their own, or people's: then an id may lead to another one. */
const otherId = orNull('v1', 'v2', 'p1', 'p2', 'p3', 'o1', 'o2', 'o3');

export const randomTables: fc.Arbitrary<AccountTables> = fc.record({
  people: each(people, 'person_id', {
    account_id: accountId,
    role: orNull('buyer', 'user'),
    department: orNull('it', 'sales', 'finance'),
  }),
  accounts: each(['a1', 'a2', 'a3'], 'account_id', { holding_id: holdingId, seats }),
  holdings: each(['h1', 'h2'], 'holding_id', { seats }),
  person_score: each(people, 'person_id', {
    score: fc.constantFrom(-5, 0, 12.5, 33.33, 50, 99.99, 100),
    tier: orNull('hot', 'cold', 'disqualified'),
  }),
  memberships: rowsOf(fc.record({ person_id: personId, account_id: accountId, share }), 10),
  stakes: rowsOf(fc.record({ account_id: accountId, holding_id: holdingId, share }), 6),
  identities: rowsOf(
    fc.record({ visitor_id: otherId, person_id: orNull(...people, 'o1', 'o2', 'o3'), known_at: instant }),
    8,
  ),
  visits: rowsOf(
    fc.record({
      person_id: orNull(...people, 'o1', 'o2', 'gone'),
      visitor_id: orNull('v1', 'v2', 'v3'),
      visited_at: instant,
      amount: orNull(1, 2, -3),
    }),
    14,
  ),
});

const column = (parent: string): Belonging => ({ kind: 'column', column: `${parent}_id` });
const bridge = (via: string): readonly Belonging[] => [
  { kind: 'bridge', via: `{{ ref('${via}') }}` },
  { kind: 'bridge', via: `{{ ref('${via}') }}`, weight: 'share' },
];

const aliases = fc.constantFrom<Aliases | undefined>(
  undefined,
  { relation: "{{ ref('identities') }}", id: 'visitor_id', on: 'visitor_id', at: 'known_at' },
  { relation: "{{ ref('identities') }}", id: 'visitor_id', on: 'visitor_id' },
  { relation: "{{ ref('identities') }}", id: 'visitor_id', on: 'person_id', at: 'known_at' },
);

export interface RandomEntities {
  readonly person: Entity;
  readonly account: Entity;
  readonly holding: Entity;
}

export const randomEntities: fc.Arbitrary<RandomEntities> = fc
  .record({
    toAccount: fc.constantFrom(column('account'), ...bridge('memberships')),
    toHolding: fc.constantFrom(column('holding'), ...bridge('stakes')),
    aliases,
  })
  .map((facts) => ({
    person: {
      name: 'person',
      relation: "{{ ref('people') }}",
      key: 'person_id',
      belongsTo: { account: facts.toAccount },
      aliases: facts.aliases,
    },
    account: {
      name: 'account',
      relation: "{{ ref('accounts') }}",
      key: 'account_id',
      belongsTo: { holding: facts.toHolding },
    },
    holding: { name: 'holding', relation: "{{ ref('holdings') }}", key: 'holding_id', belongsTo: {} },
  }));

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const limit = optional(fc.constantFrom(3, 60));
export const visits = "{{ ref('visits') }}";

const eventRule = fc.record({
  kind: fc.constant('event' as const),
  events: fc.constant(visits),
  by: fc.constant(['person_id']),
  at: fc.constant('visited_at'),
  points: fc.constantFrom(2, -3, { sql: 'amount' }),
  within: optional(fc.constantFrom({ amount: 7, unit: 'day' } as const, { amount: 12, unit: 'hour' } as const)),
  maxPerDay: optional(fc.constantFrom(1, 2)),
  count: fc.constantFrom(
    { kind: 'each' } as const,
    { kind: 'once' } as const,
    { kind: 'distinct', column: 'amount' } as const,
  ),
  limit,
});

const frequencyRule = fc.record({
  kind: fc.constant('event' as const),
  events: fc.constant(visits),
  by: fc.constant(['person_id']),
  at: fc.constant('visited_at'),
  points: fc.constant(15),
  atLeast: fc.constantFrom(1, 3),
  count: fc.constantFrom({ kind: 'each' } as const, { kind: 'distinct', column: 'person_id' } as const),
});

const absenceRule = fc.record({
  kind: fc.constant('absence' as const),
  noEvents: fc.constant([visits]),
  by: fc.constant(['person_id']),
  at: fc.constant('visited_at'),
  within: fc.constantFrom({ amount: 1, unit: 'day' } as const, { amount: 2, unit: 'week' } as const),
  points: fc.constant(-10),
});

const agg = fc.constantFrom<RollupAgg>(
  { kind: 'sum' },
  { kind: 'max' },
  { kind: 'avg' },
  { kind: 'count' },
  { kind: 'noisy_or' },
  { kind: 'top_avg', top: 1 },
  { kind: 'top_avg', top: 2 },
);

export const where = "role = 'buyer' or score > 40";
export const weight = "case role when 'buyer' then 2.5 when 'user' then 0.5 else 0 end";

const rollup = {
  kind: fc.constant('rollup' as const),
  rollup: fc.constant('person_score'),
  where: optional(fc.constant(where)),
  per: optional(fc.constant('seats')),
  points: fc.constantFrom(1, -4, 0.5, 100),
  limit,
};
const rollupRule = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ...rollup, agg, weight: optional(fc.constant(weight)) }) },
  fc.record({ ...rollup, agg, weight: optional(fc.constant(weight)), atLeast: fc.constantFrom(1, 2, 40) }),
  fc.record({ ...rollup, agg: fc.constantFrom<RollupAgg>({ kind: 'distinct', column: 'department' }) }),
);

const rule: fc.Arbitrary<RuleFacts> = fc.oneof({ weight: 2, arbitrary: eventRule }, frequencyRule, absenceRule, {
  weight: 4,
  arbitrary: rollupRule,
});

export const randomAccountCard = fc
  .record({
    entity: fc.constantFrom('account' as const, 'holding' as const),
    rules: fc.array(rule, { minLength: 1, maxLength: 8, size: 'max' }),
    tiers: fc.constant([{ name: 'high', at: 10 }, { name: 'low' }]),
  })
  .map((facts) => scorecard({ ...facts, name: 'account_score' }));
