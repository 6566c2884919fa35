import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  leadSync,
  openSyncWorld,
  property,
  type SyncWorld,
  scoreProperty,
  tierProperty,
} from '../../support/sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
  world.hubspot.addProperty('contacts', { name: 'lead_score', type: 'number' });
  world.hubspot.addProperty('contacts', {
    name: 'lead_tier',
    type: 'enumeration',
    options: ['hot', 'warm', 'cold'].map((value) => ({ value, label: value })),
  });
});
afterEach(() => world.dispose());

const ann = { email: 'ann@one.example' };
const adopting = leadSync({ properties: [{ ...scoreProperty, adopt: true }, tierProperty] });

/** Properties of record writes since the last call. */
function seen() {
  const sent: Readonly<Record<string, string>>[] = [];
  world.hubspot.refuse = (properties) => {
    sent.push(properties);
    return null;
  };
  return sent;
}

test('equal values are not sent, whatever their spelling, and count as ours from then on', async () => {
  world.hubspot.seed('contacts', { ...ann, lead_score: '50.00', lead_tier: 'warm' });
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  const sent = seen();
  expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: 1, updated: 0 });
  expect(sent).toEqual([]);
  world.hubspot.resolved.length = 0;
  expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: 1 });
  expect(world.hubspot.resolved).toEqual([]);
  await world.leads(['1', 'ann@one.example', 60, 'warm']);
  expect(await world.run(leadSync())).toMatchObject({ updated: 1 });
  expect(sent).toEqual([{ lead_score: '60' }]);
});

test('values of others are left alone and counted, and the rest of the row is written', async () => {
  world.hubspot.seed('contacts', { ...ann, lead_score: '12' });
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  const sent = seen();
  const plan = await world.plan(leadSync());
  expect(plan.foreign).toEqual([{ property: 'lead_score', kept: 1, adopted: 0 }]);
  expect(await world.apply(plan)).toMatchObject({ planned: 1, updated: 1 });
  expect(sent).toEqual([{ lead_tier: 'warm' }]);
  expect(await world.run(leadSync())).toMatchObject({ planned: 0, unchanged: 1 });
  await world.leads(['1', 'ann@one.example', 55, 'hot']);
  const again = await world.plan(leadSync());
  expect(again.foreign).toEqual([{ property: 'lead_score', kept: 1, adopted: 0 }]);
  await world.apply(again);
  expect(sent.at(-1)).toEqual({ lead_tier: 'hot' });
});

test('a row of which all values are kept has nothing to send', async () => {
  world.hubspot.seed('contacts', { ...ann, lead_score: '12', lead_tier: 'hot' });
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  const plan = await world.plan(leadSync());
  expect(plan).toMatchObject({
    rows: { updates: 0, unchanged: 1 },
    foreign: [
      { property: 'lead_score', kept: 1, adopted: 0 },
      { property: 'lead_tier', kept: 1, adopted: 0 },
    ],
  });
  expect(await world.apply(plan)).toMatchObject({ planned: 0, unchanged: 1 });
  expect(world.hubspot.values('contacts')).toEqual({ 'ann@one.example': { lead_score: '12', lead_tier: 'hot' } });
});

test('a kept value is written once its owner has emptied it and the row changes', async () => {
  const id = world.hubspot.seed('contacts', { ...ann, lead_score: '12' });
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  await world.run(leadSync());
  world.hubspot.remove('contacts', id);
  world.hubspot.seed('contacts', ann);
  await world.leads(['1', 'ann@one.example', 51, 'hot']);
  await world.run(leadSync());
  expect(world.hubspot.values('contacts')).toEqual({ 'ann@one.example': { lead_score: '51', lead_tier: 'hot' } });
});

describe('adopt: true', () => {
  test('writes over values of others, counts them, and keeps them in the ledger as they were', async () => {
    world.hubspot.seed('contacts', { ...ann, lead_score: '12' });
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    const plan = await world.plan(adopting);
    expect(plan.foreign).toEqual([{ property: 'lead_score', kept: 0, adopted: 1 }]);
    expect(plan.sample[0]?.values).toEqual([
      { property: 'lead_score', from: '12', to: '50' },
      { property: 'lead_tier', from: null, to: 'warm' },
    ]);
    await world.apply(plan);
    expect((await world.table('ledger')).at(-1)).toMatchObject({
      old_values: '{"lead_score":"12","lead_tier":null}',
      new_values: '{"lead_score":"50","lead_tier":"warm"}',
    });
  });

  test('takes up values that were left alone before', async () => {
    world.hubspot.seed('contacts', { ...ann, lead_score: '12' });
    await world.leads(['1', 'ann@one.example', 50, 'warm']);
    await world.run(leadSync());
    expect(await world.run(adopting)).toMatchObject({ updated: 1 });
    expect(world.hubspot.values('contacts')).toEqual({ 'ann@one.example': { lead_score: '50', lead_tier: 'warm' } });
    expect(await world.run(adopting)).toMatchObject({ planned: 0, unchanged: 1 });
  });
});

test('write: if_empty fills what is empty and never changes it afterwards', async () => {
  const sync = leadSync({ properties: [{ ...scoreProperty, write: 'if_empty' }, tierProperty] });
  world.hubspot.seed('contacts', { ...ann, lead_score: '12' });
  world.hubspot.seed('contacts', { email: 'bob@two.example' });
  const rows = (score: number, tier: string) =>
    world.leads(['1', 'ann@one.example', score, tier], ['2', 'bob@two.example', score, tier]);
  await rows(50, 'warm');
  const plan = await world.plan(sync);
  expect(plan.foreign).toEqual([]);
  await world.apply(plan);
  await rows(70, 'hot');
  await world.run(sync);
  expect(world.hubspot.values('contacts')).toEqual({
    'ann@one.example': { lead_score: '12', lead_tier: 'hot' },
    'bob@two.example': { lead_score: '50', lead_tier: 'hot' },
  });
});

test('a null that clears empties no value of others', async () => {
  world.hubspot.seed('contacts', { ...ann, lead_score: '12' });
  const sync = leadSync({ properties: [{ ...scoreProperty, nulls: 'clear' }, tierProperty] });
  await world.leads(['1', 'ann@one.example', null, 'warm']);
  const plan = await world.plan(sync);
  expect(plan.foreign).toEqual([{ property: 'lead_score', kept: 1, adopted: 0 }]);
  await world.apply(plan);
  expect(world.hubspot.values('contacts')['ann@one.example']).toEqual({ lead_score: '12', lead_tier: 'warm' });
});

test('a property that is new to the sync is read before it is written', async () => {
  world.hubspot.seed('contacts', ann);
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  await world.run(leadSync({ properties: [scoreProperty] }));
  const [record] = world.hubspot.stored('contacts');
  world.hubspot.remove('contacts', record?.id ?? '');
  world.hubspot.seed('contacts', { ...record?.properties, lead_tier: 'cold' });
  const plan = await world.plan(leadSync());
  expect(plan.foreign).toEqual([{ property: 'lead_tier', kept: 1, adopted: 0 }]);
});

test('a known record is read by its id, with all mapped properties in the same call', async () => {
  const id = world.hubspot.seed('contacts', ann);
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  await world.plan(leadSync());
  await world.plan(leadSync({ properties: [scoreProperty, property('segment', { column: 'tier' })] }));
  expect(world.hubspot.resolved).toEqual(['ann@one.example', id]);
});

test('a value that is none of the options rejects its row while planning, options that only HubSpot has count too', async () => {
  world.hubspot.addProperty('contacts', {
    name: 'size',
    type: 'enumeration',
    fieldType: 'select',
    options: [{ value: 'huge', label: 'Huge' }],
  });
  const size = property('size', {
    column: 'tier',
    type: 'enumeration',
    field: 'select',
    options: [{ value: 'small', label: 'Small' }],
  });
  await world.leads(
    ['1', 'a@one.example', 1, 'small'],
    ['2', 'b@one.example', 1, 'huge'],
    ['3', 'c@one.example', 1, 'Small'],
  );
  const plan = await world.plan(leadSync({ properties: [size] }));
  expect(plan.rows).toMatchObject({ creates: 3, rejected: 1 });
  expect(plan.rejected).toEqual([
    { key: '3', category: 'INVALID_VALUE', message: 'The value of size is none of its options' },
  ]);
});

test('a match property that is not unique, or not there, and too many properties are found while planning', async () => {
  await world.leads(['1', 'ann@one.example', 50, 'warm']);
  world.hubspot.propertiesLeft = 1;
  world.hubspot.addProperty('contacts', { name: 'nickname' });
  const match = (name: string) => leadSync({ match: { property: name, column: 'email' } });
  await expect(world.plan(match('nickname'))).rejects.toMatchObject({
    code: 'SYNC_INVALID',
    problems: [{ message: expect.stringContaining('several contacts may have the same nickname') }],
  });
  await expect(world.plan(match('no_such'))).rejects.toMatchObject({
    code: 'SYNC_INVALID',
    problems: [{ message: expect.stringContaining('HubSpot has no contacts property no_such to find records by') }],
  });
  const more = leadSync({ properties: [property('a', { column: 'tier' }), property('b', { column: 'tier' })] });
  await expect(world.plan(more)).rejects.toMatchObject({
    code: 'SYNC_INVALID',
    problems: [
      {
        message: expect.stringContaining(
          'HubSpot takes 1 more custom properties of contacts, and the sync makes 2: a, b',
        ),
      },
    ],
  });
  expect(world.hubspot.writes).toEqual([]);
});
