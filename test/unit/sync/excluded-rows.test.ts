import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sync } from '../../../src/project/sync-types.ts';
import { dyingWarehouse } from '../../support/dying-warehouse.ts';
import { leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

const ann = ['1', 'ann@one.example', 50, 'warm'] as const;
const bob = ['2', 'bob@two.example', 12, 'warm'] as const;
const values = (email: string) => world.hubspot.values('contacts')[email];

/** HubSpot writes the batch, and the process dies before the ledger has it. */
async function dieUnheard(sync: Sync) {
  await expect(world.run(sync, { warehouse: dyingWarehouse(world.warehouse) })).rejects.toThrow('killed');
}

describe('rows that are excluded after a write that nobody heard of', () => {
  test('exclude: clear empties what a killed run wrote (removed: keep)', async () => {
    const sync = leadSync({ exclude: { when: "tier = 'cold'", properties: 'clear' } });
    await world.leads(bob);
    await dieUnheard(sync);
    expect(values('bob@two.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
    await world.leads(['2', 'bob@two.example', 12, 'cold']);
    await world.run(sync);
    await world.run(sync);
    expect(values('bob@two.example')).toEqual({});
  });
  test('the same with mirror, of a property that had no value before', async () => {
    const sync = leadSync({ mode: 'mirror', exclude: { when: "tier = 'cold'", properties: 'clear' } });
    await world.leads(['2', 'bob@two.example', null, 'warm']);
    await world.run(sync);
    await world.leads(bob);
    await dieUnheard(sync);
    expect(values('bob@two.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
    await world.leads(['2', 'bob@two.example', 12, 'cold']);
    await world.run(sync);
    await world.run(sync);
    expect(values('bob@two.example')).toEqual({});
  });
  test('the same with mirror, of a new row: control', async () => {
    const sync = leadSync({ mode: 'mirror', exclude: { when: "tier = 'cold'", properties: 'clear' } });
    await world.leads(bob);
    await dieUnheard(sync);
    await world.leads(['2', 'bob@two.example', 12, 'cold']);
    await world.run(sync);
    expect(values('bob@two.example')).toEqual({});
  });
  test('exclude: keep keeps what a killed run wrote, also in mode mirror', async () => {
    const sync = leadSync({ mode: 'mirror', exclude: { when: "tier = 'cold'", properties: 'keep' } });
    await world.leads(bob);
    await dieUnheard(sync);
    await world.leads(['2', 'bob@two.example', 12, 'cold']);
    await world.run(sync);
    expect(values('bob@two.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });
  test('exclude: clear tries again where the emptying was refused', async () => {
    const sync = leadSync({ exclude: { when: "tier = 'cold'", properties: 'clear' } });
    await world.leads(bob);
    await dieUnheard(sync);
    await world.leads(['2', 'bob@two.example', 12, 'cold']);
    world.hubspot.refuse = () => ({ category: 'VALIDATION_ERROR', message: 'not now' });
    expect(await world.run(sync)).toMatchObject({ rejected: 1 });
    world.hubspot.refuse = () => null;
    world.passHours(100);
    expect(await world.run(sync)).toMatchObject({ cleared: 1 });
    expect(values('bob@two.example')).toEqual({});
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
      expect(values('ann@one.example')).toEqual({ lead_score: '80', lead_tier: 'hot' });
    },
  );
  test('control: from the start, the excluded row is no twin', async () => {
    const sync = leadSync({ exclude: { when: "tier = 'cold'", properties: 'keep' } });
    await world.leads(['1', 'ann@one.example', 50, 'cold'], ['9', 'ann@one.example', 80, 'hot']);
    await world.run(sync);
    expect(values('ann@one.example')).toEqual({ lead_score: '80', lead_tier: 'hot' });
  });
});
