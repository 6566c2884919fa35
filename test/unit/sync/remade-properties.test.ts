import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stateTable } from '../../../src/state/state.ts';
import {
  leadSync,
  openSyncWorld,
  property,
  type SyncWorld,
  scoredAtProperty,
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

const sync = leadSync();

describe('a property that was deleted in HubSpot is made again and filled', () => {
  test('at once', async () => {
    await world.leads(ann, bob);
    await world.run(sync);
    await trouble.purge('lead_score');
    expect(await world.run(sync)).toMatchObject({ updated: 2 });
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50', lead_tier: 'warm' });
    expect(await world.run(sync)).toMatchObject({ planned: 0 });
  });

  test('by the next run, where a limit let a part of the rows through', async () => {
    await world.leads(ann, bob);
    await world.run(sync);
    await trouble.purge('lead_score');
    expect(await world.run(sync, { maxRows: 1 })).toMatchObject({ deferred: 1 });
    expect(await world.run(sync)).toMatchObject({ updated: 1 });
    expect(world.hubspot.values('contacts')).toMatchObject({
      'ann@one.example': { lead_score: '50', lead_tier: 'warm' },
      'bob@two.example': { lead_score: '12', lead_tier: 'warm' },
    });
  });

  test('with the next change, where it goes along with changes alone', async () => {
    const withNote = leadSync({
      properties: [scoreProperty, tierProperty, property('note', { withChangesOnly: true })],
    });
    const score = (points: number) =>
      world.score(`select '1' as lead_id, 'ann@one.example' as email, cast(${points} as decimal(18, 2)) as score,
  'warm' as tier, 'why' as note`);
    await score(50);
    await world.run(withNote);
    await trouble.purge('note');
    await world.run(withNote);
    await score(51);
    await world.run(withNote);
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '51', lead_tier: 'warm', note: 'why' });
  });

  test('without a write of rows within the dead band', async () => {
    const banded = leadSync({
      properties: [{ ...scoreProperty, minChange: 5 }, tierProperty, property('note', { withChangesOnly: true })],
    });
    const score = (points: number) =>
      world.score(`select '1' as lead_id, 'ann@one.example' as email, cast(${points} as decimal(18, 2)) as score,
  'warm' as tier, 'why' as note`);
    await score(50);
    await world.run(banded);
    await score(52);
    expect(await world.run(banded)).toMatchObject({ planned: 0 });
    await trouble.purge('note');
    for (const _ of [1, 2]) expect(await world.run(banded)).toMatchObject({ planned: 0 });
  });

  test('and a property that is new leaves the dead band as it was', async () => {
    const note = property('note', { withChangesOnly: true });
    const score = (points: number) =>
      world.score(`select '1' as lead_id, 'ann@one.example' as email, cast(${points} as decimal(18, 2)) as score,
  'warm' as tier, 'why' as note`);
    const banded = [{ ...scoreProperty, minChange: 5 }, tierProperty];
    await score(50);
    await world.run(leadSync({ properties: banded }));
    await score(53);
    const withNote = leadSync({ properties: [...banded, note] });
    expect(await world.run(withNote)).toMatchObject({ suppressed: 1, unchanged: 0 });
    expect(await world.run(withNote)).toMatchObject({ planned: 0, unchanged: 1 });
    expect(await world.run(leadSync({ properties: [scoreProperty, tierProperty, note] }))).toMatchObject({
      updated: 1,
    });
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '53', lead_tier: 'warm', note: 'why' });
  });

  test('of a row that was excluded meanwhile, when it is back', async () => {
    const excluding = leadSync({ exclude: { when: "lead_id = '2' and score < 10", properties: 'keep' } });
    await world.leads(ann, bob);
    await world.run(excluding);
    await world.leads(ann, ['2', 'bob@two.example', 5, 'warm']);
    await trouble.purge('lead_score');
    await world.run(excluding);
    await world.leads(ann, bob);
    await world.run(excluding);
    expect(trouble.values('bob@two.example')).toEqual({ lead_score: '12', lead_tier: 'warm' });
  });
});

test('where the sync has another shape, a row whose companions alone differ is looked up once, not in every run', async () => {
  world.hubspot.addProperty('contacts', { name: 'lead_score', type: 'number' });
  world.hubspot.seed('contacts', { email: 'ann@one.example', lead_score: '99' });
  const scoredAt = leadSync({ properties: [scoreProperty, tierProperty, scoredAtProperty] });
  const day = (number: number) =>
    world.score(`select '1' as lead_id, 'ann@one.example' as email, cast(50 as decimal(18, 2)) as score, 'warm' as tier,
  timestamp '2026-01-0${number} 00:00:00' as as_of`);
  await day(1);
  await world.run(scoredAt);
  const { warehouse, state } = world;
  const reshape = warehouse.dialect.compile(
    sql`update ${stateTable(state, 'snapshot')} set values_hash = 'of another shape'`,
  );
  await warehouse.script([reshape], { purpose: 'take the snapshot for one of another shape' });
  const lookUps: number[] = [];
  for (const number of [2, 3, 4]) {
    await day(number);
    const before = world.hubspot.resolved.length;
    expect(await world.run(scoredAt)).toMatchObject({ planned: 0 });
    lookUps.push(world.hubspot.resolved.length - before);
  }
  expect(lookUps).toEqual([1, 0, 0]);
});
