import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { slowWarehouse } from '../../support/slow-warehouse.ts';
import { leadSync, openSyncWorld, property, type SyncWorld, scoreProperty } from '../../support/sync-world.ts';
import { bob, TroubledLeads } from '../../support/troubled-leads.ts';

let world: SyncWorld;
let trouble: TroubledLeads;
beforeEach(async () => {
  world = await openSyncWorld();
  trouble = new TroubledLeads(world);
  trouble.addProperties();
  world.hubspot.addProperty('contacts', { name: 'lifecyclestage' });
});
afterEach(() => world.dispose());

const stage = property('lifecyclestage', { column: 'tier' });
const mirror = { mode: 'mirror', removed: 'clear', properties: [scoreProperty, stage] } as const;
const sync = leadSync(mirror);

/** HubSpot writes all but the lifecycle stages that others precede. @returns how to end that */
function keepStages(): () => void {
  const { write } = world.hubspot.records;
  const held = (id: string) => world.hubspot.stored('contacts').find((each) => each.id === id)?.properties;
  world.hubspot.records.write = async (request, signal) => {
    const wanted = request.records.map((record) => {
      const before = 'recordId' in record ? held(record.recordId)?.lifecyclestage : undefined;
      return {
        record,
        isKept: record.properties.lifecyclestage !== undefined && record.properties.lifecyclestage !== before,
      };
    });
    const records = wanted.map(({ record, isKept }) => {
      const { lifecyclestage: _, ...rest } = record.properties;
      return isKept ? { ...record, properties: rest } : record;
    });
    const outcomes = await write({ ...request, records } as typeof request, signal);
    const rejection = { category: 'LIFECYCLE_STAGE_KEPT', message: 'kept', property: 'lifecyclestage' };
    return outcomes.map((outcome, index) => (wanted[index]?.isKept ? { kind: 'rejected', rejection } : outcome));
  };
  return () => {
    world.hubspot.records.write = write;
  };
}

async function settle(): Promise<void> {
  for (const _ of [1, 2, 3]) await world.run(sync);
}

describe('a row whose lifecycle stage was kept, and that goes', () => {
  test.each([
    ['it was new', []],
    ['a value was new', [['1', 'ann@one.example', null, 'lead'] as const]],
  ])('is emptied, where %s', async (_, before) => {
    world.hubspot.seed('contacts', { email: 'ann@one.example' });
    await world.leads(...before, bob);
    await world.run(sync);
    await world.leads(['1', 'ann@one.example', 50, 'customer'], bob);
    const end = keepStages();
    expect(await world.run(sync)).toMatchObject({ rejected: 1 });
    end();
    expect(trouble.values('ann@one.example')).toMatchObject({ lead_score: '50' });
    await world.leads(bob);
    await settle();
    expect(trouble.values('ann@one.example')).toEqual({});
  });

  test('is emptied of the stage too that Scoreline had written before', async () => {
    await world.leads(['1', 'ann@one.example', 50, 'customer'], bob);
    await world.run(sync);
    await world.leads(['1', 'ann@one.example', 51, 'lead'], bob);
    const end = keepStages();
    expect(await world.run(sync)).toMatchObject({ rejected: 1 });
    end();
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '51', lifecyclestage: 'customer' });
    await world.leads(bob);
    await settle();
    expect(trouble.values('ann@one.example')).toEqual({});
  });

  test('is emptied, where the run died before it folded the ledger', async () => {
    world.hubspot.seed('contacts', { email: 'ann@one.example' });
    await world.leads(['1', 'ann@one.example', 50, 'lead'], bob);
    const end = keepStages();
    const warehouse = { ...slowWarehouse(world.warehouse, { secondsPerStatement: 0 }) };
    const { script } = warehouse;
    warehouse.script = (statements, options) =>
      options?.purpose?.startsWith('fold the ledger')
        ? Promise.reject(new Error('killed'))
        : script.call(warehouse, statements, options);
    await expect(world.run(sync, { warehouse })).rejects.toThrow('killed');
    end();
    expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50' });
    await world.leads(bob);
    await settle();
    expect(trouble.values('ann@one.example')).toEqual({});
  });
});

test('the record that a row left is emptied, also where its new one kept its stage and the emptying was put off', async () => {
  world.hubspot.seed('contacts', { email: 'ann@two.example', lifecyclestage: 'customer' });
  await world.leads(['1', 'ann@one.example', 50, 'lead'], bob);
  await world.run(sync);
  await world.leads(['1', 'ann@two.example', 50, 'lead'], bob);
  const adopting = leadSync({ ...mirror, properties: [scoreProperty, { ...stage, adopt: true }] });
  const end = keepStages();
  expect(await world.run(adopting, { maxRows: 1 })).toMatchObject({ rejected: 1, deferred: 1 });
  end();
  expect(trouble.values('ann@one.example')).toEqual({ lead_score: '50', lifecyclestage: 'lead' });
  await world.leads(['1', 'ann@two.example', 50, 'customer'], bob);
  await world.run(adopting);
  world.passHours(30);
  await world.run(adopting);
  expect(trouble.values('ann@one.example')).toEqual({});
});
