import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';
import { ann, bob, TroubledLeads } from '../../support/troubled-leads.ts';

let world: SyncWorld;
let trouble: TroubledLeads;
beforeEach(async () => {
  world = await openSyncWorld();
  trouble = new TroubledLeads(world);
});
afterEach(() => world.dispose());

describe('rows that are excluded after a write that nobody heard of', () => {
  test('exclude: clear empties what a killed run wrote (removed: keep)', async () => {
    const sync = leadSync({ exclude: { when: "tier = 'cold'", properties: 'clear' } });
    await world.leads(bob);
    await trouble.dieUnheard(sync);
    expect(trouble.values('bob@two.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
    await world.leads(['2', 'bob@two.example', 12, 'cold']);
    await world.run(sync);
    await world.run(sync);
    expect(trouble.values('bob@two.example')).toEqual({});
  });
  test('the same with mirror, of a property that had no value before', async () => {
    const sync = leadSync({ mode: 'mirror', exclude: { when: "tier = 'cold'", properties: 'clear' } });
    await world.leads(['2', 'bob@two.example', null, 'warm']);
    await world.run(sync);
    await world.leads(bob);
    await trouble.dieUnheard(sync);
    expect(trouble.values('bob@two.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
    await world.leads(['2', 'bob@two.example', 12, 'cold']);
    await world.run(sync);
    await world.run(sync);
    expect(trouble.values('bob@two.example')).toEqual({});
  });
  test('the same with mirror, of a new row: control', async () => {
    const sync = leadSync({ mode: 'mirror', exclude: { when: "tier = 'cold'", properties: 'clear' } });
    await world.leads(bob);
    await trouble.dieUnheard(sync);
    await world.leads(['2', 'bob@two.example', 12, 'cold']);
    await world.run(sync);
    expect(trouble.values('bob@two.example')).toEqual({});
  });
  test('exclude: keep keeps what a killed run wrote, also in mode mirror', async () => {
    const sync = leadSync({ mode: 'mirror', exclude: { when: "tier = 'cold'", properties: 'keep' } });
    await world.leads(bob);
    await trouble.dieUnheard(sync);
    await world.leads(['2', 'bob@two.example', 12, 'cold']);
    await world.run(sync);
    expect(trouble.values('bob@two.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });
  test('exclude: clear tries again where the emptying was refused', async () => {
    const sync = leadSync({ exclude: { when: "tier = 'cold'", properties: 'clear' } });
    await world.leads(bob);
    await trouble.dieUnheard(sync);
    await world.leads(['2', 'bob@two.example', 12, 'cold']);
    world.hubspot.refuse = () => ({ category: 'VALIDATION_ERROR', message: 'not now' });
    expect(await world.run(sync)).toMatchObject({ rejected: 1 });
    world.hubspot.refuse = () => null;
    world.passHours(100);
    expect(await world.run(sync)).toMatchObject({ cleared: 1 });
    expect(trouble.values('bob@two.example')).toEqual({});
    expect(await world.run(sync)).toMatchObject({ planned: 0 });
  });
});

describe('the records of excluded rows', () => {
  test.each(['keep', 'clear'] as const)(
    'a row takes over the record of one that is excluded now (%s)',
    async (properties) => {
      const sync = leadSync({ exclude: { when: "tier = 'cold'", properties } });
      await world.leads(ann);
      await world.run(sync);
      await world.leads(['1', 'ann@one.example', 50, 'cold'], ['9', 'ann@one.example', 80, 'hot']);
      await world.run(sync);
      world.passHours(100);
      await world.run(sync);
      expect(trouble.values('ann@one.example')).toEqual({ lead_score: '80', lead_tier: 'hot' });
    },
  );
  test('control: from the start, the excluded row is no twin', async () => {
    const sync = leadSync({ exclude: { when: "tier = 'cold'", properties: 'keep' } });
    await world.leads(['1', 'ann@one.example', 50, 'cold'], ['9', 'ann@one.example', 80, 'hot']);
    await world.run(sync);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '80', lead_tier: 'hot' });
  });
});

describe('the record that a row left, with removed: keep, stays as it is although excluded rows are emptied', () => {
  const sync = leadSync({ exclude: { when: "tier = 'cold'", properties: 'clear' } });
  const movedAnn = ['1', 'ann@two.example', 50, 'warm'] as const;
  beforeEach(async () => {
    trouble.addProperties();
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '50', lead_tier: 'warm' });
    world.hubspot.seed('contacts', { email: 'ann@two.example' });
    await world.leads(ann);
    await world.run(sync);
    await world.leads(movedAnn);
    await world.run(sync);
  });

  test('where a property was made again', async () => {
    await trouble.purge('lead_score');
    for (const _ of [1, 2]) expect(await world.run(sync)).toMatchObject({ cleared: 0 });
    expect(trouble.values('ann@one.example')).toEqual({ lead_tier: 'warm' });
  });

  test('where another row was about to take it over', async () => {
    await world.leads(movedAnn, ['9', 'ann@one.example', 60, 'hot']);
    world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
    expect(await world.run(sync)).toMatchObject({ deferred: 1 });
    world.hubspot.spentUntil = null;
    await world.leads(movedAnn);
    for (const _ of [1, 2]) expect(await world.run(sync)).toMatchObject({ cleared: 0 });
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50', lead_tier: 'warm' });
  });
});
