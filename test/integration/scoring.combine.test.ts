import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entity } from '../../src/project/entity-types.ts';
import type { CombineModel, ScorecardModel } from '../../src/project/model-types.ts';
import { compileCombine } from '../../src/scoring/compile-combine.ts';
import { file, lead, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';
import { testWarehouse } from '../support/temp-warehouse.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

const account: Entity = { name: 'account', relation: "{{ ref('accounts') }}", key: 'account_id', belongsTo: {} };
const person: Entity = { ...lead, belongsTo: { account: { kind: 'column', column: 'account_id' } } };
const input = (name: string, entity = 'lead'): ScorecardModel =>
  scorecard({ name, entity, rules: [{ kind: 'attribute', when: 'true' }] });

const scoreColumns = { score: 'decimal(18, 2)', tier: 'varchar', reasons: 'varchar' };

beforeAll(async () => {
  await world.table('leads', { lead_id: 'integer', account_id: 'integer', email: 'varchar' }, [
    { lead_id: 1, account_id: 10, email: 'ann@one.example' },
    { lead_id: 2, account_id: 20, email: 'bob@rival.example' },
    { lead_id: 3, account_id: null, email: 'cat@three.example' },
    { lead_id: 4, account_id: 99, email: null },
  ]);
  await world.table('lead_fit', { lead_id: 'integer', ...scoreColumns }, [
    { lead_id: 1, score: 70, tier: 'good', reasons: 'Director (+30)' },
    { lead_id: 2, score: 69.99, tier: 'good', reasons: '' },
    { lead_id: 3, score: 40, tier: 'disqualified', reasons: 'Disqualified: Student' },
  ]);
  await world.table('lead_engagement', { lead_id: 'integer', ...scoreColumns }, [
    { lead_id: 1, score: 0.25, tier: null, reasons: 'Pricing (+10)' },
    { lead_id: 2, score: 90, tier: null, reasons: 'Silent (-5)' },
    { lead_id: 3, score: 0, tier: null, reasons: null },
  ]);
  await world.table('account_score', { account_id: 'integer', ...scoreColumns }, [
    { account_id: 10, score: 55, tier: 'hot', reasons: 'Seats (+55)' },
    { account_id: 20, score: 5, tier: 'disqualified', reasons: 'Disqualified: Competitor' },
  ]);
});

function combine(facts: Partial<CombineModel>): CombineModel {
  return {
    kind: 'combine',
    name: 'lead_grade',
    file: file('models/lead_grade.yml'),
    tags: [],
    params: {},
    columns: [],
    tests: [],
    entity: 'lead',
    inputs: [
      { name: 'fit', model: 'lead_fit' },
      { name: 'engagement', model: 'lead_engagement' },
    ],
    score: '0.4 * fit + 0.6 * engagement',
    tiers: [],
    disqualify: [],
    round: 0.01,
    ...facts,
  };
}

async function rowsOf(facts: Partial<CombineModel>, columns: readonly string[]) {
  const models = [input('lead_fit'), input('lead_engagement'), input('account_score', 'account')];
  const { context, problems } = world.context({ models, entities: [person, account], tables: ['leads', 'accounts'] });
  const compiled = compileCombine(combine(facts), context);
  expect(problems).toEqual([]);
  const rows = await world.query(compiled.select);
  expect(Object.keys(rows[0] ?? {})).toEqual(compiled.columns);
  const byKey = new Map(rows.map((row) => [Number(row.lead_id), columns.map((column) => row[column])]));
  return [1, 2, 3, 4].map((key) => byKey.get(key));
}

describe('a combination', () => {
  it('computes its expression in decimals, and takes an input without a row as 0', async () => {
    // 28 + 0.15; 27.996 + 54; 16 + 0; nothing
    expect(await rowsOf({}, ['score', 'points__fit', 'points__engagement'])).toEqual([
      ['28.15', '70.000000', '0.250000'],
      ['82.00', '69.990000', '90.000000'],
      ['16.00', '40.000000', '0.000000'],
      ['0.00', '0.000000', '0.000000'],
    ]);
  });

  // Of the others, some refuse to divide by 0.
  it.skipIf(testWarehouse() !== 'duckdb')(
    'counts 0 for a division by zero, for null and for what is no number',
    async () => {
      expect(await rowsOf({ score: 'fit / engagement' }, ['score'])).toEqual([
        ['280.00'],
        ['0.78'],
        ['0.00'],
        ['0.00'],
      ]);
      expect(await rowsOf({ score: 'fit / nullif(engagement, 0)' }, ['score'])).toEqual([
        ['280.00'],
        ['0.78'],
        ['0.00'],
        ['0.00'],
      ]);
      const noNumber = await rowsOf({ score: "cast('nan' as double) + fit" }, ['score']);
      expect(noNumber).toEqual([['0.00'], ['0.00'], ['0.00'], ['0.00']]);
    },
  );

  it('keeps to its range and step', async () => {
    const facts = { score: 'fit + engagement', range: { min: 10, max: 100 }, round: 5 };
    expect(await rowsOf(facts, ['score'])).toEqual([['70'], ['100'], ['40'], ['10']]);
  });

  it('grades by a letter and a digit, thresholds inclusive', async () => {
    const grade = {
      letter: { input: 'fit', thresholds: [70, 40] },
      digit: { input: 'engagement', thresholds: [70, 0.25] },
    };
    expect(await rowsOf({ grade }, ['grade'])).toEqual([['A2'], ['B1'], ['B3'], ['C3']]);
  });

  it('grades on as many steps as there are thresholds, and one', async () => {
    const steps = {
      letter: { input: 'fit', thresholds: [70, 69, 40] },
      digit: { input: 'engagement', thresholds: [1] },
    };
    expect(await rowsOf({ grade: steps }, ['grade'])).toEqual([['A2'], ['B1'], ['C2'], ['D2']]);
  });

  it('is disqualified where an input is, whatever its score, and by gates of its own', async () => {
    const tiers = [{ name: 'hot', at: 80 }, { name: 'cold' }];
    expect(await rowsOf({ tiers }, ['tier'])).toEqual([['cold'], ['hot'], ['disqualified'], ['cold']]);
    const disqualify = [{ id: 'rival', label: 'Competitor', when: "{{ email_domain('email') }} = 'rival.example'" }];
    expect(await rowsOf({ tiers, disqualify }, ['tier', 'reasons', 'score'])).toEqual([
      ['cold', 'Director (+30); Pricing (+10)', '28.15'],
      ['disqualified', 'Disqualified: Competitor; Silent (-5)', '82.00'],
      ['disqualified', 'Disqualified: Student', '16.00'],
      ['cold', '', '0.00'],
    ]);
  });

  it('reads the score of the entity that its own belongs to', async () => {
    const inputs = [
      { name: 'fit', model: 'lead_fit' },
      { name: 'account', model: 'account_score' },
    ];
    const facts = { inputs, score: 'fit + account', tiers: [{ name: 'all', at: 0 }] };
    expect(await rowsOf(facts, ['score', 'tier', 'reasons'])).toEqual([
      ['125.00', 'all', 'Director (+30); Seats (+55)'],
      ['74.99', 'disqualified', 'Disqualified: Competitor'],
      ['40.00', 'disqualified', 'Disqualified: Student'],
      ['0.00', 'all', ''],
    ]);
  });

  it('has a version that changes with whatever can change a score', () => {
    const versionOf = (facts: Partial<CombineModel>, versions = new Map([['lead_fit', 'a']])) => {
      const models = [input('lead_fit'), input('lead_engagement')];
      const { context } = world.context({ models, tables: ['leads'], modelVersions: versions });
      return compileCombine(combine(facts), context).modelVersion;
    };
    const grade = (at: number) => ({
      letter: { input: 'fit', thresholds: [at] },
      digit: { input: 'engagement', thresholds: [40] },
    });
    const versions = [
      versionOf({}),
      versionOf({ score: 'fit + engagement' }),
      versionOf({ grade: grade(70) }),
      versionOf({ grade: grade(71) }),
      versionOf({ tiers: [{ name: 'hot', at: 80 }] }),
      versionOf({ hysteresis: 3, tiers: [{ name: 'hot', at: 80 }] }),
      versionOf({ disqualify: [{ id: 'rival', label: 'Competitor', when: 'true' }] }),
      versionOf({}, new Map([['lead_fit', 'b']])),
    ];
    expect(new Set(versions).size).toBe(versions.length);
    expect(versionOf({ name: 'other', description: 'Words' })).toBe(versions[0]);
  });
});
