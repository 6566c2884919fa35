import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../../src/hubspot/types.ts';
import type { Sync } from '../../../src/project/sync-types.ts';
import { readWritesOfRun } from '../../../src/state/run-history.ts';
import { planRollback } from '../../../src/sync/roll-back-run.ts';
import { dyingWarehouse } from '../../support/dying-warehouse.ts';
import { leadSync, openSyncWorld, type SyncWorld, scoreProperty, tierProperty } from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

const tierOptions = ['hot', 'warm', 'cold'].map((value) => ({ value, label: value }));
const mirror = leadSync({ mode: 'mirror' });
const ann = ['1', 'ann@one.example', 50, 'warm'] as const;
const bob = ['2', 'bob@two.example', 12, 'warm'] as const;
const values = (email: string) => world.hubspot.values('contacts')[email];

/** HubSpot writes the batch, and the process dies before the ledger has it. */
async function dieUnheard(sync: Sync) {
  await expect(world.run(sync, { warehouse: dyingWarehouse(world.warehouse) })).rejects.toThrow('killed');
}

async function byHand(email: string, properties: Readonly<Record<string, string>>) {
  const record = world.hubspot.stored('contacts').find((each) => each.properties.email === email);
  await world.hubspot.records.write({
    kind: 'update',
    object: 'contacts',
    records: [{ traceId: '1', recordId: record?.id ?? '', properties }],
  });
}

/** The run that began to apply a plan last. */
async function lastApplied(): Promise<string> {
  const plans = await world.table('plans');
  const inOrder = plans.toSorted((a, b) => Number(String(a.run_id).slice(4)) - Number(String(b.run_id).slice(4)));
  return String(inOrder.findLast(({ applied_by }) => applied_by !== null)?.applied_by);
}

async function lastRun(): Promise<string> {
  const rows = await world.table('ledger');
  return String(
    rows.map((row) => row.run_id).sort((a, b) => Number(String(b).slice(4)) - Number(String(a).slice(4)))[0],
  );
}
function writerRequest(sync: Sync, account: Account) {
  return {
    state: world.state,
    hubspot: world.hubspot,
    sync,
    account,
    runId: 'special-1',
    asOf: { instant: '2026-01-31T00:00:00.000Z', day: '2026-01-31' },
    now: () => new Date('2026-02-01T08:00:00Z'),
  };
}

async function rollBack(rolledBackRunId: string, sync: Sync) {
  const request = writerRequest(sync, await world.hubspot.account());
  return planRollback({ ...request, rolledBackRunId, overwrite: false });
}

describe('a rollback', () => {
  test('restores what the run emptied', async () => {
    await world.leads(ann, bob);
    await world.run(mirror);
    await world.leads(ann);
    expect(await world.run(mirror)).toMatchObject({ cleared: 1 });
    const { plan } = await rollBack(await lastRun(), mirror);
    if (plan !== null) await world.apply(plan);
    expect(values('bob@two.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });
  test('restores what a killed run wrote unheard, and counts no row that it did not reach', async () => {
    await world.leads(ann, bob);
    await world.run(leadSync());
    await world.leads(
      ['1', 'ann@one.example', 1, 'cold'],
      ['2', 'bob@two.example', 1, 'cold'],
      ['3', 'cy@three.example', 1, 'cold'],
    );
    await dieUnheard(leadSync());
    await byHand('ann@one.example', { lead_score: '50', lead_tier: 'warm' });
    const { rollback, plan } = await rollBack(await lastApplied(), leadSync());
    expect(rollback).toMatchObject({ written: 1, restored: 1, already: 0 });
    if (plan !== null) await world.apply(plan);
    expect(values('ann@one.example')).toEqual({ lead_score: '50', lead_tier: 'warm' });
    expect(values('bob@two.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });

  test('leaves what a later run wrote, where the run itself did not come to it', async () => {
    await world.leads(ann);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 60, 'hot'], bob);
    world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
    expect(await world.run(leadSync())).toMatchObject({ deferred: 2 });
    const deferred = await lastApplied();
    world.hubspot.spentUntil = null;
    world.hubspot.beforeWrite = () => {
      throw new Error('no network');
    };
    await expect(world.run(leadSync())).rejects.toThrow('no network');
    const failed = await lastApplied();
    world.hubspot.beforeWrite = () => {};
    expect(await world.run(leadSync())).toMatchObject({ updated: 1, created: 1 });
    for (const run of [deferred, failed]) {
      const { rollback, plan } = await rollBack(run, leadSync());
      expect(rollback).toMatchObject({ written: 0, restored: 0 });
      expect(plan).toBeNull();
    }
  });

  describe('of adopted values', () => {
    const adopting = [{ ...scoreProperty, adopt: true }, tierProperty];
    beforeEach(async () => {
      for (const { name, type } of adopting)
        world.hubspot.addProperty('contacts', { name, type, options: tierOptions });
      world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
      await world.leads(ann, bob);
    });
    async function runAndRollBack(sync: Sync) {
      await world.run(sync);
      const { plan } = await rollBack(await lastApplied(), sync);
      if (plan === null) throw new Error('no plan');
      await world.apply(plan);
      expect(values('ann@one.example')).toEqual({ lead_score: '12' });
    }

    test('leaves them those of others, if they are adopted no longer', async () => {
      await runAndRollBack(leadSync({ properties: adopting }));
      await world.run(leadSync());
      expect(values('ann@one.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
    });

    test('leaves them where the row goes', async () => {
      const sync = leadSync({ mode: 'mirror', properties: adopting });
      await runAndRollBack(sync);
      await world.leads(bob);
      await world.run(sync);
      expect(values('ann@one.example')).toEqual({ lead_score: '12' });
    });
  });

  test('lists a record that a killed run made unheard', async () => {
    await world.leads(ann);
    await dieUnheard(leadSync());
    const killed = await lastApplied();
    await world.run(leadSync());
    const { rollback } = await rollBack(killed, leadSync());
    expect(rollback).toMatchObject({ restored: 1, created: 1, createdRecords: [{ key: '1' }] });
  });

  test('knows of a run whose rows all kept their lifecycle stage', async () => {
    await world.leads(ann);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 51, 'warm']);
    world.hubspot.refuse = () => ({ category: 'LIFECYCLE_STAGE_KEPT', message: 'kept' });
    expect(await world.run(leadSync())).toMatchObject({ rejected: 1 });
    expect(await readWritesOfRun(world.state, await lastApplied())).toMatchObject([{ sync: 'leads' }]);
  });

  test('does not take a row in doubt for a known one', async () => {
    await world.leads(['1', 'ann@one.example', 10, 'cold']);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 20, 'cold']);
    await world.run(leadSync());
    const bad = await lastRun();
    await world.leads(['1', 'ann@one.example', 20, 'hot']);
    await dieUnheard(leadSync());
    expect(values('ann@one.example')).toEqual({ lead_score: '20', lead_tier: 'hot' });
    const { plan } = await rollBack(bad, leadSync());
    if (plan === null) throw new Error('no plan');
    await world.apply(plan);
    await world.leads(['1', 'ann@one.example', 20, 'cold']);
    await world.run(leadSync());
    await world.run(leadSync());
    expect(values('ann@one.example')).toEqual({ lead_score: '20', lead_tier: 'cold' });
  });
});

test('a rollback of a run in which a row moved to another record restores the record left', async () => {
  world.hubspot.seed('contacts', { email: 'ann@one.example' });
  world.hubspot.seed('contacts', { email: 'ann@two.example' });
  await world.leads(ann);
  await world.run(mirror);
  await world.leads(['1', 'ann@two.example', 50, 'warm']);
  await world.run(mirror);
  const { plan } = await rollBack(await lastRun(), mirror);
  if (plan !== null) await world.apply(plan);
  expect(world.hubspot.values('contacts')).toEqual({
    'ann@one.example': { lead_score: '50', lead_tier: 'warm' },
    'ann@two.example': {},
  });
});
