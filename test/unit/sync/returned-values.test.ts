import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sync } from '../../../src/project/sync-types.ts';
import { prune } from '../../../src/state/prune.ts';
import { planMending } from '../../../src/sync/audit-sync.ts';
import { dyingWarehouse } from '../../support/dying-warehouse.ts';
import { leadSync, openSyncWorld, type SyncWorld, scoreProperty, tierProperty } from '../../support/sync-world.ts';
import { adoptingSync, ann, bob, TroubledLeads } from '../../support/troubled-leads.ts';

let world: SyncWorld;
let trouble: TroubledLeads;
beforeEach(async () => {
  world = await openSyncWorld();
  trouble = new TroubledLeads(world);
  trouble.addProperties();
});
afterEach(() => world.dispose());

const adopting = adoptingSync();
const mirror = { mode: 'mirror', removed: 'clear' } as const;
const scoreOf = (email: string) => trouble.values(email)?.lead_score;

describe('a value of others that was adopted and is rolled back is theirs again', () => {
  beforeEach(async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
    await world.leads(ann, bob);
  });
  async function runAndRollBack(sync: Sync): Promise<void> {
    await world.run(sync);
    expect(scoreOf('ann@one.example')).toBe('50');
    await trouble.rollBack(sync);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12' });
  }

  test('where it is adopted no longer', async () => {
    await runAndRollBack(adopting);
    await world.run(leadSync());
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });

  test('where the row goes', async () => {
    const sync = adoptingSync(mirror);
    await runAndRollBack(sync);
    await world.leads(bob);
    await world.run(sync);
    expect(scoreOf('ann@one.example')).toBe('12');
  });

  test('where an audit mends', async () => {
    const sync = leadSync({ properties: [{ ...scoreProperty, adopt: true, nulls: 'clear' }, tierProperty] });
    await runAndRollBack(sync);
    expect(await planMending(await trouble.writerRequest(sync))).toMatchObject({
      audit: { drift: { lost: 0, changed: 0 } },
      plan: null,
    });
  });

  test('where two runs are rolled back', async () => {
    await world.run(adopting);
    const first = await trouble.lastRun();
    await world.leads(['1', 'ann@one.example', 60, 'warm'], bob);
    await world.run(adopting);
    await trouble.rollBack(adopting);
    await trouble.rollBack(adopting, first);
    await world.run(leadSync());
    expect(scoreOf('ann@one.example')).toBe('12');
  });

  test('where the rollback is rolled back, and that as well', async () => {
    await runAndRollBack(adopting);
    await trouble.rollBack(adopting);
    expect(scoreOf('ann@one.example')).toBe('50');
    await trouble.rollBack(adopting);
    await world.run(leadSync());
    expect(scoreOf('ann@one.example')).toBe('12');
  });

  test.each([
    ['and the next run adopts no longer', leadSync(), [ann, bob]],
    ['and the row goes', adoptingSync(mirror), [bob]],
  ])('where the rollback dies unheard, %s', async (_, next, rows) => {
    const sync = adoptingSync(next.mode === 'mirror' ? mirror : {});
    await world.run(sync);
    const { plan } = await trouble.planRollback(await trouble.lastRun(), sync);
    if (plan === null) throw new Error('no plan');
    const warehouse = dyingWarehouse(world.warehouse);
    await expect(world.apply(plan, { warehouse })).rejects.toThrow('killed');
    await world.leads(...rows);
    await world.run(next);
    await world.run(next);
    expect(scoreOf('ann@one.example')).toBe('12');
  });
});

test('a value adopted on the record that others merged the row into, and rolled back, is theirs again', async () => {
  const loser = world.hubspot.seed('contacts', { email: 'ann@one.example' });
  const winner = world.hubspot.seed('contacts', { email: 'ann@private.example', lead_score: '99' });
  await world.leads(ann);
  await world.run(adopting);
  world.hubspot.merge(winner, loser);
  await world.leads(['1', 'ann@one.example', 51, 'warm']);
  expect(await world.run(adopting)).toMatchObject({ updated: 1 });
  expect(scoreOf('ann@private.example')).toBe('51');
  await trouble.rollBack(adopting);
  await world.run(leadSync());
  expect(scoreOf('ann@private.example')).toBe('99');
});

describe('a value of others that a plan was to adopt and did not reach stays theirs', () => {
  beforeEach(async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
    world.hubspot.seed('contacts', { email: 'bob@two.example', lead_score: '13' });
    await world.leads(ann, bob);
  });

  test('where the quota was spent', async () => {
    world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
    expect(await world.run(adopting)).toMatchObject({ deferred: 2 });
    world.hubspot.spentUntil = null;
    await world.run(leadSync());
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });

  test('where a limit let a part of the rows through, and the row goes', async () => {
    expect(await world.run(adoptingSync(mirror), { maxRows: 1 })).toMatchObject({ deferred: 1 });
    await world.leads(ann, ['2', 'bob@two.example', null, 'warm']);
    await world.run(leadSync(mirror));
    await world.leads(ann);
    await world.run(leadSync(mirror));
    expect(world.hubspot.values('contacts')).toEqual({
      'ann@one.example': { lead_score: '50', lead_tier: 'warm' },
      'bob@two.example': { lead_score: '13' },
    });
  });
});

describe('a rollback of an adopted value that did not reach HubSpot, and the row goes', () => {
  const sync = adoptingSync(mirror);
  beforeEach(async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
    await world.leads(ann, bob);
    await world.run(sync);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50', lead_tier: 'warm' });
  });
  const leaveAndRun = async () => {
    await world.leads(bob);
    await world.run(sync);
    await world.run(sync);
    expect(trouble.values('ann@one.example')).toEqual({});
  };
  test('control: without the rollback', leaveAndRun);
  test('spent quota', async () => {
    world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
    await trouble.rollBack(sync);
    world.hubspot.spentUntil = null;
    await leaveAndRun();
  });
  test('killed before the first call', async () => {
    const { plan } = await trouble.planRollback(await trouble.lastRun(), sync);
    if (plan === null) throw new Error('no plan');
    world.hubspot.beforeWrite = () => {
      throw new Error('killed');
    };
    await expect(world.apply(plan)).rejects.toThrow('killed');
    world.hubspot.beforeWrite = () => {};
    await leaveAndRun();
  });
  test('refused by HubSpot', async () => {
    world.hubspot.refuse = () => ({ category: 'VALIDATION_ERROR', message: 'no' });
    await trouble.rollBack(sync);
    world.hubspot.refuse = () => null;
    await leaveAndRun();
  });
});

describe('a rollback of a run whose plan was pruned while its ledger is kept', () => {
  const sync = adoptingSync(mirror);
  beforeEach(async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
    await world.leads(ann, bob);
    await world.run(sync);
    const first = await trouble.lastRun();
    await world.leads(ann, ['2', 'bob@two.example', 13, 'warm']);
    await world.run(sync);
    const days = { ledgerDays: 90, plansDays: 30, rejectionsDays: 90, runsDays: 365 };
    expect(await prune(world.state, days, '2026-03-15T00:00:00Z')).toMatchObject({ ledger: 0, plans: 0 });
    await trouble.rollBack(sync, first);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12' });
  });
  test('adopted no longer', async () => {
    await world.run(leadSync(mirror));
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });
  test('the row goes', async () => {
    await world.leads(bob);
    await world.run(sync);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12' });
  });
});

test('a rollback of adopted values in which the row is deferred, then the property is excluded', async () => {
  const sync = adoptingSync({ ...mirror, exclude: { when: "lead_id = '1' and score > 55", properties: 'clear' } });
  world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
  await world.leads(ann, bob);
  await world.run(sync);
  world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
  await trouble.rollBack(sync);
  world.hubspot.spentUntil = null;
  await world.leads(['1', 'ann@one.example', 60, 'warm'], bob);
  await world.run(sync);
  await world.run(sync);
  expect(trouble.values('ann@one.example')).toEqual({});
});
