import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudienceModel } from '../../src/project/model-types.ts';
import { compileAudience } from '../../src/scoring/compile-audience.ts';
import { scoredRelation } from '../../src/scoring/scored-relation.ts';
import { file, scorecard } from '../support/scoring-context.ts';
import { ScoringWorld } from '../support/scoring-world.ts';

const world = await ScoringWorld.open();
afterAll(() => world.close());

const card = scorecard({ rules: [{ kind: 'attribute', when: 'true' }] });

const audience = (members: AudienceModel['members'], facts: Partial<AudienceModel> = {}): AudienceModel => ({
  kind: 'audience',
  name: 'hot_leads',
  file: file('models/hot_leads.yml'),
  tags: [],
  params: {},
  columns: [],
  tests: [],
  entity: 'lead',
  members,
  ...facts,
});

beforeAll(async () => {
  await world.table('leads', { lead_id: 'integer', email: 'varchar', is_customer: 'boolean' }, [
    { lead_id: 1, email: 'ann@one.example', is_customer: false },
    { lead_id: 2, email: 'bob@two.example', is_customer: true },
    { lead_id: 3, email: 'cat@three.example' },
  ]);
  await world.table('lead_score', { lead_id: 'integer', score: 'decimal(18,2)', tier: 'varchar' }, [
    { lead_id: 1, score: 80, tier: 'hot' },
    { lead_id: 1, score: 80, tier: 'hot' },
    { lead_id: 2, score: 90, tier: 'hot' },
    { lead_id: 3, score: 90, tier: 'hot' },
    { lead_id: 4, score: 90, tier: 'hot' },
    { lead_id: null, score: 90, tier: 'hot' },
    { lead_id: 5, score: 10, tier: 'cold' },
  ]);
});

async function members(model: AudienceModel): Promise<readonly unknown[]> {
  const { context, problems } = world.context({ models: [card, model] });
  const { select } = compileAudience(model, context);
  expect(problems).toEqual([]);
  const rows = await world.query(select);
  expect(rows.every((row) => Object.keys(row).length === 1)).toBe(true);
  return rows.map((row) => row.lead_id).sort();
}

describe('an audience', () => {
  it('takes each key once from a scored model, by its columns and those of the entity', async () => {
    expect(await members(audience({ kind: 'from', from: 'lead_score' }))).toEqual([1, 2, 3, 4, 5]);
    const where = "tier = 'hot' and not is_customer or email like 'cat%'";
    expect(await members(audience({ kind: 'from', from: 'lead_score', where }))).toEqual([1, 3]);
  });

  it('takes each key once from a SELECT of its own', async () => {
    const text =
      "with hot as (select * from {{ ref('lead_score') }} where score >= 80)\nselect lead_id, score from hot;";
    expect(await members(audience({ kind: 'sql', sql: file('sql/hot.sql', text) }))).toEqual([1, 2, 3, 4]);
  });

  it('is read after the scored model and what the entity reads', () => {
    const model = audience({
      kind: 'from',
      from: 'lead_score',
      where: "lead_id in (select lead_id from {{ ref('logins') }})",
    });
    const { refs } = compileAudience(model, world.context({ models: [card, model] }).context);
    expect([...refs].sort()).toEqual(['lead_score', 'leads', 'logins']);
  });
});

describe('a scored relation', () => {
  it('has every row of the model with the columns of the entity, and the key once', async () => {
    const { relation } = scoredRelation(card, world.context({ models: [card] }).context);
    const rows = await world.query(sql`select * from ${relation} as scored where lead_id >= 3 order by lead_id`);
    expect(rows).toEqual([
      { lead_id: 3, score: '90.00', tier: 'hot', email: 'cat@three.example', is_customer: null },
      { lead_id: 4, score: '90.00', tier: 'hot', email: null, is_customer: null },
      { lead_id: 5, score: '10.00', tier: 'cold', email: null, is_customer: null },
    ]);
  });
});
