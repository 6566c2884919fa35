import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readWritesOfRun } from '../../../src/state/run-history.ts';
import { planRollback } from '../../../src/sync/roll-back-run.ts';
import { leadSync, openSyncWorld, type SyncWorld, scoreProperty, tierProperty } from '../../support/sync-world.ts';
import { ann, bob, TroubledLeads } from '../../support/troubled-leads.ts';

let world: SyncWorld;
let trouble: TroubledLeads;
beforeEach(async () => {
  world = await openSyncWorld();
  trouble = new TroubledLeads(world);
});
afterEach(() => world.dispose());

const mirror = leadSync({ mode: 'mirror' });

describe('a rollback', () => {
  test('restores what the run emptied', async () => {
    await world.leads(ann, bob);
    await world.run(mirror);
    await world.leads(ann);
    expect(await world.run(mirror)).toMatchObject({ cleared: 1 });
    const { plan } = await trouble.planRollback(await trouble.lastRun(), mirror);
    if (plan !== null) await world.apply(plan);
    expect(trouble.values('bob@two.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });
  test('restores what a killed run wrote unheard, and counts no row that it did not reach', async () => {
    await world.leads(ann, bob);
    await world.run(leadSync());
    await world.leads(
      ['1', 'ann@one.example', 1, 'cold'],
      ['2', 'bob@two.example', 1, 'cold'],
      ['3', 'cy@three.example', 1, 'cold'],
    );
    await trouble.dieUnheard(leadSync());
    await trouble.edit('ann@one.example', { lead_score: '50', lead_tier: 'warm' });
    const { rollback, plan } = await trouble.planRollback(await trouble.lastRun(), leadSync());
    expect(rollback).toMatchObject({ written: 1, restored: 1, already: 0 });
    if (plan !== null) await world.apply(plan);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50', lead_tier: 'warm' });
    expect(trouble.values('bob@two.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });

  test('leaves what a later run wrote, where the run itself did not come to it', async () => {
    await world.leads(ann);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 60, 'hot'], bob);
    world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
    expect(await world.run(leadSync())).toMatchObject({ deferred: 2 });
    const deferred = await trouble.lastRun();
    world.hubspot.spentUntil = null;
    world.hubspot.beforeWrite = () => {
      throw new Error('no network');
    };
    await expect(world.run(leadSync())).rejects.toThrow('no network');
    const failed = await trouble.lastRun();
    world.hubspot.beforeWrite = () => {};
    expect(await world.run(leadSync())).toMatchObject({ updated: 1, created: 1 });
    for (const run of [deferred, failed]) {
      const { rollback, plan } = await trouble.planRollback(run, leadSync());
      expect(rollback).toMatchObject({ written: 0, restored: 0 });
      expect(plan).toBeNull();
    }
  });

  test('of a killed run leaves what a later run wrote of a row, and restores the rest', async () => {
    await world.leads(ann);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 1, 'cold']);
    const killed = await trouble.dieUnheard(leadSync());
    await world.leads(['1', 'ann@one.example', 1, 'hot']);
    expect(await world.run(leadSync())).toMatchObject({ updated: 1 });
    await trouble.rollBack(leadSync(), killed);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50', lead_tier: 'hot' });
  });

  test('of a run that reached nothing leaves what later runs wrote one after the other', async () => {
    await world.leads(['1', 'ann@one.example', 40, 'cold']);
    await world.run(leadSync());
    await world.leads(ann);
    world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
    expect(await world.run(leadSync())).toMatchObject({ deferred: 1 });
    const spent = await trouble.lastRun();
    world.hubspot.spentUntil = null;
    for (const [score, tier] of [
      [45, 'cold'],
      [45, 'warm'],
      [48, 'warm'],
    ] as const) {
      await world.leads(['1', 'ann@one.example', score, tier]);
      await world.run(leadSync());
    }
    expect(await trouble.rollBack(leadSync(), spent)).toMatchObject({ restored: 0 });
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '48', lead_tier: 'warm' });
  });

  test('overwrites what others changed in a row whose lifecycle stage was kept, if asked to', async () => {
    await world.leads(ann);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 60, 'warm']);
    const { write } = world.hubspot.records;
    world.hubspot.records.write = async (request, signal) => {
      const outcomes = await write(request, signal);
      const rejection = { category: 'LIFECYCLE_STAGE_KEPT', message: 'kept' };
      return outcomes.map(() => ({ kind: 'rejected', rejection }));
    };
    expect(await world.run(leadSync())).toMatchObject({ rejected: 1 });
    world.hubspot.records.write = write;
    await trouble.edit('ann@one.example', { lead_score: '77' });
    const run = await trouble.lastRun();
    const request = { ...(await trouble.writerRequest(leadSync())), rolledBackRunId: run };
    expect(await planRollback({ ...request, overwrite: false })).toMatchObject({
      rollback: { restored: 0, kept: { changed_in_hubspot: 1 } },
    });
    const { plan } = await planRollback({ ...request, runId: 'special-0', overwrite: true });
    if (plan === null) throw new Error('no plan');
    await world.apply(plan);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50', lead_tier: 'warm' });
  });

  test('of one run after the other, from the last to one that was killed', async () => {
    await world.leads(ann);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 1, 'cold']);
    const killed = await trouble.dieUnheard(leadSync());
    await world.leads(['1', 'ann@one.example', 2, 'cold']);
    await world.run(leadSync());
    await trouble.rollBack(leadSync());
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '1', lead_tier: 'cold' });
    await trouble.rollBack(leadSync(), killed);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50', lead_tier: 'warm' });
  });

  test('lists a record that a killed run made unheard', async () => {
    await world.leads(ann);
    await trouble.dieUnheard(leadSync());
    const killed = await trouble.lastRun();
    await world.run(leadSync());
    const { rollback } = await trouble.planRollback(killed, leadSync());
    expect(rollback).toMatchObject({ restored: 1, created: 1, createdRecords: [{ key: '1' }] });
  });

  test('knows of a run whose rows all kept their lifecycle stage', async () => {
    await world.leads(ann);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 51, 'warm']);
    world.hubspot.refuse = () => ({ category: 'LIFECYCLE_STAGE_KEPT', message: 'kept' });
    expect(await world.run(leadSync())).toMatchObject({ rejected: 1 });
    expect(await readWritesOfRun(world.state, await trouble.lastRun())).toMatchObject([{ sync: 'leads' }]);
  });

  test('does not take a row in doubt for a known one', async () => {
    await world.leads(['1', 'ann@one.example', 10, 'cold']);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 20, 'cold']);
    await world.run(leadSync());
    const bad = await trouble.lastRun();
    await world.leads(['1', 'ann@one.example', 20, 'hot']);
    await trouble.dieUnheard(leadSync());
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '20', lead_tier: 'hot' });
    const { plan } = await trouble.planRollback(bad, leadSync());
    if (plan === null) throw new Error('no plan');
    await world.apply(plan);
    await world.leads(['1', 'ann@one.example', 20, 'cold']);
    await world.run(leadSync());
    await world.run(leadSync());
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '20', lead_tier: 'cold' });
  });
});

test('a rollback of a run in which a row moved to another record restores the record left', async () => {
  world.hubspot.seed('contacts', { email: 'ann@one.example' });
  world.hubspot.seed('contacts', { email: 'ann@two.example' });
  await world.leads(ann);
  await world.run(mirror);
  await world.leads(['1', 'ann@two.example', 50, 'warm']);
  await world.run(mirror);
  const { plan } = await trouble.planRollback(await trouble.lastRun(), mirror);
  if (plan !== null) await world.apply(plan);
  expect(world.hubspot.values('contacts')).toEqual({
    'ann@one.example': { lead_score: '50', lead_tier: 'warm' },
    'ann@two.example': {},
  });
});

test('a rollback of a killed run in which a row moved restores the record left', async () => {
  const sync = leadSync(mirror);
  world.hubspot.seed('contacts', { email: 'ann@one.example' });
  world.hubspot.seed('contacts', { email: 'ann@two.example' });
  await world.leads(ann);
  await world.run(sync);
  await world.leads(['1', 'ann@two.example', 50, 'warm']);
  const killed = await trouble.dieUnheard(sync);
  expect(world.hubspot.values('contacts')).toEqual({
    'ann@one.example': {},
    'ann@two.example': { lead_score: '50', lead_tier: 'warm' },
  });
  await trouble.rollBack(sync, killed);
  expect(world.hubspot.values('contacts')).toEqual({
    'ann@one.example': { lead_score: '50', lead_tier: 'warm' },
    'ann@two.example': {},
  });
});

describe('a rollback of a killed run in which another row took a record over', () => {
  test.each([['dies unheard'], ['control: heard']])('%s', async (how) => {
    const sync = leadSync(mirror);
    await world.leads(ann, bob);
    await world.run(sync);
    await world.leads(['7', 'ann@one.example', 1, 'cold'], bob);
    if (how === 'dies unheard') await trouble.dieUnheard(sync);
    else await world.run(sync);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '1', lead_tier: 'cold' });
    await trouble.rollBack(sync);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50', lead_tier: 'warm' });
  });
});

test('a rollback of a killed run whose value no later run touched', async () => {
  await world.leads(ann);
  await world.run(leadSync());
  await world.leads(['1', 'ann@one.example', 1, 'warm']);
  const killed = await trouble.dieUnheard(leadSync());
  for (const tier of ['cold', 'hot', 'cold']) {
    await world.leads(['1', 'ann@one.example', 1, tier]);
    await world.run(leadSync());
  }
  await trouble.rollBack(leadSync(), killed);
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50', lead_tier: 'cold' });
});

test('two killed runs are rolled back, the last first', async () => {
  await world.leads(ann);
  await world.run(leadSync());
  await world.leads(['1', 'ann@one.example', 1, 'warm']);
  const first = await trouble.dieUnheard(leadSync());
  await world.leads(['1', 'ann@one.example', 2, 'warm']);
  const second = await trouble.dieUnheard(leadSync());
  expect(trouble.values('ann@one.example')?.lead_score).toBe('2');
  await trouble.rollBack(leadSync(), second);
  expect(trouble.values('ann@one.example')?.lead_score).toBe('1');
  await trouble.rollBack(leadSync(), first);
  expect(trouble.values('ann@one.example')?.lead_score).toBe('50');
});

test('a rollback empties what a sync wrote into a record that another sync of the same run had made', async () => {
  const scores = leadSync({ name: 'scores', properties: [scoreProperty] });
  const tiers = leadSync({ name: 'tiers', properties: [tierProperty] });
  await world.leads(ann);
  const plans = [await world.plan(scores), await world.plan(tiers)];
  for (const plan of plans) await world.apply(plan);
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50', lead_tier: 'warm' });
  expect(await trouble.rollBack(tiers)).toMatchObject({ restored: 1, created: 0, kept: { unknown_before: 0 } });
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50' });
});

test('a rollback leaves what was written into a record that somebody had made since the plan', async () => {
  await world.leads(ann);
  const plan = await world.plan(leadSync());
  world.hubspot.seed('contacts', { email: 'ann@one.example' });
  await world.apply(plan);
  expect(await trouble.rollBack(leadSync())).toMatchObject({ restored: 0, kept: { unknown_before: 1 } });
});
