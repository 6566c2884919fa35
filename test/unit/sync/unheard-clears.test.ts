import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planMending } from '../../../src/sync/audit-sync.ts';
import { dyingWarehouse } from '../../support/dying-warehouse.ts';
import { leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';
import { ann, bob, TroubledLeads } from '../../support/troubled-leads.ts';

let world: SyncWorld;
let trouble: TroubledLeads;
beforeEach(async () => {
  world = await openSyncWorld();
  trouble = new TroubledLeads(world);
});
afterEach(() => world.dispose());

const mirror = leadSync({ mode: 'mirror' });

describe('audit --fix', () => {
  test('leaves the writes that nobody heard of to be found', async () => {
    await world.leads(ann);
    await world.run(mirror);
    await world.leads(ann, bob);
    await trouble.dieUnheard(mirror);
    await trouble.edit('ann@one.example', { lead_score: '1' });
    const { plan } = await planMending(await trouble.writerRequest(mirror));
    if (plan === null) throw new Error('no plan');
    await world.apply(plan);
    await world.leads(ann);
    await world.run(mirror);
    await world.run(mirror);
    expect(trouble.values('bob@two.example')).toEqual({});
  });
});

describe('a record that was written unheard and may not be emptied at first', () => {
  test('is emptied later', async () => {
    await world.leads(ann, bob);
    await trouble.dieUnheard(mirror);
    await world.leads(ann);
    world.hubspot.refuse = ({ lead_score }) => (lead_score === '' ? { category: 'TEST', message: 'no' } : null);
    await world.run(mirror);
    world.hubspot.refuse = () => null;
    world.passHours(100);
    await world.run(mirror);
    await world.run(mirror);
    expect(trouble.values('bob@two.example')).toEqual({});
  });
  test('control: one that was heard of', async () => {
    await world.leads(ann, bob);
    await world.run(mirror);
    await world.leads(ann);
    world.hubspot.refuse = ({ lead_score }) => (lead_score === '' ? { category: 'TEST', message: 'no' } : null);
    await world.run(mirror);
    world.hubspot.refuse = () => null;
    world.passHours(100);
    await world.run(mirror);
    expect(trouble.values('bob@two.example')).toEqual({});
  });
});

test('another match property: what was sent unheard is not looked up as a value of that', async () => {
  const id = world.hubspot.seed('contacts', { email: 'ann@one.example' });
  await world.leads(ann);
  await trouble.dieUnheard(mirror);
  await world.score(`select '1' as lead_id, '${id}' as record_id, 'ann@one.example' as email, cast(50 as decimal(18, 2)) as score,
  'warm' as tier`);
  world.hubspot.resolved.length = 0;
  await world.run(leadSync({ mode: 'mirror', match: { property: 'hs_object_id', column: 'record_id' } }));
  expect(world.hubspot.resolved).toEqual([id]);
});

describe('killed while a merged row is written to its new record', () => {
  const sync = leadSync(mirror);
  let killed = '';
  beforeEach(async () => {
    const loser = world.hubspot.seed('contacts', { email: 'ann@one.example' });
    const winner = world.hubspot.seed('contacts', { email: 'ann@private.example' });
    await world.leads(ann, bob);
    await world.run(sync);
    world.hubspot.merge(winner, loser);
    await world.leads(['1', 'ann@one.example', 51, 'warm'], bob);
    let appends = 0;
    const inner = dyingWarehouse(world.warehouse);
    const warehouse = {
      ...inner,
      append: ((table, columns, rows, options) => {
        if (table.name === 'ledger' && ++appends === 1) return world.warehouse.append(table, columns, rows, options);
        return inner.append(table, columns, rows, options);
      }) as typeof inner.append,
    };
    await expect(world.run(sync, { warehouse })).rejects.toThrow('killed');
    killed = await trouble.lastRun();
    expect(trouble.values('ann@private.example')).toMatchObject({ lead_score: '51', lead_tier: 'warm' });
  });
  test('the row goes: it is emptied', async () => {
    await world.leads(bob);
    await world.run(sync);
    await world.run(sync);
    const { hs_additional_emails: _, ...rest } = trouble.values('ann@private.example') ?? {};
    expect(rest).toEqual({});
  });
  test('rolled back: it is listed, since nobody knows what the record held before', async () => {
    await world.run(sync);
    expect(await trouble.rollBack(sync, killed)).toMatchObject({
      written: 1,
      restored: 0,
      kept: { unknown_before: 1 },
    });
  });
});
