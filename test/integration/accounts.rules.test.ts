import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Aliases, Entity } from '../../src/project/entity-types.ts';
import type { Model, SqlModel } from '../../src/project/model-types.ts';
import type { DataRow } from '../support/reference-score.ts';
import { file, type RuleFacts, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

const person = (aliases?: Aliases): Entity => ({
  name: 'person',
  relation: "{{ ref('people') }}",
  key: 'person_id',
  belongsTo: { account: { kind: 'column', column: 'account_id' } },
  aliases,
});
const account: Entity = { name: 'account', relation: "{{ ref('accounts') }}", key: 'account_id', belongsTo: {} };

const sqlModel = (name: string, text: string): SqlModel => ({
  kind: 'sql',
  name,
  file: file(`models/${name}.yml`),
  sql: file(`sql/${name}.sql`, text),
  key: [],
  materialize: 'table',
  tags: [],
  params: {},
  columns: [],
  tests: [],
});

const visited: RuleFacts = { kind: 'event', id: 'visited', events: "{{ ref('visits') }}", at: 'at', points: 1 };

interface Setting {
  readonly entity: 'person' | 'account';
  readonly aliases?: Aliases;
  readonly rules?: readonly RuleFacts[];
  readonly models?: readonly Model[];
}

/** Scores by key. */
async function scores({ entity, aliases, rules = [visited], models = [] }: Setting) {
  const rows = await world.score(scorecard({ entity, rules }), {
    entities: [person(aliases), account],
    models,
    tables: ['people', 'accounts', 'visits', 'identities'],
  });
  return Object.fromEntries([...rows].map(([key, row]) => [key, Number(row.score)]));
}

const visits = (rows: readonly DataRow[]) =>
  world.table('visits', { person_id: 'varchar', visitor_id: 'varchar', at: 'timestamptz' }, rows);
const identities = (rows: readonly DataRow[]) =>
  world.table(
    'identities',
    { other_id: 'varchar', visitor_id: 'varchar', person_id: 'varchar', known_at: 'timestamptz' },
    rows,
  );
const at = '2026-01-30T08:00:00Z';

beforeEach(async () => {
  await world.table('people', { person_id: 'varchar', account_id: 'varchar' }, [
    { person_id: 'ann', account_id: 'acme' },
    { person_id: 'bob', account_id: 'acme' },
    { person_id: 'cat', account_id: null },
    { person_id: 'dan', account_id: 'closed' },
  ]);
  await world.table('accounts', { account_id: 'varchar' }, [{ account_id: 'acme' }, { account_id: 'empty' }]);
});

describe('events of people', () => {
  beforeEach(() => visits(['ann', 'ann', 'bob', 'cat', 'dan', null, 'gone'].map((person_id) => ({ person_id, at }))));

  const shown = sqlModel('visits', "select person_id, visitor_id, at from {{ source('web', 'visits') }}");

  it('count for their account where the SQL of the events shows the key of people alone', async () => {
    expect(await scores({ entity: 'account', models: [shown] })).toEqual({ acme: 3, empty: 0 });
  });

  it('count for their account where the rule says by which column', async () => {
    const rules = [{ ...visited, by: ['person_id'] }];
    expect(await scores({ entity: 'account', rules })).toEqual({ acme: 3, empty: 0 });
  });

  it('count through a `*` that reads a model which shows its columns', async () => {
    const through = sqlModel('visits', "select *, 1 as one from {{ ref('raw_visits') }}");
    const raw = sqlModel('raw_visits', 'select person_id, visitor_id, at from web.visits');
    expect(await scores({ entity: 'account', models: [through, raw] })).toEqual({ acme: 3, empty: 0 });
  });

  it('are those of the account itself where they carry its key', async () => {
    await world.table('visits', { person_id: 'varchar', account_id: 'varchar', at: 'timestamptz' }, [
      { person_id: 'ann', account_id: 'empty', at },
    ]);
    const both = sqlModel('visits', 'select person_id, account_id, at from web.visits');
    expect(await scores({ entity: 'account', models: [both] })).toEqual({ acme: 0, empty: 1 });
    const rules = [{ ...visited, by: ['person_id'] }];
    expect(await scores({ entity: 'account', models: [both], rules })).toEqual({ acme: 1, empty: 0 });
  });

  it('are limited by day for the account as a whole', async () => {
    const rules = [{ ...visited, by: ['person_id'], maxPerDay: 2 }];
    expect(await scores({ entity: 'account', rules })).toEqual({ acme: 2, empty: 0 });
  });

  it('tell silence of an account, where nobody did anything', async () => {
    const silent: RuleFacts = {
      kind: 'absence',
      noEvents: ["{{ ref('visits') }}"],
      by: ['person_id'],
      at: 'at',
      within: { amount: 7, unit: 'day' },
      points: -5,
    };
    expect(await scores({ entity: 'account', rules: [silent] })).toEqual({ acme: 0, empty: -5 });
  });
});

describe('aliases', () => {
  const byVisitor: Aliases = {
    relation: "{{ ref('identities') }}",
    id: 'visitor_id',
    on: 'visitor_id',
    at: 'known_at',
  };
  const rules = [{ ...visited, by: ['person_id', 'visitor_id'] }];

  it('give an anonymous event to who became known by as_of, the last one to be known', async () => {
    await visits([
      { visitor_id: 'v1', at },
      { visitor_id: 'v2', at },
      { visitor_id: 'v3', at },
      { visitor_id: 'v1', person_id: 'bob', at },
    ]);
    await identities([
      { visitor_id: 'v1', person_id: 'ann', known_at: '2026-01-30T09:00:00Z' },
      { visitor_id: 'v1', person_id: 'cat', known_at: '2026-01-31T09:00:00Z' },
      { visitor_id: 'v2', person_id: 'ann', known_at: '2026-01-31T12:00:00Z' },
      { visitor_id: 'v3', person_id: 'ann', known_at: '2026-01-31T12:00:01Z' },
    ]);
    expect(await scores({ entity: 'person', aliases: byVisitor, rules })).toEqual({ ann: 1, bob: 1, cat: 1, dan: 0 });
    expect(await scores({ entity: 'account', aliases: byVisitor, rules })).toEqual({ acme: 2, empty: 0 });
  });

  it('find numeric keys among ids of any kind', async () => {
    await world.run("create or replace table people as select 7 as person_id, 'acme' as account_id");
    await world.run("create or replace table identities as select 'v1' as other_id, 7 as person_id");
    await visits(['7', 'v1', 'v2'].map((person_id) => ({ person_id, at })));
    const inKey: Aliases = { relation: "{{ ref('identities') }}", id: 'other_id', on: 'person_id' };
    expect(await scores({ entity: 'person', aliases: inKey })).toEqual({ 7: 2 });
    const rule = [{ ...visited, by: ['person_id'] }];
    expect(await scores({ entity: 'account', aliases: inKey, rules: rule })).toEqual({ acme: 2, empty: 0 });
  });

  it('need no key in the events', async () => {
    await visits([{ visitor_id: 'v1', person_id: 'bob', at }]);
    await identities([{ visitor_id: 'v1', person_id: 'ann', known_at: '2026-01-01T00:00:00Z' }]);
    const alone = [{ ...visited, by: ['visitor_id'] }];
    expect(await scores({ entity: 'person', aliases: byVisitor, rules: alone })).toMatchObject({ ann: 1, bob: 0 });
  });

  it('in the key’s own column are followed up to eight steps; a circle leads nowhere', async () => {
    const inKey: Aliases = { relation: "{{ ref('identities') }}", id: 'other_id', on: 'person_id' };
    const chain = Array.from({ length: 8 }, (_, step) => ({
      other_id: `old${step + 1}`,
      person_id: step === 0 ? 'ann' : `old${step}`,
    }));
    await identities([
      ...chain,
      { other_id: 'old9', person_id: 'old8' },
      { other_id: 'bob', person_id: 'x' },
      { other_id: 'x', person_id: 'y' },
      { other_id: 'y', person_id: 'bob' },
      { other_id: 'cat', person_id: 'cat' },
    ]);
    await visits(['old1', 'old5', 'old8', 'old9', 'bob', 'cat'].map((person_id) => ({ person_id, at })));
    expect(await scores({ entity: 'person', aliases: inKey })).toEqual({ ann: 3, bob: 1, cat: 1, dan: 0 });
  });
});

describe('a roll-up', () => {
  const score = (rows: readonly (readonly [string, number])[]) =>
    world.table(
      'person_score',
      { person_id: 'varchar', score: 'decimal(18,2)', tier: 'varchar' },
      rows.map(([person_id, points]) => ({ person_id, score: points })),
    );
  const personScore = scorecard({ name: 'person_score', entity: 'person', rules: [visited] });

  it('has points of its own in a segment', async () => {
    await score([
      ['ann', 60],
      ['bob', 30],
    ]);
    const rules: readonly RuleFacts[] = [
      { kind: 'rollup', id: 'best', rollup: 'person_score', agg: { kind: 'max' }, points: 1, limit: 50 },
    ];
    const small = {
      name: 'small',
      when: "account_id = 'acme'",
      rules: new Map([['best', { points: 2, limit: 'none' as const }]]),
      tiers: new Map(),
    };
    const rows = await world.score(scorecard({ entity: 'account', rules, segments: [small] }), {
      entities: [person(), account],
      models: [personScore],
      tables: ['people', 'accounts', 'visits'],
    });
    expect(Number(rows.get('acme')?.score)).toBe(120);
    expect(rows.get('empty')).toMatchObject({ points__best: '0.000000', segment: null });
  });

  it('takes the heavier one of equal scores among the highest', async () => {
    await world.run(
      "create or replace table people as select 'p' || i as person_id, 'acme' as account_id from range(12) as t(i)",
    );
    await world.run(
      "create or replace table person_score as select 'p' || i as person_id, cast(if(i = 0, 60, 30) as decimal(18, 2)) as score, null::varchar as tier from range(12) as t(i)",
    );
    const weight = "case person_id when 'p0' then 1 when 'p7' then 1 else 0.1 end";
    const rules: readonly RuleFacts[] = [
      { kind: 'rollup', rollup: 'person_score', agg: { kind: 'top_avg', top: 2 }, weight, points: 1 },
    ];
    expect(await scores({ entity: 'account', rules, models: [personScore] })).toEqual({ acme: 45, empty: 0 });
  });

  it('sums scores exactly, whatever their number', async () => {
    await world.run(
      "create or replace table people as select 'p' || i as person_id, 'acme' as account_id from range(20000) as t(i)",
    );
    await world.run(
      "create or replace table person_score as select 'p' || i as person_id, cast(0.01 as decimal(18, 2)) as score, null::varchar as tier from range(20000) as t(i)",
    );
    const rules: readonly RuleFacts[] = [
      { kind: 'rollup', rollup: 'person_score', agg: { kind: 'sum' }, weight: '0.1', points: 1 },
    ];
    expect(await scores({ entity: 'account', rules, models: [personScore] })).toEqual({ acme: 20, empty: 0 });
  });
});
