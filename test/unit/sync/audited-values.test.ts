import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sync } from '../../../src/project/sync-types.ts';
import { auditSync, planMending } from '../../../src/sync/audit-sync.ts';
import {
  leadSync,
  openSyncWorld,
  property,
  type SyncWorld,
  scoreProperty,
  tierProperty,
} from '../../support/sync-world.ts';
import { ann, bob, TroubledLeads } from '../../support/troubled-leads.ts';

let world: SyncWorld;
let trouble: TroubledLeads;
beforeEach(async () => {
  world = await openSyncWorld();
  trouble = new TroubledLeads(world);
  trouble.addProperties();
});
afterEach(() => world.dispose());

const mirror = { mode: 'mirror', removed: 'clear' } as const;

const mend = async (sync: Sync) => planMending(await trouble.writerRequest(sync));
const clearing = { ...scoreProperty, nulls: 'clear', adopt: true } as const;

test('a value of others that an audit was to empty and did not reach stays theirs when adopt goes', async () => {
  const sync = leadSync({ properties: [clearing, tierProperty] });
  await world.leads(['1', 'ann@one.example', null, 'warm']);
  await world.run(sync);
  await trouble.edit('ann@one.example', { lead_score: '12' });
  const { plan } = await mend(sync);
  if (plan === null) throw new Error('no plan');
  world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
  expect(await world.apply(plan)).toMatchObject({ deferred: 1 });
  world.hubspot.spentUntil = null;
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  await world.run(leadSync());
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
});

test('control: without the audit', async () => {
  const sync = leadSync({ properties: [clearing, tierProperty] });
  await world.leads(['1', 'ann@one.example', null, 'warm']);
  await world.run(sync);
  await trouble.edit('ann@one.example', { lead_score: '12' });
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  await world.run(leadSync());
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
});

describe('an audit before a run has seen adopt and nulls: clear', () => {
  const sync = leadSync({ properties: [clearing, tierProperty] });
  test('property new to the sync', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
    await world.leads(ann);
    await world.run(leadSync({ properties: [tierProperty] }));
    const { audit, plan } = await mend(sync);
    expect.soft(audit.drift).toEqual({ changed: 0, lost: 0, merged: 0, deleted: 0 });
    if (plan !== null) await world.apply(plan);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });
  test('adopt turned on', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
    await world.leads(ann);
    await world.run(leadSync());
    const { audit, plan } = await mend(sync);
    expect.soft(audit.drift).toEqual({ changed: 0, lost: 0, merged: 0, deleted: 0 });
    if (plan !== null) await world.apply(plan);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });
});

test('audit of a value of others that only goes along, adopt and nulls: clear', async () => {
  world.hubspot.addProperty('contacts', { name: 'lead_note', type: 'string' });
  world.hubspot.seed('contacts', {
    email: 'ann@one.example',
    lead_score: '50',
    lead_tier: 'warm',
    lead_note: 'theirs',
  });
  const note = property('lead_note', { column: 'note', withChangesOnly: true, adopt: true, nulls: 'clear' });
  const sync = leadSync({ properties: [scoreProperty, tierProperty, note] });
  await world.score(
    `select '1' as lead_id, 'ann@one.example' as email, cast(50 as decimal(18,2)) as score, 'warm' as tier, 'ours' as note`,
  );
  expect(await world.run(sync)).toMatchObject({ suppressed: 1 });
  expect(trouble.values('ann@one.example')?.lead_note).toBe('theirs');
  const { audit, plan } = await planMending(await trouble.writerRequest(sync));
  expect.soft(audit.drift).toMatchObject({ changed: 0 });
  if (plan !== null) await world.apply(plan);
  expect(trouble.values('ann@one.example')?.lead_note).toBe('theirs');
});

test('an audit tells that a property is gone', async () => {
  await world.leads(ann);
  await world.run(leadSync());
  await trouble.purge('lead_score');
  expect(await auditSync(await trouble.writerRequest(leadSync()))).toMatchObject({ drift: { lost: 1 } });
});

test('a value of others that an audit emptied and a rollback put back is theirs when the row goes', async () => {
  const sync = leadSync({ ...mirror, properties: [clearing, tierProperty] });
  await world.leads(['1', 'ann@one.example', null, 'warm'], bob);
  await world.run(sync);
  await trouble.edit('ann@one.example', { lead_score: '12' });
  const { plan } = await mend(sync);
  if (plan === null) throw new Error('no plan');
  await world.apply(plan);
  expect(trouble.values('ann@one.example')).toEqual({ lead_tier: 'warm' });
  await trouble.rollBack(sync);
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  await world.leads(bob);
  await world.run(sync);
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '12' });
});

test('within the dead band, a value of others that is to be adopted one day is no drift', async () => {
  world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '48' });
  await world.leads(ann);
  await world.run(leadSync({ properties: [{ ...scoreProperty, minChange: 5 }, tierProperty] }));
  const sync = leadSync({ properties: [{ ...clearing, minChange: 5 }, tierProperty] });
  expect(await world.run(sync)).toMatchObject({ updated: 0 });
  const { audit, plan } = await mend(sync);
  expect(audit.drift).toMatchObject({ changed: 0 });
  expect(plan).toBeNull();
});

test.each([
  ['a quiet run', []],
  ['one that wrote', [bob]],
])('what is written where %s had emptied values of others is drift', async (_, more) => {
  const sync = leadSync({ properties: [clearing, tierProperty] });
  const annEmpty = ['1', 'ann@one.example', null, 'warm'] as const;
  await world.leads(annEmpty);
  await world.run(leadSync());
  await world.leads(annEmpty, ...more);
  await world.run(sync);
  await trouble.edit('ann@one.example', { lead_score: '12' });
  expect((await mend(sync)).audit.drift).toMatchObject({ changed: 1 });
  await world.leads(annEmpty, bob, ['3', 'cy@three.example', 1, 'cold']);
  await world.run(sync);
  expect((await mend(sync)).audit.drift).toMatchObject({ changed: 1 });
});

test('a value of ours that was mended, and that a rollback changed again, is still ours', async () => {
  await world.leads(ann);
  await world.run(leadSync());
  await trouble.edit('ann@one.example', { lead_score: '77' });
  const { plan } = await mend(leadSync());
  if (plan === null) throw new Error('no plan');
  await world.apply(plan);
  await trouble.rollBack(leadSync());
  expect(trouble.values('ann@one.example')).toMatchObject({ lead_score: '77' });
  await world.leads(['1', 'ann@one.example', 60, 'warm']);
  await world.run(leadSync());
  expect(trouble.values('ann@one.example')).toMatchObject({ lead_score: '60' });
});
