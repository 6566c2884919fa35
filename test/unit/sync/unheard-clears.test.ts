import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planMending } from '../../../src/sync/audit-sync.ts';
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
