import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { releaseRejections } from '../../../src/state/rejections.ts';
import { hasOperations } from '../../../src/sync/plan-types.ts';
import { dyingWarehouse } from '../../support/dying-warehouse.ts';
import {
  hotLeads,
  leadSync,
  openSyncWorld,
  type SyncWorld,
  scoreProperty,
  tierProperty,
} from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

const mirror = leadSync({ mode: 'mirror' });
const ann = ['1', 'ann@one.example', 50, 'warm'] as const;
const bob = ['2', 'bob@two.example', 12, 'cold'] as const;

describe('rows that left the model', () => {
  test('are emptied in mode mirror, once, and written anew when they come back', async () => {
    await world.leads(ann, bob);
    await world.run(mirror);
    await world.leads(ann);
    const plan = await world.plan(mirror);
    expect(plan.rows).toMatchObject({ model: 1, clears: 1, unchanged: 1, updates: 0 });
    expect(plan.sample).toMatchObject([{ key: '2', operation: 'clear' }]);
    expect(await world.apply(plan)).toMatchObject({ planned: 1, cleared: 1, unchanged: 1 });
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({});
    expect((await world.table('ledger')).at(-1)).toMatchObject({
      operation: 'clear',
      outcome: 'cleared',
      old_values: '{"lead_score":"12","lead_tier":"cold"}',
      new_values: '{"lead_score":null,"lead_tier":null}',
    });
    expect(hasOperations(await world.plan(mirror))).toBe(false);
    await world.leads(ann, bob);
    expect(await world.run(mirror)).toMatchObject({ planned: 1, updated: 1, created: 0 });
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({ lead_score: '12', lead_tier: 'cold' });
  });

  test('keep values that Scoreline did not write', async () => {
    world.hubspot.addProperty('contacts', { name: 'lead_score', type: 'number' });
    world.hubspot.seed('contacts', { email: 'bob@two.example', lead_score: '99' });
    await world.leads(ann, bob);
    await world.run(mirror);
    await world.leads(ann);
    await world.run(mirror);
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({ lead_score: '99' });
  });

  test('count as cleared if their record is gone', async () => {
    await world.leads(ann, bob);
    await world.run(mirror);
    const gone = world.hubspot.stored('contacts').find(({ properties }) => properties.email === 'bob@two.example');
    world.hubspot.remove('contacts', gone?.id ?? '');
    await world.leads(ann);
    expect(await world.run(mirror)).toMatchObject({ planned: 1, cleared: 1, rejected: 0 });
    expect(await world.run(mirror)).toMatchObject({ planned: 0, unchanged: 1 });
  });

  test('are emptied by a later run where HubSpot was out of reach', async () => {
    await world.leads(ann, bob);
    await world.run(mirror);
    await world.leads(ann);
    world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
    expect(await world.run(mirror)).toMatchObject({ planned: 1, deferred: 1 });
    world.hubspot.spentUntil = null;
    expect(await world.run(mirror)).toMatchObject({ planned: 1, cleared: 1 });
  });
});

describe('rows that left the model and whose record HubSpot does not let us empty', () => {
  beforeEach(async () => {
    await world.leads(ann, bob);
    await world.run(mirror);
    await world.leads(ann);
    world.hubspot.refuse = ({ lead_score }) => (lead_score === '' ? { category: 'TEST', message: 'no' } : null);
    expect(await world.run(mirror)).toMatchObject({ planned: 1, rejected: 1, newly_rejected: 1, unchanged: 1 });
  });

  test('are left alone in their pause, and tried again behind it or when they are released', async () => {
    const writes = world.hubspot.writes.length;
    expect(await world.run(mirror)).toMatchObject({ planned: 0, unchanged: 1, waiting: 0 });
    expect(world.hubspot.writes).toHaveLength(writes);
    expect(await world.table('rejections')).toMatchObject([{ model_key: '2', operation: 'clear', attempts: 1 }]);
    world.passHours(1);
    expect(await world.run(mirror)).toMatchObject({ planned: 1, rejected: 1, newly_rejected: 0 });
    await releaseRejections(world.state, { syncs: ['leads'] });
    world.hubspot.refuse = () => null;
    expect(await world.run(mirror)).toMatchObject({ planned: 1, cleared: 1 });
    expect(await world.table('rejections')).toEqual([]);
  });

  test('are refused no more when they are back in the model, or nothing is emptied any more', async () => {
    await world.leads(ann, bob);
    expect(await world.run(mirror)).toMatchObject({ planned: 0, unchanged: 2 });
    expect(await world.table('rejections')).toEqual([]);
    await world.leads(ann);
    expect(await world.run(mirror)).toMatchObject({ planned: 1, rejected: 1 });
    await world.run(leadSync());
    expect(await world.table('rejections')).toEqual([]);
  });
});

describe('rows that left the model after a write that nobody heard of', () => {
  /** HubSpot writes the batch, and the process dies before the ledger has it. */
  async function dieUnheard() {
    await expect(world.run(mirror, { warehouse: dyingWarehouse(world.warehouse) })).rejects.toThrow('killed');
  }

  test('are emptied, and values that others wrote meanwhile stay', async () => {
    await world.leads(ann, bob);
    await dieUnheard();
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({ lead_score: '12', lead_tier: 'cold' });
    const { id = '' } =
      world.hubspot.stored('contacts').find((each) => each.properties.email === 'bob@two.example') ?? {};
    await world.hubspot.records.write({
      kind: 'update',
      object: 'contacts',
      records: [{ traceId: '1', recordId: id, properties: { lead_score: '99' } }],
    });
    await world.leads(ann);
    expect(await world.run(mirror)).toMatchObject({ planned: 1, cleared: 1, unchanged: 1 });
    expect(world.hubspot.values('contacts')).toEqual({
      'ann@one.example': { lead_score: '50', lead_tier: 'warm' },
      'bob@two.example': { lead_score: '99' },
    });
    const looked = world.hubspot.resolved.length;
    expect(await world.run(mirror)).toMatchObject({ planned: 0, unchanged: 1 });
    expect(world.hubspot.resolved).toHaveLength(looked);
  });

  test('are emptied of a property, too, that had no value before', async () => {
    await world.leads(ann, ['2', 'bob@two.example', null, 'cold']);
    await world.run(mirror);
    await world.leads(ann, bob);
    await dieUnheard();
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({ lead_score: '12', lead_tier: 'cold' });
    await world.leads(ann);
    expect(await world.run(mirror)).toMatchObject({ planned: 1, cleared: 1, unchanged: 1 });
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({});
    expect(await world.run(mirror)).toMatchObject({ planned: 0, unchanged: 1 });
  });

  test('are emptied where the record was known by another row, which has moved on', async () => {
    await world.leads(ann, ['2', 'bob@two.example', null]);
    await world.run(mirror);
    await world.leads(['1', 'bob@two.example', 50, 'warm']);
    await dieUnheard();
    await world.leads(['1', null, 50, 'warm']);
    await world.run(mirror);
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({});
  });

  test('are emptied of what a row wrote that moved on to a record of its own', async () => {
    await world.leads(ann, ['2', 'bob@two.example', null, 'cold']);
    await world.run(mirror);
    await world.leads(['1', 'bob@two.example', 50, 'cold'], ['2', 'new@two.example', null, 'cold']);
    await dieUnheard();
    await world.leads(['1', null, 50, 'cold'], ['2', 'newer@two.example', null, 'cold']);
    for (let runs = 0; runs < 3; runs += 1) await world.run(mirror);
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({});
  });

  test('are emptied once no row leads to the record, where rows that led there meanwhile were refused', async () => {
    await world.leads(['1', 'bob@two.example', 50, 'warm']);
    await dieUnheard();
    // Two rows with one address, so that neither is sent.
    await world.leads(ann, ['3', 'bob@two.example', 7, 'cold'], ['4', 'bob@two.example', 8, 'cold']);
    expect(await world.run(mirror)).toMatchObject({ created: 1, rejected: 2 });
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({ lead_score: '50', lead_tier: 'warm' });
    await world.leads(ann);
    expect(await world.run(mirror)).toMatchObject({ planned: 1, cleared: 1 });
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({});
    expect(hasOperations(await world.plan(mirror))).toBe(false);
  });

  test('are emptied once no row leads to the record, where HubSpot refused the row that led there meanwhile', async () => {
    await world.leads(['1', 'bob@two.example', 50, 'warm']);
    await dieUnheard();
    await world.leads(ann, ['3', 'bob@two.example', 7, 'cold']);
    world.hubspot.refuse = ({ lead_score }) => (lead_score === '7' ? { category: 'TEST', message: 'no' } : null);
    expect(await world.run(mirror)).toMatchObject({ created: 1, rejected: 1 });
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({ lead_score: '50', lead_tier: 'warm' });
    await world.leads(ann);
    expect(await world.run(mirror)).toMatchObject({ cleared: 1 });
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({});
  });

  test('keep their values where the sync keeps them', async () => {
    await world.leads(ann, bob);
    await dieUnheard();
    await world.leads(ann);
    expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: 1 });
  });
});

describe('a match value that moved to another record', () => {
  beforeEach(async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example' });
    world.hubspot.seed('contacts', { email: 'ann@two.example' });
    await world.leads(ann);
    await world.run(mirror);
    await world.leads(['1', 'ann@two.example', 50, 'warm']);
  });
  const moved = { 'ann@one.example': {}, 'ann@two.example': { lead_score: '50', lead_tier: 'warm' } };

  test('is a removal there and a full write here', async () => {
    expect(await world.run(mirror)).toMatchObject({ planned: 2, updated: 1, cleared: 1 });
    expect(world.hubspot.values('contacts')).toEqual(moved);
    expect(hasOperations(await world.plan(mirror))).toBe(false);
  });

  test('is emptied later if only the write succeeded', async () => {
    world.hubspot.refuse = ({ lead_score }) => (lead_score === '' ? { category: 'TEST', message: 'no' } : null);
    expect(await world.run(mirror)).toMatchObject({ planned: 2, updated: 1, rejected: 1 });
    world.hubspot.refuse = () => null;
    world.passHours(1);
    expect(await world.run(mirror)).toMatchObject({ planned: 1, cleared: 1 });
    expect(world.hubspot.values('contacts')).toEqual(moved);
    expect(await world.table('rejections')).toEqual([]);
  });

  test('leaves a record alone that another row leads to by now', async () => {
    await world.leads(['1', 'ann@two.example', 50, 'warm'], ['2', 'ann@one.example', 7, 'cold']);
    expect(await world.run(mirror)).toMatchObject({ planned: 2, updated: 2, cleared: 0, rejected: 0 });
    expect(world.hubspot.values('contacts')['ann@one.example']).toEqual({ lead_score: '7', lead_tier: 'cold' });
  });
});

test('a record is not emptied of a row that is as it was, and whose record was merged while another row had its match value', async () => {
  await world.leads(bob);
  await world.run(mirror);
  const [{ id = '' } = {}] = world.hubspot.stored('contacts');
  const winner = world.hubspot.seed('contacts', { email: 'robert@two.example', lead_score: '12', lead_tier: 'cold' });
  world.hubspot.merge(winner, id);
  await world.leads(['2', null, 12, 'cold'], ['3', 'bob@two.example', 12, 'cold']);
  expect(await world.run(mirror)).toMatchObject({ planned: 0, unchanged: 1, unmatched: 1 });
  await world.leads(bob, ['3', 'other@two.example', 12, 'cold']);
  // The record that was merged into the other counts as cleared.
  expect(await world.run(mirror)).toMatchObject({ created: 1, updated: 0, cleared: 1, unchanged: 1 });
  expect(hasOperations(await world.plan(mirror))).toBe(false);
  expect(world.hubspot.stored('contacts').find((each) => each.id === winner)?.properties).toMatchObject({
    lead_score: '12',
    lead_tier: 'cold',
  });
});

describe('excluded rows', () => {
  const excluding = leadSync({ exclude: { when: "tier = 'cold'", properties: 'keep' }, lists: [hotLeads] });

  test('are never written and counted as a place of their own', async () => {
    await world.leads(ann, bob);
    const plan = await world.plan(excluding);
    expect(plan.rows).toMatchObject({ model: 2, creates: 1, excluded: 1, unmatched: 0 });
    expect(await world.apply(plan)).toMatchObject({ planned: 1, created: 1, excluded: 1 });
    expect(Object.keys(world.hubspot.values('contacts'))).toEqual(['ann@one.example']);
  });

  test('are taken off lists, and keep their properties', async () => {
    await world.leads(['1', 'ann@one.example', 90, 'hot']);
    await world.run(excluding);
    expect(world.hubspot.members('Hot leads')).toHaveLength(1);
    const strict = { ...excluding, exclude: { when: 'score >= 90', properties: 'keep' } as const };
    expect(await world.run(strict)).toMatchObject({ planned: 0, excluded: 1, lists: [{ removed: 1 }] });
    expect(world.hubspot.members('Hot leads')).toEqual([]);
    expect(world.hubspot.values('contacts')['ann@one.example']).toEqual({ lead_score: '90', lead_tier: 'hot' });
  });

  test('have their properties emptied where the sync says clear', async () => {
    await world.leads(ann, bob);
    await world.run(leadSync());
    const clearing = leadSync({ exclude: { when: "tier = 'cold'", properties: 'clear' } });
    expect(await world.run(clearing)).toMatchObject({ planned: 1, cleared: 1, excluded: 1, unchanged: 1 });
    expect(world.hubspot.values('contacts')['bob@two.example']).toEqual({});
    expect(await world.run(clearing)).toMatchObject({ planned: 0, cleared: 0, excluded: 1 });
  });

  test('an unknown answer does not exclude', async () => {
    await world.leads(['1', 'ann@one.example', null, 'warm']);
    const sync = leadSync({
      exclude: { when: 'score > 10', properties: 'keep' },
      properties: [scoreProperty, tierProperty],
    });
    expect(await world.run(sync)).toMatchObject({ created: 1, excluded: 0 });
  });
});

test('rows of the priority go first', async () => {
  await world.score(`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, i as score,
    case when i % 3 = 0 then 'hot' else 'cold' end as tier from range(300) r (i)`);
  const tiers: string[] = [];
  world.hubspot.refuse = ({ lead_tier }) => {
    tiers.push(lead_tier ?? '');
    return null;
  };
  await world.run(leadSync({ priority: "tier = 'hot'" }));
  expect(tiers.slice(0, 100)).toEqual(Array(100).fill('hot'));
});
