import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
});
afterEach(() => world.dispose());

describe('adopt with nulls: clear', () => {
  const clearing = { ...scoreProperty, nulls: 'clear', adopt: true } as const;
  beforeEach(() => trouble.addProperties());
  test('control: a record met for the first time is emptied', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
    await world.leads(['1', 'ann@one.example', null, 'warm']);
    await world.run(leadSync({ properties: [clearing, tierProperty] }));
    expect(trouble.values('ann@one.example')).toEqual({ lead_tier: 'warm' });
  });
  test('adopt turned on for a known row', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
    await world.leads(['1', 'ann@one.example', null, 'warm']);
    await world.run(leadSync({ properties: [{ ...clearing, adopt: false }, tierProperty] }));
    await world.run(leadSync({ properties: [clearing, tierProperty] }));
    expect(trouble.values('ann@one.example')).toEqual({ lead_tier: 'warm' });
  });
  test('property added to a known row', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
    await world.leads(['1', 'ann@one.example', null, 'warm']);
    await world.run(leadSync({ properties: [tierProperty] }));
    await world.run(leadSync({ properties: [clearing, tierProperty] }));
    expect(trouble.values('ann@one.example')).toEqual({ lead_tier: 'warm' });
  });
  test('nulls: skip and adopt, then nulls: clear', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '12' });
    await world.leads(['1', 'ann@one.example', null, 'warm']);
    await world.run(leadSync({ properties: [{ ...clearing, nulls: 'skip' }, tierProperty] }));
    await world.run(leadSync({ properties: [clearing, tierProperty] }));
    expect(trouble.values('ann@one.example')).toEqual({ lead_tier: 'warm' });
  });
});

describe('merged records', () => {
  beforeEach(() => trouble.addProperties());
  test('the winner keeps what a person wrote there (no adopt)', async () => {
    const loser = world.hubspot.seed('contacts', { email: 'ann@one.example' });
    const winner = world.hubspot.seed('contacts', { email: 'ann@private.example', lead_score: '99' });
    await world.leads(ann);
    await world.run(leadSync());
    world.hubspot.merge(winner, loser);
    await world.leads(['1', 'ann@one.example', 51, 'warm']);
    await world.apply(await world.plan(leadSync()));
    expect(trouble.values('ann@private.example')).toMatchObject({ lead_score: '99' });
  });
  test('the winner keeps what is not empty (if_empty)', async () => {
    const sync = leadSync({ properties: [scoreProperty, { ...tierProperty, write: 'if_empty' }] });
    const loser = world.hubspot.seed('contacts', { email: 'ann@one.example' });
    const winner = world.hubspot.seed('contacts', { email: 'ann@private.example', lead_tier: 'hot' });
    await world.leads(ann);
    await world.run(sync);
    world.hubspot.merge(winner, loser);
    await world.leads(['1', 'ann@one.example', 51, 'warm']);
    expect(await world.run(sync)).toMatchObject({ rejected: 1 });
    expect(await world.run(sync)).toMatchObject({ updated: 1 });
    expect(trouble.values('ann@private.example')).toMatchObject({ lead_score: '51', lead_tier: 'hot' });
  });
  test('a value of others that would not be written over anyway does not hold the row up', async () => {
    const loser = world.hubspot.seed('contacts', { email: 'ann@one.example' });
    const winner = world.hubspot.seed('contacts', { email: 'ann@private.example', lead_tier: 'hot' });
    await world.leads(['1', 'ann@one.example', 50]);
    await world.run(leadSync());
    world.hubspot.merge(winner, loser);
    await world.leads(['1', 'ann@one.example', 51]);
    expect(await world.run(leadSync())).toMatchObject({ updated: 1, rejected: 0 });
    expect(trouble.values('ann@private.example')).toMatchObject({ lead_score: '51', lead_tier: 'hot' });
  });
});

test('what was sent unheard is ours, also when another plan broke off behind it', async () => {
  trouble.addProperties();
  world.hubspot.seed('contacts', { email: 'ann@one.example' });
  await world.leads(['1', 'ann@one.example', 5, 'cold']);
  await trouble.dieUnheard(leadSync());
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '5', lead_tier: 'cold' });
  await world.leads(['1', 'ann@one.example', 5, 'hot']);
  world.hubspot.spentUntil = new Date('2026-02-01T00:00:00Z');
  expect(await world.run(leadSync())).toMatchObject({ planned: 1, deferred: 1 });
  world.hubspot.spentUntil = null;
  await world.leads(['1', 'ann@one.example', 6, 'hot']);
  await world.apply(await world.plan(leadSync()));
  await world.run(leadSync());
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '6', lead_tier: 'hot' });
});

test('a property that left the sync and came back is still ours', async () => {
  await world.leads(ann);
  await world.run(leadSync());
  await world.leads(['1', 'ann@one.example', 60, 'warm']);
  await world.run(leadSync({ properties: [scoreProperty] }));
  await world.leads(['1', 'ann@one.example', 60, 'hot']);
  await world.apply(await world.plan(leadSync()));
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '60', lead_tier: 'hot' });
});

test('a text that HubSpot trims is ours after a write that nobody heard of', async () => {
  const sync = leadSync({ properties: [property('note', { column: 'note' })] });
  const { write } = world.hubspot.records;
  world.hubspot.records.write = (request, signal) =>
    write(
      {
        ...request,
        records: request.records.map((each) => ({
          ...each,
          properties: Object.fromEntries(Object.entries(each.properties).map(([name, value]) => [name, value.trim()])),
        })),
      } as typeof request,
      signal,
    );
  const note = (text: string) => world.score(`select '1' as lead_id, 'ann@one.example' as email, '${text}' as note`);
  await note('abc ');
  await trouble.dieUnheard(sync);
  await note('xyz');
  await world.apply(await world.plan(sync));
  expect(trouble.values('ann@one.example')).toEqual({ note: 'xyz' });
});

test('a record that was deleted and restored in HubSpot holds our own values', async () => {
  await world.leads(ann);
  await world.run(leadSync());
  const { write, resolve } = world.hubspot.records;
  world.hubspot.records.write = async ({ records }) =>
    records.map(() => ({ kind: 'vanished' as const, rejection: { category: 'OBJECT_NOT_FOUND', message: 'gone' } }));
  world.hubspot.records.resolve = async () => new Map();
  await world.leads(['1', 'ann@one.example', 51, 'warm']);
  expect(await world.run(leadSync())).toMatchObject({ planned: 1, rejected: 1 });
  Object.assign(world.hubspot.records, { write, resolve });
  await world.leads(['1', 'ann@one.example', 52, 'hot']);
  await world.apply(await world.plan(leadSync()));
  await world.run(leadSync());
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '52', lead_tier: 'hot' });
});

test('two syncs of one object: what the one learns of a merge the other does not lose', async () => {
  const a = leadSync({ mode: 'mirror', properties: [scoreProperty] });
  const b = leadSync({ mode: 'mirror', name: 'tiers', properties: [tierProperty] });
  const loser = world.hubspot.seed('contacts', { email: 'ann@one.example' });
  const winner = world.hubspot.seed('contacts', { email: 'ann@private.example' });
  await world.leads(ann, bob);
  await world.run(a);
  await world.run(b);
  world.hubspot.merge(winner, loser);
  await world.leads(['1', 'ann@one.example', 60, 'warm'], bob);
  await world.run(a);
  await world.run(b);
  await world.run(a);
  await world.run(b);
  expect(trouble.values('ann@private.example')).toMatchObject({ lead_score: '60', lead_tier: 'warm' });
});

describe('a property that left a sync comes back where the model has a null by now', () => {
  beforeEach(async () => {
    await world.leads(ann, bob);
    await world.run(leadSync({ mode: 'mirror' }));
    await world.leads(['1', 'ann@one.example', 50, 'hot'], bob);
    await world.run(leadSync({ mode: 'mirror', properties: [tierProperty] }));
    await world.leads(['1', 'ann@one.example', null, 'hot'], bob);
  });

  test('nulls: clear empties it', async () => {
    const sync = leadSync({ mode: 'mirror', properties: [{ ...scoreProperty, nulls: 'clear' }, tierProperty] });
    await world.run(sync);
    await world.run(sync);
    expect(trouble.values('ann@one.example')).toEqual({ lead_tier: 'hot' });
  });
  test('it is emptied when the row goes', async () => {
    await world.run(leadSync({ mode: 'mirror' }));
    await world.leads(bob);
    await world.run(leadSync({ mode: 'mirror' }));
    await world.run(leadSync({ mode: 'mirror' }));
    expect(trouble.values('ann@one.example')).toEqual({});
  });
});
