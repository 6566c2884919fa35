import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sync } from '../../../src/project/sync-types.ts';
import {
  leadSync,
  openSyncWorld,
  property,
  type SyncWorld,
  scoreProperty,
  tierProperty,
} from '../../support/sync-world.ts';
import { ann, TroubledLeads } from '../../support/troubled-leads.ts';

let world: SyncWorld;
let trouble: TroubledLeads;
beforeEach(async () => {
  world = await openSyncWorld();
  trouble = new TroubledLeads(world);
  trouble.addProperties();
});
afterEach(() => world.dispose());

const lookedUp = async (sync: Sync) => {
  const before = world.hubspot.resolved.length;
  await world.run(sync);
  return world.hubspot.resolved.length - before;
};

describe('a row within the dead band is not looked up in every run', () => {
  const band = { ...scoreProperty, minChange: 5 };
  test('with a value of others beside it', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example', lead_tier: 'hot' });
    const sync = leadSync({ properties: [band, tierProperty] });
    await world.leads(ann);
    await world.run(sync);
    await world.leads(['1', 'ann@one.example', 52, 'warm']);
    const counts = [await lookedUp(sync), await lookedUp(sync), await lookedUp(sync), await lookedUp(sync)];
    expect(counts.slice(1)).toEqual([0, 0, 0]);
  });
  test('with an empty value that nulls clear and adopt', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example' });
    const sync = leadSync({ properties: [band, { ...tierProperty, nulls: 'clear', adopt: true }] });
    await world.leads(['1', 'ann@one.example', 50]);
    await world.run(sync);
    await world.leads(['1', 'ann@one.example', 52]);
    const counts = [await lookedUp(sync), await lookedUp(sync), await lookedUp(sync), await lookedUp(sync)];
    expect(counts.slice(1)).toEqual([0, 0, 0]);
  });
  test('control: with a value of ours beside it', async () => {
    const sync = leadSync({ properties: [band, tierProperty] });
    await world.leads(ann);
    await world.run(sync);
    await world.leads(['1', 'ann@one.example', 52, 'warm']);
    expect([await lookedUp(sync), await lookedUp(sync)]).toEqual([0, 0]);
  });
});

describe('a refused row in its pause is not looked up in every run', () => {
  test('whose lifecycle stage was kept', async () => {
    await world.leads(ann);
    await world.run(leadSync());
    await world.leads(['1', 'ann@one.example', 60, 'warm']);
    world.hubspot.refuse = () => ({ category: 'LIFECYCLE_STAGE_KEPT', message: 'kept' });
    expect(await world.run(leadSync())).toMatchObject({ rejected: 1 });
    const counts = [await lookedUp(leadSync()), await lookedUp(leadSync()), await lookedUp(leadSync())];
    expect(counts.slice(1)).toEqual([0, 0]);
  });
  test('whose record was not made', async () => {
    await world.leads(ann);
    world.hubspot.refuse = () => ({ category: 'VALIDATION_ERROR', message: 'no' });
    expect(await world.run(leadSync())).toMatchObject({ rejected: 1 });
    const counts = [await lookedUp(leadSync()), await lookedUp(leadSync()), await lookedUp(leadSync())];
    expect(counts.slice(1)).toEqual([0, 0]);
  });
  test('whose first update was refused', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example' });
    await world.leads(ann);
    world.hubspot.refuse = () => ({ category: 'VALIDATION_ERROR', message: 'no' });
    expect(await world.run(leadSync())).toMatchObject({ rejected: 1 });
    const counts = [await lookedUp(leadSync()), await lookedUp(leadSync()), await lookedUp(leadSync())];
    expect(counts.slice(1)).toEqual([0, 0]);
  });
});

test('a property made again within the dead band, which then goes', async () => {
  const note = property('lead_note', { column: 'note', withChangesOnly: true });
  const band = leadSync({ properties: [{ ...scoreProperty, minChange: 5 }, tierProperty, note] });
  const free = leadSync({ properties: [scoreProperty, tierProperty, note] });
  const score = (n: number) =>
    world.score(
      `select '1' as lead_id, 'ann@one.example' as email, cast(${n} as decimal(18,2)) as score, 'warm' as tier, 'x' as note`,
    );
  await score(50);
  await world.run(band);
  await trouble.purge('lead_note');
  await score(53);
  expect(await world.run(band)).toMatchObject({ suppressed: 1 });
  await world.run(free);
  await world.run(free);
  expect(trouble.values('ann@one.example')?.lead_score).toBe('53');
});

test.each(['theirs', ''])(
  'the dead band opens as the tier moves, also of a row that was read within it: %s',
  async (held) => {
    const address = property('lead_address', { column: 'email' });
    const sync = leadSync({ properties: [{ ...scoreProperty, minChange: 5 }, address] });
    world.hubspot.addProperty('contacts', { name: 'lead_address' });
    world.hubspot.seed('contacts', { email: 'ann@one.example', ...(held !== '' && { lead_address: held }) });
    await world.leads(ann);
    await world.run(sync);
    await world.leads(['1', 'ann@one.example', 52, 'warm']);
    expect(await world.run(sync)).toMatchObject({ suppressed: 1 });
    await world.leads(['1', 'ann@one.example', 52, 'hot']);
    await world.run(sync);
    expect(trouble.values('ann@one.example')).toMatchObject({ lead_score: '52' });
  },
);
